"""What a person is told of what was done with their message: one calm line, from what was found in it. Pure.

Every word of it stands here. It names kinds of data, never a value.
"""

from __future__ import annotations

from chatwarden.classes import Action, DataClass
from chatwarden.conversations.model import Message

NAMES: dict[DataClass, str] = {
    DataClass.PAYMENT_CARD: "card number",
    DataClass.CARD_CODE: "card security code",
    DataClass.IBAN: "IBAN",
    DataClass.BANK_ACCOUNT: "bank account number",
    DataClass.NATIONAL_ID: "identity number",
    DataClass.PASSPORT: "passport number",
    DataClass.DRIVER_LICENCE: "driving licence number",
    DataClass.PHONE: "phone number",
    DataClass.EMAIL: "e-mail address",
    DataClass.POSTAL_ADDRESS: "postal address",
    DataClass.PERSON_NAME: "name",
    DataClass.DATE_OF_BIRTH: "date of birth",
    DataClass.IP_ADDRESS: "IP address",
    DataClass.MAC_ADDRESS: "device address",
    DataClass.CRYPTO_WALLET: "wallet address",
    DataClass.CREDENTIAL: "password or key",
    DataClass.HEALTH: "health detail",
    DataClass.LOCATION: "location",
    DataClass.URL: "web address",
}
_HIDDEN = "The bot does not see your {}."
_REMOVED = "Your {} was not kept."
_HELD = "Your message waits until you release it or take it back: there is {} in it."
_EARLIER = "An earlier message was part of it and ends sooner now."
_STOPPED = "The answer ends here: this bot may not say what comes next ({})."
_REFUSED = "Your message was not sent and not kept: this bot does not take {}."


def told(message: Message, *, rewritten: bool = False) -> str:
    """The line, empty where nothing was done. ``rewritten``: earlier messages turned out to be part of it."""
    lines = [
        line.format((_one_of if line is _HELD else _listed)(found, word))
        for line, word, actions in (
            (_HELD, "and", {Action.HELD}),
            (_HIDDEN, "and", {Action.MASKED, Action.PLACEHOLDER}),
            (_REMOVED, "and", {Action.REMOVED}),
        )
        if (found := {item.data_class for item in message.items if item.action in actions})
    ]
    return " ".join([*lines, _EARLIER] if rewritten else lines)


def refused(classes: set[DataClass]) -> str:
    """The line about a message that was not taken."""
    return _REFUSED.format(_one_of(classes, "or"))


def stopped(data_class: DataClass) -> str:
    """The line about an answer that ended there."""
    return _STOPPED.format(NAMES[data_class])


def _listed(classes: set[DataClass], word: str) -> str:
    *first, last = (name for data_class, name in NAMES.items() if data_class in classes)
    return f"{', '.join(first)} {word} {last}" if first else last


def _one_of(classes: set[DataClass], word: str) -> str:
    listed = _listed(classes, word)
    return f"{'an' if listed[0] in 'aeioIE' else 'a'} {listed}"
