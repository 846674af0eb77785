"""What is sealed reads back as it was, from every version, and names its message."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwarden.classes import Action, DataClass
from chatwarden.conversations.model import Item, Source
from chatwarden.conversations.payload import associated_data, client_key, decode, encode

ITEMS = st.builds(
    Item,
    st.sampled_from(DataClass),
    st.integers(0, 1 << 20),
    st.integers(0, 1 << 20),
    st.sampled_from(Action),
    st.text(max_size=20),
    st.text(max_size=20),
    st.none() | st.sampled_from(Action),
)


@given(st.text(), st.lists(ITEMS, max_size=4).map(tuple), st.text(max_size=64), st.sampled_from(["", "Bea"]))
def test_what_was_encoded_is_decoded(text: str, items: tuple[Item, ...], client_id: str, author: str) -> None:
    assert decode(encode(text, items, client_id, author)) == (text, items, client_id, author)


def test_the_first_version_is_written_where_nothing_was_observed_and_stays_readable() -> None:
    """A vector: rows of this form lie in homes."""
    data = bytes.fromhex("9401a2686991" + "96a5656d61696c0001ab706c616365686f6c646572a0a0" + "a0")
    assert decode(data) == ("hi", (Item(DataClass.EMAIL, 0, 1, Action.PLACEHOLDER),), "", "")
    assert encode("hi", (Item(DataClass.EMAIL, 0, 1, Action.PLACEHOLDER),), "") == data


@pytest.mark.parametrize("data", [b"", b"\x94", b"\x94\x02\xa0\x91\x90\xa0", b"junk" * 9])
def test_what_is_no_payload_is_refused(data: bytes) -> None:
    with pytest.raises((msgspec.ValidationError, msgspec.DecodeError)):
        decode(data)


def test_the_associated_data_differ_wherever_a_message_differs() -> None:
    base = (1, 2, Source.CLIENT, 3, 4)
    others = [(9, 2, Source.CLIENT, 3, 4), (1, 9, Source.CLIENT, 3, 4), (1, 2, Source.BOT, 3, 4),
              (1, 2, Source.CLIENT, 9, 4), (1, 2, Source.CLIENT, 3, 9)]  # fmt: skip
    assert len({associated_data(*one) for one in (base, *others)}) == 6


def test_a_client_key_depends_on_home_conversation_and_id() -> None:
    key = client_key(b"k" * 32, 1, "one")
    assert key is not None
    assert (
        len({key, client_key(b"l" * 32, 1, "one"), client_key(b"k" * 32, 2, "one"), client_key(b"k" * 32, 1, "two")})
        == 4
    )
    assert client_key(b"k" * 32, 1, "") is None
