"""Data classes: what personal data is called here, how long it may live and what is done with it by default.

The names are those of the public contract, section 5. Lifetimes follow the policy table of the house (strictest class
wins); an operator may change both in ``[retention.class]`` and ``[policy.class]``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from chatwarden.clock import DAY, HOUR, MINUTE, Duration


class DataClass(StrEnum):
    """A kind of personal data or secret."""

    PAYMENT_CARD = "payment-card"
    CARD_CODE = "card-code"
    IBAN = "iban"
    BANK_ACCOUNT = "bank-account"
    NATIONAL_ID = "national-id"
    PASSPORT = "passport"
    DRIVER_LICENCE = "driver-licence"
    PHONE = "phone"
    EMAIL = "email"
    POSTAL_ADDRESS = "postal-address"
    PERSON_NAME = "person-name"
    DATE_OF_BIRTH = "date-of-birth"
    IP_ADDRESS = "ip-address"
    MAC_ADDRESS = "mac-address"
    CRYPTO_WALLET = "crypto-wallet"
    CREDENTIAL = "credential"
    HEALTH = "health"
    LOCATION = "location"
    URL = "url"


class Treatment(StrEnum):
    """What the operator wants done with a class."""

    ALLOW = "allow"  # passes as it is
    PLACEHOLDER = "placeholder"  # the person sees it, the bot sees a placeholder
    MASK = "mask"  # screens see a mask, the bot sees a placeholder
    REMOVE = "remove"  # never stored: everybody, the record included, has the mask only
    HOLD = "hold"  # as mask, and the person is asked before the message goes on
    BLOCK = "block"  # the message is refused: nothing of it is stored or sent


class Action(StrEnum):
    """What was done with one finding, as told in a message (contract, section 3)."""

    ALLOWED = "allowed"
    MASKED = "masked"
    PLACEHOLDER = "placeholder"
    HELD = "held"
    REMOVED = "removed"
    BLOCKED = "blocked"  # only as what would have been done: of what is blocked there is no message


@dataclass(frozen=True, slots=True)
class Finding:
    """A span of text that is personal data. ``start`` and ``end`` are code points; ``score`` is 0 to 1."""

    data_class: DataClass
    start: int
    end: int
    score: float


# Lifetime 0 means "never": such text is not written, not even encrypted.
DEFAULT_LIFETIME: dict[DataClass, Duration] = {
    DataClass.PAYMENT_CARD: 15 * MINUTE,
    DataClass.CARD_CODE: 0,
    DataClass.IBAN: 1 * HOUR,
    DataClass.BANK_ACCOUNT: 1 * HOUR,
    DataClass.NATIONAL_ID: 1 * HOUR,
    DataClass.PASSPORT: 1 * HOUR,
    DataClass.DRIVER_LICENCE: 1 * HOUR,
    DataClass.LOCATION: 1 * HOUR,
    DataClass.CREDENTIAL: 5 * MINUTE,
    DataClass.HEALTH: 1 * DAY,
    DataClass.DATE_OF_BIRTH: 1 * DAY,
    DataClass.POSTAL_ADDRESS: 7 * DAY,
    DataClass.IP_ADDRESS: 7 * DAY,
    DataClass.MAC_ADDRESS: 7 * DAY,
    DataClass.CRYPTO_WALLET: 7 * DAY,
    DataClass.PHONE: 30 * DAY,
    DataClass.EMAIL: 30 * DAY,
    DataClass.PERSON_NAME: 30 * DAY,
    DataClass.URL: 30 * DAY,
}

DEFAULT_TREATMENT: dict[DataClass, Treatment] = {
    DataClass.PAYMENT_CARD: Treatment.MASK,
    DataClass.CARD_CODE: Treatment.REMOVE,
    DataClass.IBAN: Treatment.MASK,
    DataClass.BANK_ACCOUNT: Treatment.MASK,
    DataClass.NATIONAL_ID: Treatment.MASK,
    DataClass.PASSPORT: Treatment.MASK,
    DataClass.DRIVER_LICENCE: Treatment.MASK,
    DataClass.LOCATION: Treatment.PLACEHOLDER,
    DataClass.CREDENTIAL: Treatment.REMOVE,
    DataClass.HEALTH: Treatment.ALLOW,
    DataClass.DATE_OF_BIRTH: Treatment.PLACEHOLDER,
    DataClass.POSTAL_ADDRESS: Treatment.PLACEHOLDER,
    DataClass.IP_ADDRESS: Treatment.PLACEHOLDER,
    DataClass.MAC_ADDRESS: Treatment.PLACEHOLDER,
    DataClass.CRYPTO_WALLET: Treatment.MASK,
    DataClass.PHONE: Treatment.PLACEHOLDER,
    DataClass.EMAIL: Treatment.PLACEHOLDER,
    DataClass.PERSON_NAME: Treatment.PLACEHOLDER,
    DataClass.URL: Treatment.ALLOW,
}

# Classes that contract section 5 calls "never": no setting may store them.
NEVER: frozenset[DataClass] = frozenset(c for c, life in DEFAULT_LIFETIME.items() if life == 0)
# The treatments under which nothing of a value is written.
UNWRITTEN: frozenset[Treatment] = frozenset({Treatment.REMOVE, Treatment.BLOCK})
# Of these the record holds the mask only: no allow-list, no observing and no retention changes that.
SECRETS: frozenset[DataClass] = NEVER | {DataClass.CREDENTIAL}

# Contract section 6: the keys of such a message need a share that only the keeper holds (erasure level E3).
STRICT: frozenset[DataClass] = frozenset(
    {
        DataClass.PAYMENT_CARD, DataClass.NATIONAL_ID, DataClass.IBAN, DataClass.BANK_ACCOUNT, DataClass.PASSPORT,
        DataClass.CREDENTIAL,
    }
)  # fmt: skip
