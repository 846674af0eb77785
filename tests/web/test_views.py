"""How the nouns look from outside: what a screen may see, under the names of the contract."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
import pytest

from chatwarden.bots.notice import Lifetimes, Notice
from chatwarden.challenge import Challenge, Purpose
from chatwarden.classes import Action, DataClass
from chatwarden.clock import MINUTE, SECOND
from chatwarden.conversations.model import Conversation, Item, Message, MessageState, Receipt, Source
from chatwarden.principal import Kind, Principal, Role
from chatwarden.web.views import (
    challenge_view,
    conversation_view,
    extension,
    message_view,
    principal_view,
    receipt_view,
    session_view,
)
from tests.world.house import House
from tests.world.people import RP

NOW = 1_800_000_000 * SECOND + 123_456
AT = "2027-01-15T08:00:00.123Z"
CARD = "4111 1111 1111 1111"
MASK = "4111 11•• •••• 1111"
CARD_ITEM = Item(DataClass.PAYMENT_CARD, 5, 24, Action.MASKED, "[payment-card-1]", MASK)


def shown(view: object) -> Any:
    return msgspec.to_builtins(view)


def message(state: MessageState = MessageState.LIVE, *items: Item, **more: Any) -> Message:
    return Message(
        "msg_1", 3, Source.CLIENT, NOW, NOW + MINUTE, state, f"card {CARD} and a@b.example", items, **more
    )  # fmt: skip


def test_a_message_is_shown_with_masks_and_offsets_in_what_is_shown() -> None:
    mail = Item(DataClass.EMAIL, 29, 40, Action.PLACEHOLDER, "[email-1]")
    assert shown(message_view(message(MessageState.LIVE, CARD_ITEM, mail, client_id="one"), "msg_0")) == {
        "id": "msg_1", "from": "client", "at": AT, "destroy_at": "2027-01-15T08:01:00.123Z", "state": "live",
        "text": f"card {MASK} and a@b.example", "client_id": "one", "reply_to": "msg_0",
        "findings": [
            {"class": "payment-card", "start": 5, "end": 24, "action": "masked"},
            {"class": "email", "start": 29, "end": 40, "action": "placeholder"},
        ],
    }  # fmt: skip


def test_neither_a_placeholder_nor_what_is_kept_inside_goes_out() -> None:
    told = msgspec.json.encode(message_view(message(MessageState.HELD, CARD_ITEM, commitment="c0ffee", where=NOW)))
    for inside in (CARD, "[payment-card-1]", "c0ffee", "bucket", "seq"):
        assert inside.encode() not in told


def test_what_was_only_observed_says_what_would_have_been_done() -> None:
    item = Item(DataClass.EMAIL, 29, 40, Action.ALLOWED, would=Action.PLACEHOLDER)
    (finding,) = shown(message_view(message(MessageState.LIVE, item)))["findings"]
    assert (finding["action"], finding["would"]) == ("allowed", "placeholder")


def test_a_tombstone_has_no_text_and_no_findings_whatever_is_still_in_memory() -> None:
    assert shown(message_view(message(MessageState.DESTROYED, CARD_ITEM))) == {
        "id": "msg_1", "from": "client", "at": AT, "destroy_at": "2027-01-15T08:01:00.123Z", "state": "destroyed",
    }  # fmt: skip


def test_a_message_without_findings_says_so() -> None:
    assert shown(message_view(message()))["findings"] == []


def test_a_conversation_names_its_bot_and_what_its_people_are_told() -> None:
    talk = Conversation(1, "cnv_1", "shop", "usr_1", "usr_1", "bot", NOW)
    told = {"id": "cnv_1", "bot": "shop", "owner": "usr_1", "state": "bot"}
    assert shown(conversation_view(talk)) == told
    lives = Lifetimes(60, {DataClass.IBAN: 30}, kept=False)
    notice = Notice("a machine", "we keep nothing", False, lives, ("machine",))  # fmt: skip
    assert shown(conversation_view(talk, notice)) == {
        **told, "notice": {
            "machine": "a machine", "privacy": "we keep nothing", "protects": False, "made": ["machine"],
            "lifetimes": {"default": 60, "classes": {"iban": 30}, "kept": False},
        },
    }  # fmt: skip


def test_a_principal_a_receipt_and_a_challenge() -> None:
    anna = Principal("usr_1", Kind.PERSON, "anna", (Role.CUSTOMER,))
    assert shown(principal_view(anna)) == {"id": "usr_1", "kind": "person", "name": "anna", "roles": ["customer"]}
    assert shown(receipt_view(Receipt("msg_1", NOW, "person", "aud_1"))) == {
        "id": "msg_1", "destroyed_at": AT, "reason": "person", "receipt": "aud_1",
    }  # fmt: skip
    asked = Challenge("chl_1", Purpose.STILL_THERE, ("tap",), NOW, 2)
    told = {
        "id": "chl_1", "purpose": "still-there", "kind": "tap", "expires_at": AT, "attempts_left": 2, "kinds": ["tap"],
    }  # fmt: skip
    assert shown(challenge_view(asked, RP)) == told
    assert shown(challenge_view(replace(asked, attempts_left=-3), RP))["attempts_left"] == 0


def test_a_question_that_a_passkey_answers_brings_what_the_browser_needs() -> None:
    asked = Challenge("chl_1", Purpose.STEP_UP, ("passkey", "totp"), NOW, 3)
    view = shown(challenge_view(asked, RP))
    assert view["kinds"] == ["passkey", "totp"]
    assert view["passkey"] == {
        "challenge": "Y2hsXzE", "rpId": "localhost", "allowCredentials": [], "userVerification": "required",
        "timeout": 120_000,
    }  # fmt: skip


@pytest.mark.parametrize("value", ["idle", None, 3, ("a", 1), (1, 2, 3)])
def test_an_extension_that_is_no_noun_stays_as_it_is(value: object) -> None:
    assert extension(value, RP) is value


def test_a_challenge_among_extensions_is_shown_as_one() -> None:
    asked = Challenge("chl_1", Purpose.STILL_THERE, ("password",), NOW, 3)
    assert extension(asked, RP) == challenge_view(asked, RP)


async def test_a_session_shows_its_deadlines_and_its_question_while_it_has_one(house: House) -> None:
    sessions, clock = house.node.services.sessions, house.clock
    session, token = await sessions.visitor(clock.now())
    view = shown(session_view(sessions, session, clock.now(), RP))
    assert (view["state"], view["assurance"]["factors"]) == ("active", [])
    assert view["principal"]["kind"] == "visitor"
    assert set(view) == {"id", "principal", "state", "idle_deadline", "absolute_deadline", "now", "assurance"}
    assert token not in str(view)
    clock.advance(14 * MINUTE)
    asked = shown(session_view(sessions, session, clock.now(), RP))
    assert (asked["state"], asked["challenge"]["purpose"]) == ("prompted", "still-there")
    assert asked["challenge"]["expires_at"] == asked["idle_deadline"] == view["idle_deadline"]
    clock.advance(MINUTE)
    ended = shown(session_view(sessions, session, clock.now(), RP))
    assert ended["state"] == "ended"
    assert "challenge" not in ended
