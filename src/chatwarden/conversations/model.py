"""Conversations, messages and what they need from those who seal."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple, Protocol

from chatwarden.classes import Action, DataClass
from chatwarden.clock import Duration, Instant
from chatwarden.conversations.tokens import TokenSpace

SAID_MAX = 16
# Internal notes have places of their own behind all others, so that what is meant for the person's eyes ends before them.
NOTES, PLACES = 1 << 48, 1 << 62


class Source(StrEnum):
    """Who wrote a message."""

    CLIENT = "client"
    BOT = "bot"
    AGENT = "agent"
    SYSTEM = "system"
    NOTE = "note"  # of an agent, for agents; no view of the person's has it


Where = tuple[Instant, int, int]
"""Bucket, page and index: where the key of a payload is."""


class MessageState(StrEnum):
    """Where a message stands."""

    LIVE = "live"
    HELD = "held"
    DESTROYED = "destroyed"


@dataclass(frozen=True, slots=True)
class Item:
    """A finding as it is kept with its message: a span of the recorded text, what was done, the placeholder that the
    bot sees in its place and the mask that screens see (each empty where the text itself is seen). ``would``: what
    would have been done, had the bot not only been observed.
    """

    data_class: DataClass
    start: int
    end: int
    action: Action
    placeholder: str = ""
    mask: str = ""
    would: Action | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """A message as recorded. A destroyed one has neither text nor items; ``destroy_at`` is then when it was destroyed, and
    ``ended`` why, as far as that is known. ``where`` is its key. ``author``: by what name the agent who wrote it is shown;
    their id begins its ``client_id``.
    """

    id: str
    seq: int
    source: Source
    at: Instant
    destroy_at: Instant
    state: MessageState
    text: str = ""
    items: tuple[Item, ...] = ()
    client_id: str = ""
    reply_to: int | None = None
    commitment: str = ""
    where: Where = (0, 0, 0)
    ended: str = ""
    author: str = ""

    @property
    def agent(self) -> str:
        """The id of the agent who wrote it."""
        return self.client_id.partition(":")[0] if self.source is Source.AGENT else ""


class Line(NamedTuple):
    """One earlier line in the form that the bot may see, but for those of an agent. It dies with its message. ``role``:
    user, assistant, agent.
    """

    role: str
    text: str
    seq: int
    destroy_at: Instant


class Said(NamedTuple):
    """That the person said something: ``value``, there is a part of a number or an address in it; ``word``, it ends in what
    announces a value.
    """

    seq: int
    at: Instant
    value: bool
    word: bool


@dataclass(slots=True, eq=False)
class Conversation:
    """A conversation in memory. ``lines``, ``tokens`` and ``said`` are derived from the live messages and can be rebuilt.
    ``writing`` is held while a message of the person is looked at with those before it and written.
    """

    no: int
    id: str
    bot: str
    owner: str
    subject: str
    state: str
    created_at: Instant
    next_seq: int = 1
    next_note: int = NOTES
    lines: deque[Line] = field(default_factory=lambda: deque(maxlen=64))
    tokens: TokenSpace = field(default_factory=TokenSpace)
    said: deque[Said] = field(default_factory=lambda: deque(maxlen=SAID_MAX))
    writing: asyncio.Lock = field(default_factory=asyncio.Lock)

    def take_place(self) -> int:
        """Takes the next place in it. A place that is not used stays empty."""
        self.next_seq += 1
        return self.next_seq - 1

    def take_note(self) -> int:
        """The same for an internal note."""
        self.next_note += 1
        return self.next_note - 1


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof that a message is gone: the id of the log entry is the reference. ``note``: what it was short of;
    ``internal``: it was a note of an agent's, of which its person is told nothing.
    """

    message: str
    destroyed_at: Instant
    reason: str
    entry: str
    note: str = ""
    internal: bool = False


@dataclass(frozen=True, slots=True)
class Destroyed:
    """Told to open screens."""

    conversation: str
    message: str
    at: Instant
    reason: str
    note: bool = False


class Sealed(Protocol):
    """A payload that only its key opens."""

    @property
    def bucket(self) -> Instant:
        """The instant at which its key dies."""
        ...

    @property
    def page(self) -> int:
        """The key page."""
        ...

    @property
    def index(self) -> int:
        """Its place under that page's key."""
        ...

    @property
    def blob(self) -> bytes:
        """Version, commitment and ciphertext."""
        ...


class Sealer(Protocol):
    """What seals payloads under keys that end by themselves. Strict payloads need more than this machine's disk to be
    opened, and cannot be sealed or opened while that cannot be reached (StorageFailed).
    """

    def ready(self, bucket: Instant) -> bool:
        """Whether a durable key for ordinary payloads of this bucket exists."""
        ...

    async def prepare(self, bucket: Instant) -> None:
        """Makes one, durably."""
        ...

    def seal(self, bucket: Instant, aad: bytes, plaintext: bytes) -> Sealed:
        """Seals under a prepared bucket."""
        ...

    async def seal_strict(self, bucket: Instant, aad: bytes, plaintext: bytes, lives_for: Duration) -> Sealed:
        """Seals a strict payload."""
        ...

    async def open(self, sealed: Sequence[tuple[Where, bytes, bytes]]) -> list[bytes | None]:
        """The plaintext of each place, blob and associated data, or None where the key is gone. Raises Tampered."""
        ...

    async def held(self, places: Sequence[Where]) -> list[bool]:
        """For each strict place, whether it can still be opened."""
        ...

    async def keyed(self, places: Sequence[Where]) -> list[bool]:
        """For each place, whether its key is still there; a share of the keeper is another matter."""
        ...

    async def destroy(self, places: Iterable[Where]) -> None:
        """Ends the keys of single payloads now, and of no other."""
        ...
