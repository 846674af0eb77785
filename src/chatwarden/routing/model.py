"""The nouns of the desk: a hand-off, why there is one, and what the desk needs of a conversation."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Protocol

from chatwarden.audit.model import Lane
from chatwarden.clock import Instant
from chatwarden.routing.rules import Happening, State
from chatwarden.storage.model import Transaction


class Reason(StrEnum):
    """Why a conversation is offered to people, or asked for."""

    ASKED = "asked"
    BOT_FAILED = "bot-failed"
    BOT_DID_NOT_KNOW = "bot-did-not-know"
    REPEATED = "repeated"
    TONE = "tone"
    TOPIC = "topic"
    HOSTILE = "hostile"
    AGENT = "agent"
    PAUSED = "paused"


class Why(NamedTuple):
    """Why, and whom it takes. ``detail``: the topic's name; ``skill``: what an agent must have, if anything; a higher
    ``priority`` goes first.
    """

    reason: Reason
    detail: str = ""
    skill: str = ""
    priority: int = 0


class By(NamedTuple):
    """Who does it, in which lane, and the entry of the log that led to it."""

    actor: str
    lane: Lane
    cause: str = ""


SYSTEM = By("system", Lane.SYSTEM)


class Talk(Protocol):
    """What the desk needs to know of a conversation. Only the desk sets ``state``."""

    no: int
    id: str
    bot: str
    owner: str
    state: str


class Passed(NamedTuple):
    """A conversation left its agent: for another one, or for the queue (``to`` is empty then). ``reason``: why."""

    at: Instant
    agent: str
    to: str
    reason: str


@dataclass(frozen=True, slots=True)
class Handoff:
    """One stretch of a conversation with people, from its offer to its end. ``due_at`` is when something happens by itself:
    nobody took it, its agent is idle, the wrap-up is over. ``queued_at``: when it first was asked for, which counts for
    its place in the queue; ``waiting_since``: since when it waits this time. ``outcome`` is how it ended, ``passed`` each
    time that it left an agent before.
    """

    id: str
    conversation: int
    talk: str
    bot: str
    why: Why
    began_at: Instant
    state: State
    queued_at: Instant | None = None
    waiting_since: Instant | None = None
    agent: str = ""
    taken_at: Instant | None = None
    assigned_at: Instant | None = None
    answer_due: Instant | None = None
    resolve_due: Instant | None = None
    finished_at: Instant | None = None
    due_at: Instant | None = None
    ended_at: Instant | None = None
    outcome: str = ""
    passed: tuple[Passed, ...] = ()
    version: int = 0


class Move(NamedTuple):
    """A change that is in a transaction; it is real after the commit. ``before`` or ``after`` is None where no hand-off was
    or is under way. ``notice``: a line of the gateway's own to the person.
    """

    talk: Talk
    what: Happening
    by: By
    reason: str
    before: Handoff | None
    after: Handoff | None
    notice: str = ""

    @property
    def state(self) -> State:
        """Where the conversation stands then."""
        if self.after is not None:
            return self.after.state
        return State.CLOSED if self.what is Happening.CLOSE else State.BOT


class Talks(Protocol):
    """The conversations, as far as the desk acts on them."""

    async def look_up(self, conversation_id: str, now: Instant) -> Talk:
        """The one object of a conversation. Raises NotFound."""
        ...

    def set_state(self, tx: Transaction, no: int, new: str, before: Collection[str]) -> None:
        """Writes the state of the conversation with this number, if it is in one of *before*."""
        ...


Speak = Callable[[Transaction, Talk, str, Instant], Awaitable[Callable[[], None]]]
"""Writes a line of the gateway's own into a conversation; what it returns shows the line, after the commit."""
