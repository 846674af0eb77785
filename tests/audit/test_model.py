"""The stored form begins with its version and reads back; event names never change."""

import msgspec
import pytest

from chatwarden.audit.model import Entry, Event, Lane, decode, encode

ENTRY = Entry(id="aud_1", at=7, lane=Lane.BOT, event=Event.MESSAGE_ANSWERED, actor="shop", cause="aud_0", late=True)


def test_an_entry_begins_with_its_version_and_reads_back() -> None:
    data = encode(ENTRY)
    assert data.startswith(b'{"v":1,"id":"aud_1"')
    assert decode(data) == ENTRY
    assert b"decision" not in data  # what is as usual is not said


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b'{"v":1,"id":"a","at":1,"lane":"other","event":"x","actor":"a"}'])
def test_what_is_no_entry_is_refused(data: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        decode(data)


def test_every_event_is_an_object_and_a_verb() -> None:
    assert all(len(event.value.split(":")) == 2 for event in Event)
    assert len({event.value for event in Event}) == len(Event)
