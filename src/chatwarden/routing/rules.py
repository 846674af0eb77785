"""The hand-off of a conversation as a table: what is not in it does not happen.

``bot``: the bot answers. ``offered``: the gateway offered a person, the bot still answers. ``queued``: the person asked
for one; until somebody takes it the bot still answers, since silence would be worse (the desk that takes it is not part
of this version).
"""

from __future__ import annotations

from enum import StrEnum


class Handoff(StrEnum):
    """What can happen."""

    OFFER = "offer"
    REQUEST = "request"


STATES: dict[str, dict[Handoff, str]] = {
    "bot": {Handoff.OFFER: "offered", Handoff.REQUEST: "queued"},
    "offered": {Handoff.REQUEST: "queued"},
    "queued": {},
}


def after(state: str, happening: Handoff) -> str | None:
    """The state that follows, or None when nothing changes."""
    return STATES[state].get(happening)


def before(state: str) -> tuple[str, ...]:
    """The states that *state* may follow on."""
    return tuple(one for one, moves in STATES.items() if state in moves.values())
