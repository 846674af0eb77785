"""The token space of one conversation: which placeholder stands for which value, and in which messages that value lives.

The same value is the same placeholder while a message that holds it lives; afterwards it gets a new one, because a
name is built from the sequence number of the message that first used it and such numbers never return. No value is
kept: a value is a hash under a key of this object only, a name leads to messages, and what it stands for is read there.
"""

from __future__ import annotations

import hashlib
import os

from chatwarden.classes import DataClass
from chatwarden.clock import Instant
from chatwarden.ids import Randomness

# Numbers: written with other spaces or dashes they are the same. Of what follows, every character counts, and its case.
_NUMBERS = frozenset(
    {
        DataClass.PAYMENT_CARD, DataClass.CARD_CODE, DataClass.IBAN, DataClass.BANK_ACCOUNT, DataClass.NATIONAL_ID,
        DataClass.PASSPORT, DataClass.DRIVER_LICENCE, DataClass.PHONE, DataClass.MAC_ADDRESS,
    }
)  # fmt: skip
_EXACT = frozenset({DataClass.URL, DataClass.CREDENTIAL, DataClass.CRYPTO_WALLET})
NOWHERE = 0  # the place of a value that no message holds; messages begin at 1


class TokenSpace:
    """Names values. One conversation, one object."""

    __slots__ = ("_homes", "_key", "_names", "_next", "_seq")

    def __init__(self, random: Randomness = os.urandom) -> None:
        self._key = random(16)
        self._names: dict[bytes, str] = {}
        self._homes: dict[str, dict[int, Instant]] = {}  # of a name: the messages that hold its value, until when
        self._seq, self._next = NOWHERE, dict[DataClass, int]()  # how many names were built from the last number

    def name(
        self, data_class: DataClass, value: str, *, seq: int, dies_at: Instant, now: Instant, home: int | None = None
    ) -> str:
        """The placeholder of *value*, which the message *home* (*seq*, if not given) holds until it dies. A new name is
        built from *seq*, a number under which nothing was named before this message.
        """
        digest = self._digest(data_class, value)
        name = self._names.get(digest, "")
        if not self.homes(name, now, nowhere=True):
            if seq != self._seq:
                self._seq, self._next = seq, {}
            nth = self._next.get(data_class, 0)
            while (name := _name(data_class, seq, nth)) in self._homes:
                nth += 1
            self._next[data_class] = nth + 1
            self._names[digest] = name
        self._live(name, seq if home is None else home, dies_at)
        return name

    def restore(self, data_class: DataClass, value: str, name: str, *, seq: int, dies_at: Instant) -> None:
        """Puts back what the live message *seq* says: its value is called *name*."""
        self._names[self._digest(data_class, value)] = name
        self._live(name, seq, dies_at)

    def _live(self, name: str, home: int, dies_at: Instant) -> None:
        homes = self._homes.setdefault(name, {})
        homes[home] = max(dies_at, homes.get(home, 0))

    def homes(self, name: str, now: Instant, *, nowhere: bool = False) -> list[int]:
        """The messages that hold the value of *name* now, the one that lives longest first."""
        homes = self._homes.get(name, {})
        living = [home for home, dies_at in homes.items() if dies_at > now and (nowhere or home != NOWHERE)]
        return sorted(living, key=lambda home: -homes[home])

    def known(self, now: Instant) -> frozenset[str]:
        """Every name whose value can be read now."""
        return frozenset(name for name in self._homes if self.homes(name, now))

    def forget(self, seq: int) -> None:
        """The message *seq* is gone."""
        for homes in self._homes.values():
            homes.pop(seq, None)
        self._drop()

    def expire(self, now: Instant) -> None:
        """Forgets the names of values whose messages are gone."""
        for homes in self._homes.values():
            for home in [home for home, dies_at in homes.items() if dies_at <= now]:
                del homes[home]
        self._drop()

    def _drop(self) -> None:
        gone = {name for name, homes in self._homes.items() if not homes}
        if gone:
            self._homes = {name: homes for name, homes in self._homes.items() if name not in gone}
            self._names = {digest: name for digest, name in self._names.items() if name not in gone}

    def __len__(self) -> int:
        return len(self._homes)

    def _digest(self, data_class: DataClass, value: str) -> bytes:
        plain = _plain(data_class, value)
        text = f"{data_class.value}\0{plain}".encode("utf-8", "surrogatepass")
        return hashlib.blake2b(text, digest_size=16, key=self._key).digest()


def _plain(data_class: DataClass, value: str) -> str:
    """What two ways to write one value have in common, and two values never: one's mail must not go to the other."""
    if data_class in _EXACT:
        return value
    if data_class in _NUMBERS:
        return "".join(c for c in value if c.isalnum()).casefold()
    return " ".join(value.split()).casefold()


def _name(data_class: DataClass, seq: int, nth: int) -> str:
    suffix = ""
    while nth:
        nth, letter = divmod(nth - 1, 25)
        suffix = chr(ord("b") + letter) + suffix
    return f"[{data_class.value}-{seq}{suffix}]"
