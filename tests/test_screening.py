"""What a text becomes on its way."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chatwarden.classes import Action, DataClass, Treatment
from chatwarden.clock import DAY, HOUR, MINUTE, SECOND
from chatwarden.config.model import Config
from chatwarden.config.parse import parse
from chatwarden.conversations.model import Conversation, Item, Message, MessageState, Source
from chatwarden.detection.scan import Scanner
from chatwarden.detection.stream import StreamGuard
from chatwarden.detection.wordstream import WordGuard
from chatwarden.screening import UNREADABLE, Screening, towards_person

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


def test_an_answer_lives_as_short_as_what_is_in_it_though_nothing_of_it_is_changed() -> None:
    rules = screening()
    guard = rules.guard("helpdesk")
    released = guard.whole("I see: you were diagnosed with diabetes, and this is what we can do for you.")
    assert "diabetes" in released
    assert rules.answer("helpdesk", guard, released, NOW)[2] <= NOW + DAY


def test_what_policy_hides_decides_how_much_of_an_answer_is_held_back() -> None:
    assert type(screening().guard("helpdesk")) is StreamGuard
    for treatment in ("mask", "remove", "hold", "block"):
        assert type(screening(f'[policy.class]\nperson-name = "{treatment}"\n').guard("helpdesk")) is WordGuard
    assert type(screening('[policy.class]\nperson-name = "placeholder"\n').guard("helpdesk")) is StreamGuard


def test_what_is_only_allowed_in_an_answer_is_told_and_shortens_its_life_whole_or_streamed() -> None:
    rules = screening()
    text = f"Dear Mrs Miller, we deliver to 12 Baker Street, London NW1 6XE. Your card {CARD} is valid. Bye."
    seen = []
    for size in (1, 7, 1_000):
        guard = rules.guard("helpdesk")
        released = "".join(guard.feed(text[at : at + size]) for at in range(0, len(text), size)) + guard.finish()
        seen.append(rules.answer("helpdesk", guard, released, NOW))
    guard = rules.guard("helpdesk")
    kept, items, dies_at = rules.answer("helpdesk", guard, guard.whole(text), NOW)
    assert seen == [(kept, items, dies_at)] * 3
    assert [(i.data_class, i.action, kept[i.start : i.end]) for i in items] == [
        (DataClass.PERSON_NAME, Action.ALLOWED, "Miller"),
        (DataClass.POSTAL_ADDRESS, Action.ALLOWED, "12 Baker Street, London NW1 6XE"),
        (DataClass.PAYMENT_CARD, Action.MASKED, "4111 11•• •••• 1111"),
    ]
    assert dies_at <= NOW + 15 * MINUTE


def test_what_a_stream_let_through_is_not_recorded() -> None:
    rules = screening()
    guard = rules.guard("helpdesk")
    guard.whole("hello")
    kept, items, _ = rules.answer("helpdesk", guard, "your cvv 123 is right", NOW)
    assert "123" not in kept
    assert [(i.data_class, i.action) for i in items] == [(DataClass.CARD_CODE, Action.REMOVED)]


@pytest.mark.parametrize("size", [1, 5, 1_000])
def test_what_is_blocked_ends_an_answer_and_nothing_behind_it_is_released(size: int) -> None:
    rules = screening('[policy.class]\niban = "block"\n')
    guard = rules.guard("helpdesk")
    text = "Of course. It is DE89 3704 0044 0532 0130 00 and that is all."
    released = "".join(guard.feed(text[at : at + size]) for at in range(0, len(text), size)) + guard.finish()
    assert guard.blocked is DataClass.IBAN
    assert released == "Of course. It is "
    assert rules.answer("helpdesk", guard, released, NOW)[0] == released
    again = rules.guard("helpdesk")
    assert (again.whole(text), again.blocked) == (released, DataClass.IBAN)


def test_an_answer_shows_contacts_and_masks_accounts() -> None:
    rules = screening()
    guard = rules.guard("helpdesk")
    released = guard.whole("Write to help@example.com or pay to DE89 3704 0044 0532 0130 00.")
    text, items, dies_at = rules.answer("helpdesk", guard, released, NOW)
    assert text == released
    assert dies_at <= NOW + HOUR
    assert "help@example.com" in text
    assert "3704" not in text
    assert {(i.data_class, i.action) for i in items} == {
        (DataClass.EMAIL, Action.ALLOWED),
        (DataClass.IBAN, Action.MASKED),
    }


@pytest.mark.parametrize("treatment", list(Treatment))
def test_nobody_is_asked_about_an_answer(treatment: Treatment) -> None:
    turned = towards_person({DataClass.EMAIL: treatment})[DataClass.EMAIL]
    assert turned not in {Treatment.HOLD, Treatment.PLACEHOLDER}


OBSERVED = '[bots.helpdesk]\nmode = "observe"\n'


def test_an_observed_bot_gets_what_was_typed_and_the_record_says_what_would_have_been_done() -> None:
    text = f"card {CARD} cvv 737, mail a@b.example [email-1]"
    screened = screening(OBSERVED).message(conversation(), text, 1, NOW)
    assert screened.bot_text == text
    assert not screened.hold
    assert CARD in screened.text
    assert "737" not in screened.text  # what is never written is not written here either
    assert [(i.data_class, i.action, i.would) for i in screened.items] == [
        (DataClass.PAYMENT_CARD, Action.ALLOWED, Action.MASKED),
        (DataClass.CARD_CODE, Action.REMOVED, Action.REMOVED),
        (DataClass.EMAIL, Action.ALLOWED, Action.PLACEHOLDER),
    ]
    assert screened.destroy_at <= NOW + 15 * MINUTE  # a lifetime is a promise of ours; it changes nobody's message


def test_an_observed_bot_holds_nothing_back_and_nobody_is_asked() -> None:
    rules = screening(OBSERVED + '[policy.class]\nemail = "hold"\n')
    assert not rules.message(conversation(), "a@b.example", 1, NOW).hold
    guard = rules.guard("helpdesk")
    assert [guard.feed("pay to DE89 3704 0044 "), guard.feed("0532 0130 00"), guard.finish()] == [
        "pay to DE89 3704 0044 ",
        "0532 0130 00",
        "",
    ]
    text, items, _ = rules.answer("helpdesk", guard, "pay to DE89 3704 0044 0532 0130 00", NOW)
    assert "3704" in text
    assert [(i.data_class, i.action, i.would) for i in items] == [(DataClass.IBAN, Action.ALLOWED, Action.MASKED)]


def test_an_observed_text_that_could_not_be_checked_passes_too() -> None:
    seen = Screening(Scanner(length_max=10), parse(OBSERVED)).message(conversation(), f"my card is {CARD}", 1, NOW)
    assert seen.bot_text == f"my card is {CARD}"
    assert seen.destroy_at <= NOW + 5 * MINUTE


ALLOWED = """[bots.helpdesk]
allow = [
  { value = "+49 30 901820", reason = "our hotline" },
  { value = "DE89 3704 0044 0532 0130 00", reason = "our account" },
  { value = "Help@Shop.example", reason = "our mail box" },
]
"""


def test_the_company_own_values_are_left_alone_and_shorten_no_life() -> None:
    rules = screening(ALLOWED)
    text = "Is 0049-30-901820 right? I pay to de89370400440532013000 and wrote to help@shop.example."
    screened = rules.message(conversation(), text, 1, NOW)
    assert (screened.text, screened.bot_text, screened.items) == (text, text, ())
    assert screened.destroy_at > NOW + 29 * DAY
    guard = rules.guard("helpdesk")
    assert guard.whole("Call +49 30 901820, pay to DE89 3704 0044 0532 0130 00.").count("3704") == 1


def test_what_is_not_on_the_list_is_treated_as_ever() -> None:
    text = "I am +49 30 901821, card 4111 1111 1111 1111"
    shown = screening(ALLOWED).message(conversation(), text, 1, NOW).bot_text
    assert "901821" not in shown
    assert "4111" not in shown


def test_codes_are_never_allowed() -> None:
    rules = screening('[bots.helpdesk]\nallow = [{ value = "hunter2", reason = "a joke" }]\n')
    assert "hunter2" not in rules.message(conversation(), "my password is hunter2", 1, NOW).text


def test_other_bots_keep_their_own_rules() -> None:
    rules = screening(OBSERVED)
    other = conversation()
    other.bot = "shop"
    assert "4111" not in rules.message(other, f"card {CARD}", 1, NOW).bot_text
    assert isinstance(rules.guard("shop"), StreamGuard)


def test_what_the_law_wants_kept_lives_longer_without_its_codes() -> None:
    rules = screening('[bots.helpdesk.keep]\ndefault = "400d"\niban = "1825d"\n')
    talk = conversation()
    plain = rules.message(talk, "hello", 1, NOW)
    assert NOW + 399 * DAY < plain.destroy_at <= NOW + 400 * DAY
    assert rules.message(talk, "DE89 3704 0044 0532 0130 00", 2, NOW).destroy_at > NOW + 1_824 * DAY
    with_code = rules.message(talk, f"card {CARD} cvv 737", 3, NOW)
    assert with_code.destroy_at > NOW + 399 * DAY
    assert "737" not in with_code.text
    guard = rules.guard("helpdesk")
    assert rules.answer("helpdesk", guard, guard.whole("hello"), NOW)[2] > NOW + 399 * DAY
    assert rules.calm_until("helpdesk", NOW) > NOW + 399 * DAY


def test_until_when_a_message_must_be_kept_follows_what_is_in_it() -> None:
    rules = screening('[bots.helpdesk.keep]\niban = "10d"\n')
    message = Message("msg", 1, Source.CLIENT, NOW, NOW + DAY, MessageState.LIVE, "x")
    assert rules.kept_until("helpdesk", message) == 0
    found = Item(DataClass.IBAN, 0, 1, Action.MASKED)
    assert rules.kept_until("helpdesk", replace(message, items=(found,))) == NOW + 10 * DAY


def test_what_opens_this_gateway_reaches_no_bot_though_secrets_are_allowed() -> None:
    token = "cws_" + "ab" * 32
    allowing = screening('[policy.class]\ncredential = "allow"\n')
    seen = [
        allowing.message(conversation(), f"see {token}", 1, NOW).bot_text,
        allowing.history(conversation(), f"see {token}", NOW),
        allowing.fetched(conversation(), f"see {token}", {DataClass.CREDENTIAL}, NOW),
        screening(OBSERVED).fetched(conversation(), f"see {token}", (), NOW),
    ]
    assert seen == ["see (a token of this gateway)"] * 4
