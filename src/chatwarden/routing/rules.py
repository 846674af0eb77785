"""The hand-off of a conversation as a table: what is not in it does not happen. Pure.

    bot ──offer──▶ offered ──request──▶ queued ──take, assign──▶ assigned ──finish──▶ wrap-up ──return──▶ bot
     ▲  ◀─decline──    │                 │  ▲ ◀──────requeue──────┘ │  ▲               │  └──close──▶ closed ──reopen──▶ bot
     └──────withdraw, give up────────────┘                   transfer  └────resume──────┘

Who waits and says something more urgent stays in ``queued`` and is served sooner (raise).

In ``bot``, ``offered`` and ``queued`` the bot answers: waiting in silence would be worse. In ``assigned`` and ``wrap-up`` one
agent owns the conversation and the bot says nothing.
"""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """Where a hand-off stands."""

    BOT = "bot"
    OFFERED = "offered"
    QUEUED = "queued"
    ASSIGNED = "assigned"
    WRAP_UP = "wrap-up"
    CLOSED = "closed"


class Owner(StrEnum):
    """Whose a conversation is; in the queue nobody's yet."""

    BOT = "bot"
    NOBODY = "nobody"
    AGENT = "agent"


class Happening(StrEnum):
    """What can happen."""

    OFFER = "offer"
    REQUEST = "request"
    RAISE = "raise"
    DECLINE = "decline"
    WITHDRAW = "withdraw"
    GIVE_UP = "give-up"
    TAKE = "take"
    ASSIGN = "assign"
    REQUEUE = "requeue"
    TRANSFER = "transfer"
    FINISH = "finish"
    RESUME = "resume"
    RETURN = "return"
    CLOSE = "close"
    REOPEN = "reopen"


STATES: dict[State, dict[Happening, State]] = {
    State.BOT: {Happening.OFFER: State.OFFERED, Happening.REQUEST: State.QUEUED},
    State.OFFERED: {Happening.REQUEST: State.QUEUED, Happening.DECLINE: State.BOT},
    State.QUEUED: {
        Happening.RAISE: State.QUEUED,
        Happening.WITHDRAW: State.BOT,
        Happening.GIVE_UP: State.BOT,
        Happening.TAKE: State.ASSIGNED,
        Happening.ASSIGN: State.ASSIGNED,
    },
    State.ASSIGNED: {
        Happening.REQUEUE: State.QUEUED,
        Happening.TRANSFER: State.ASSIGNED,
        Happening.FINISH: State.WRAP_UP,
    },
    State.WRAP_UP: {
        Happening.RESUME: State.ASSIGNED,
        Happening.RETURN: State.BOT,
        Happening.CLOSE: State.CLOSED,
    },
    State.CLOSED: {Happening.REOPEN: State.BOT},
}
OWNERS: dict[State, Owner] = {
    State.BOT: Owner.BOT,
    State.OFFERED: Owner.BOT,
    State.QUEUED: Owner.NOBODY,
    State.ASSIGNED: Owner.AGENT,
    State.WRAP_UP: Owner.AGENT,
    State.CLOSED: Owner.NOBODY,
}


def after(state: State, happening: Happening) -> State | None:
    """The state that follows, or None when nothing changes."""
    return STATES[state].get(happening)


def bot_answers(state: State) -> bool:
    """Whether the bot is asked when the person writes."""
    return OWNERS[state] is not Owner.AGENT
