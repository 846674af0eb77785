"""What this gateway hands out is known by its shape, wherever it stands, and nothing else is."""

from __future__ import annotations

import pytest

from chatwarden import tokens
from chatwarden.bots.accounts.model import SECRET_PREFIX, TOKEN_PREFIX
from chatwarden.bots.turns import TURN_PREFIX
from chatwarden.sessions.service import TOKEN_PREFIX as SESSION_PREFIX

BITS = "0123456789abcdef" * 4
SESSION, BOT, TURN, SECRET = (prefix + BITS for prefix in (SESSION_PREFIX, TOKEN_PREFIX, TURN_PREFIX, SECRET_PREFIX))
ID = "bin_" + BITS[:32]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (SESSION, tokens.PERSON),
        (BOT, tokens.BOT),
        (TURN, tokens.TURN),
        (SECRET, tokens.BOT_SECRET),
        (ID, tokens.BOT_ID),
    ],
)
def test_every_kind_is_known_by_its_prefix(text: str, kind: str) -> None:
    assert tokens.kinds(text) == {kind}


def test_a_token_is_found_in_the_middle_of_a_text_and_an_id_only_alone() -> None:
    assert tokens.kinds(f"Bearer {SESSION}, Bearer {BOT}") == {tokens.PERSON, tokens.BOT}
    assert tokens.first(f"it is {BOT}!") == BOT
    assert tokens.kinds(f"client {ID}") == frozenset()


@pytest.mark.parametrize("text", ["", "cws_", SESSION[:-1], SESSION + "0", SESSION.upper(), "cwx_" + BITS, ID + "0"])
def test_what_only_looks_like_it_is_none(text: str) -> None:
    assert (tokens.kinds(text), tokens.first(text)) == (frozenset(), "")


@pytest.mark.parametrize(
    ("values", "is_mixed"),
    [
        ([SESSION, BOT], True),
        ([SESSION, SECRET], True),
        ([SESSION, ID], True),
        ([f"{SESSION},{BOT}"], True),
        ([SESSION, SESSION], False),
        ([BOT, ID, SECRET], False),
        ([BOT, TURN], False),  # what a broker wants
        ([SESSION, TURN], False),
        ([], False),
    ],
)
def test_a_persons_and_a_bots_are_a_mix(values: list[str], is_mixed: bool) -> None:
    assert tokens.mixed(values) is is_mixed


def test_a_text_without_them_is_the_same_text_otherwise() -> None:
    assert tokens.without(f"a {SESSION} b {SECRET} c", "-") == "a - b - c"
    assert tokens.without("cwd is a folder", "-") == "cwd is a folder"
