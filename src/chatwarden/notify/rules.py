"""Decides who is told of what, when it is tried again and when no more. Pure."""

from __future__ import annotations

from chatwarden.clock import HOUR, SECOND, Duration, Instant
from chatwarden.ids import Randomness
from chatwarden.notify.model import Account, Notice, Receiver
from chatwarden.notify.texts import TELLINGS

FIRST_WAIT: Duration = 2 * SECOND
LONGEST_WAIT: Duration = HOUR
# An alarm that anybody can set off must not become a flood in somebody's mailbox.
QUIET: Duration = HOUR
ALARMS_AN_HOUR = 20
_DOUBLINGS = 16


def receivers(event: str, *, mail: bool, webhook: bool) -> tuple[Receiver, ...]:
    """Who may have to be told: of these, `concerned` decides when it is known whom it is about."""
    told = []
    if mail and TELLINGS[event].person:
        told.append(Receiver.PERSON)
    if mail:
        told.append(Receiver.ADMINISTRATORS)
    if webhook:
        told.append(Receiver.WEBHOOK)
    return tuple(told)


def concerned(receiver: Receiver, event: str, account: Account, address: str) -> bool:
    """Whether this receiver is told: a person who has an address, administrators of alarms and of their own people, the
    webhook of everything.
    """
    match receiver:
        case Receiver.PERSON:
            return bool(address)
        case Receiver.ADMINISTRATORS:
            return TELLINGS[event].alarm or account.is_staff
        case Receiver.WEBHOOK:
            return True


def next_try(tries: int, now: Instant, random: Randomness) -> Instant:
    """When it is tried again after *tries* failures: twice as long each time up to an hour, the second half of the wait
    by chance, so that many notices do not come back together.
    """
    wait = min(LONGEST_WAIT, FIRST_WAIT << min(tries, _DOUBLINGS))
    chance = int.from_bytes(random(2), "big")
    return now + wait // 2 + wait // 2 * chance // 0xFFFF


def over(notice: Notice, now: Instant, give_up: Duration) -> bool:
    """Whether it was tried for long enough."""
    return now - notice.at >= give_up
