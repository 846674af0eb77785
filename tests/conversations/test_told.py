"""What a person is told."""

import pytest

from chatwarden.classes import Action, DataClass
from chatwarden.conversations.model import Item, Message, MessageState, Source
from chatwarden.conversations.told import NAMES, refused, stopped, told

MASKED, REMOVED, HELD, PLACEHOLDER = Action.MASKED, Action.REMOVED, Action.HELD, Action.PLACEHOLDER
CARD, CODE, EMAIL, NAME = DataClass.PAYMENT_CARD, DataClass.CARD_CODE, DataClass.EMAIL, DataClass.PERSON_NAME


def message(*found: tuple[DataClass, Action]) -> Message:
    items = tuple(Item(data_class, 0, 1, action, mask="m") for data_class, action in found)
    return Message("msg_", 1, Source.CLIENT, 0, 1, MessageState.LIVE, "x", items)


@pytest.mark.parametrize(
    ("found", "line"),
    [
        ([], ""),
        ([(DataClass.URL, Action.ALLOWED)], ""),
        ([(CARD, MASKED)], "The bot does not see your card number."),
        ([(EMAIL, PLACEHOLDER), (CARD, MASKED)], "The bot does not see your card number and e-mail address."),
        ([(EMAIL, PLACEHOLDER), (NAME, PLACEHOLDER), (CARD, MASKED)],
         "The bot does not see your card number, e-mail address and name."),
        ([(CARD, MASKED), (CODE, REMOVED)], "The bot does not see your card number. Your card security code was not kept."),
        ([(CARD, HELD)], "Your message waits until you release it or take it back: there is a card number in it."),
    ],
)  # fmt: skip
def test_one_calm_line_says_what_was_done(found: list[tuple[DataClass, Action]], line: str) -> None:
    assert told(message(*found)) == line


def test_it_says_that_an_earlier_message_ends_sooner() -> None:
    line = told(message((CARD, MASKED)), rewritten=True)
    assert line == "The bot does not see your card number. An earlier message was part of it and ends sooner now."


def test_it_says_what_a_bot_does_not_take() -> None:
    assert refused({CARD, CODE}) == (
        "Your message was not sent and not kept: this bot does not take a card number or card security code."
    )
    assert refused({DataClass.IBAN}).endswith("this bot does not take an IBAN.")


@pytest.mark.parametrize("data_class", DataClass)
def test_every_class_has_a_name_that_people_know(data_class: DataClass) -> None:
    assert NAMES[data_class].isascii()
    assert data_class.value not in NAMES[data_class] or "-" not in data_class.value


def test_it_says_why_an_answer_ends() -> None:
    assert stopped(CARD) == "The answer ends here: this bot may not say what comes next (card number)."
