"""What a text becomes on its way."""

from __future__ import annotations

import pytest

from chatwarden.classes import Action, DataClass, Treatment
from chatwarden.clock import MINUTE, SECOND
from chatwarden.config.model import Config
from chatwarden.config.parse import parse
from chatwarden.conversations.model import Conversation
from chatwarden.detection.scan import Scanner
from chatwarden.screening import UNREADABLE, Screening, answer_items, towards_person

SCANNER = Scanner()
CARD = "4111 1111 1111 1111"
NOW = 1_800_000_000 * SECOND


def screening(toml: str = "") -> Screening:
    return Screening(SCANNER, parse(toml) if toml else Config())


def conversation() -> Conversation:
    return Conversation(1, "cnv_" + "0" * 32, "helpdesk", "vis_1", "vis_1", "bot", NOW)


def test_the_bot_gets_a_placeholder_and_the_record_what_may_be_kept() -> None:
    screened = screening().message(conversation(), f"card {CARD} cvv 737", 4, NOW)
    assert screened.bot_text == "card [payment-card-4] cvv [card code hidden]"
    assert CARD in screened.text
    assert "737" not in screened.text
    assert [item.action for item in screened.items] == [Action.MASKED, Action.REMOVED]
    assert screened.destroy_at <= NOW + 15 * MINUTE


def test_a_clean_text_stays_as_it_is() -> None:
    screened = screening().message(conversation(), "hello", 1, NOW)
    assert (screened.text, screened.bot_text, screened.items, screened.hold) == ("hello", "hello", (), False)


def test_a_text_that_could_not_be_checked_never_reaches_the_bot() -> None:
    strict = Screening(Scanner(length_max=10), Config())
    screened = strict.message(conversation(), f"my card is {CARD}", 1, NOW)
    assert screened.bot_text == UNREADABLE
    assert screened.destroy_at <= NOW + 5 * MINUTE


def test_hold_asks_first() -> None:
    assert screening('[policy.class]\nemail = "hold"\n').message(conversation(), "a@b.example", 1, NOW).hold


def test_history_shares_the_token_space() -> None:
    talk, rules = conversation(), screening()
    first = rules.message(talk, f"card {CARD}", 1, NOW).bot_text
    assert rules.history(talk, f"it was {CARD}", NOW) == first.replace("card [", "it was [", 1)


def test_an_answer_shows_contacts_and_masks_accounts() -> None:
    guard = screening().guard()
    text = guard.whole("Write to help@example.com or pay to DE89 3704 0044 0532 0130 00.")
    assert "help@example.com" in text
    assert "3704" not in text
    assert {(i.data_class, i.action) for i in answer_items(guard, text)} == {
        (DataClass.EMAIL, Action.ALLOWED),
        (DataClass.IBAN, Action.MASKED),
    }


@pytest.mark.parametrize("treatment", list(Treatment))
def test_nobody_is_asked_about_an_answer(treatment: Treatment) -> None:
    turned = towards_person({DataClass.EMAIL: treatment})[DataClass.EMAIL]
    assert turned not in {Treatment.HOLD, Treatment.PLACEHOLDER}
