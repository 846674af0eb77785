"""The stored form is canonical and reads back; event names never change."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwarden.audit.model import ENTRY_MAX, Entry, Event, Lane, Ocsf, TooLong, decode, encode

ENTRY = Entry(
    v=2, id="aud_1", at=7, lane=Lane.BOT, event=Event.MESSAGE_ANSWERED, actor="shop", cause="aud_0", late=True
)


def test_an_entry_is_sorted_json_and_reads_back() -> None:
    data = encode(ENTRY)
    assert data == (
        b'{"actor":"shop","at":7,"cause":"aud_0","event":"message:answered","id":"aud_1","lane":"bot","late":true,"v":2}'
    )
    assert decode(data) == ENTRY  # what is as usual is not said


def test_an_entry_of_the_first_version_is_read() -> None:
    first = b'{"v":1,"id":"aud_1","at":7,"lane":"bot","event":"message:answered","actor":"shop","late":true}'
    entry = decode(first)
    assert (entry.v, entry.id, entry.late, entry.ocsf, entry.act) == (1, "aud_1", True, None, ())


@given(st.text(st.characters(exclude_categories=["Cs"])), st.lists(st.text('aé\x00\x1f"\\'), max_size=3))
def test_the_stored_form_is_that_of_rfc_8785(reason: str, act: list[str]) -> None:
    entry = Entry(
        v=2, id="aud_1", at=2**53 - 1, lane=Lane.BOT, event=Event.BOT_FAILED, actor="é", ocsf=Ocsf(2, 1),
        reason=reason, act=tuple(act), object="o", decision="deny", commitment="c", detail="d", session="s",
        resource="r", cause="x", late=True,
    )  # fmt: skip
    # Python's encoder writes what the RFC wants for names in ASCII and whole numbers.
    like = json.dumps(json.loads(encode(entry)), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert encode(entry) == like.encode()


def test_an_entry_that_is_longer_than_a_leaf_may_be_is_refused() -> None:
    room = ENTRY_MAX - len(encode(msgspec.structs.replace(ENTRY, reason="x"))) + 1
    assert len(encode(msgspec.structs.replace(ENTRY, reason="x" * room))) == ENTRY_MAX
    with pytest.raises(TooLong):
        encode(msgspec.structs.replace(ENTRY, reason="x" * (room + 1)))


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b'{"v":1,"id":"a","at":1,"lane":"other","event":"x","actor":"a"}'])
def test_what_is_no_entry_is_refused(data: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        decode(data)


def test_an_event_of_a_later_program_is_read_by_its_name_and_is_none_of_ours() -> None:
    written = encode(ENTRY).replace(ENTRY.event.value.encode(), b"robot:hugged")
    read = decode(written)
    assert (read.event.value, str(read.event), encode(read)) == ("robot:hugged", "robot:hugged", written)
    assert read.event not in list(Event)
    with pytest.raises(msgspec.ValidationError):
        decode(encode(ENTRY).replace(ENTRY.event.value.encode(), b"Robot hugged"))


def test_every_event_is_an_object_and_a_verb() -> None:
    assert all(len(event.value.split(":")) == 2 for event in Event)
    assert len({event.value for event in Event}) == len(Event)
