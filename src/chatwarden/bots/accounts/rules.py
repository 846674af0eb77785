"""Decides on sign-ins of bots. Pure: state, what was shown and ``now`` in, decision out.

Every sign-in carries the generation that the last one answered, and answers the next (as Teleport's Machine ID does). Two
who hold one credential cannot both carry the right one: whoever comes second is behind, and the instance is locked.

An answer can get lost on the way. Within ``GRACE`` the same generation is therefore taken once more, as long as nobody
used the token of the lost answer, which is replaced. If that token is shown all the same, the answer was not lost but
somebody else's: the instance is locked then too. Nothing is forgiven later than that.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum

from chatwarden.bots.accounts.model import Account, Credential, Instance, State
from chatwarden.clock import SECOND, Duration, Instant

GRACE: Duration = 10 * SECOND
LIFE_MAX_DAYS = 400
_LABEL = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
_GENERATION = re.compile(r"0|[1-9][0-9]{0,14}")


class Step(StrEnum):
    """What a sign-in with a right credential does."""

    ADVANCE = "advance"
    AGAIN = "again"  # the answer to the last one was lost
    MISSING = "no-generation"
    BEHIND = "generation-behind"
    AHEAD = "generation-ahead"

    @property
    def locks(self) -> bool:
        """Whether two must hold the credential."""
        return self in {Step.BEHIND, Step.AHEAD}


def step(credential: Credential, given: int | None, *, plain: bool, unused: bool, now: Instant) -> Step:
    """What becomes of a sign-in that carries the generation *given*. *unused*: nobody showed the token of the last one.

    A generation that was never given out is taken for a copy too: of a record that was put back, or of a guess.
    """
    if plain:
        return Step.ADVANCE
    if given is None:
        return Step.MISSING
    if given == credential.generation:
        return Step.ADVANCE
    if given > credential.generation:
        return Step.AHEAD
    lost = given == credential.generation - 1 and unused and now - credential.moved_at <= GRACE
    return Step.AGAIN if lost else Step.BEHIND


def standing(account: Account, instance: Instance, *, bots: Iterable[str], levels: Iterable[str]) -> str:
    """Why this instance may not sign in or act, as a word for the log, or an empty string."""
    if account.state is not State.ENABLED:
        return account.state.value
    if instance.state is not State.ENABLED:
        return instance.state.value
    if account.name not in bots:
        return "unknown-bot"
    if account.level not in levels:
        return "unknown-level"
    return ""


def living(instance: Instance, now: Instant) -> tuple[Credential, ...]:
    """The credentials that still count, the newest first."""
    return tuple(
        sorted((one for one in instance.credentials if now < one.expires_at), key=lambda one: one.number, reverse=True)
    )


def is_unused(instance: Instance, now: Instant, after: Duration) -> bool:
    """Whether an enabled instance did not sign in for *after*; a new one counts from its making. 0: never."""
    seen = max(instance.since, instance.used_at or 0)
    return bool(after) and instance.state is State.ENABLED and now - seen >= after


def is_expiring(instance: Instance, now: Instant, ahead: Duration) -> Credential | None:
    """The newest credential, if it runs out within *ahead* and nobody was told yet."""
    if instance.state is not State.ENABLED or not (alive := living(instance, now)):
        return None
    newest = alive[0]
    return newest if not newest.warned and newest.expires_at - now <= ahead else None


def generation(text: str) -> int | None:
    """A generation as a form carries it. Raises ValueError for what is none."""
    if not text:
        return None
    if not _GENERATION.fullmatch(text):
        raise ValueError("generation is the number that the last sign-in answered")
    return int(text)


def is_label(text: str) -> bool:
    """Whether an instance may be called so."""
    return _LABEL.fullmatch(text) is not None
