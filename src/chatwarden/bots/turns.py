"""Turn tokens: what a bot is given with every question, so that it can act for the person who asked.

A token is 256 random bits and says nothing; in here it stands for one person, one conversation and one session, for a
few minutes. It is kept hashed and in memory only: after a restart every token is dead. The session's end revokes it;
since that telling is a side effect, whoever acts on a grant asks the sessions once more whether that session lives.
A process that is asked for more tokens than it may keep forgets the oldest: a bot is then refused, nobody is let in.
"""

from __future__ import annotations

import hashlib
import os
from collections import OrderedDict
from dataclasses import dataclass

from chatwarden.clock import MINUTE, Duration, Instant
from chatwarden.ids import Randomness
from chatwarden.principal import Principal

TURN_PREFIX = "cwt_"  # scanners find leaked tokens by it
LIFETIME: Duration = 5 * MINUTE
PER_SESSION = 32
IN_ALL = 100_000


@dataclass(frozen=True, slots=True)
class TurnGrant:
    """For whom a bot may act, where, until when, the session on which that rests, and the entry in the log of what the
    person said.
    """

    principal: Principal
    conversation: str
    session: str
    expires_at: Instant
    cause: str = ""


class TurnTokens:
    """Issues them, knows them, forgets them."""

    def __init__(self, random: Randomness = os.urandom) -> None:
        self._random = random
        self._grants: OrderedDict[bytes, TurnGrant] = OrderedDict()  # oldest first, so in order of their ends
        self._of_session: dict[str, OrderedDict[bytes, None]] = {}

    def issue(self, principal: Principal, conversation: str, session: str, now: Instant, cause: str = "") -> str:
        """A new token."""
        self._make_room(session, now)
        token = TURN_PREFIX + self._random(32).hex()
        key = _hash(token)
        self._grants[key] = TurnGrant(principal, conversation, session, now + LIFETIME, cause)
        self._of_session.setdefault(session, OrderedDict())[key] = None
        return token

    def resolve(self, token: str, now: Instant) -> TurnGrant | None:
        """What *token* stands for, or None: never issued, over, or revoked."""
        grant = self._grants.get(_hash(token))
        return grant if grant is not None and now < grant.expires_at else None

    def revoke(self, session: str) -> None:
        """The session is over: so are its tokens."""
        for key in self._of_session.pop(session, ()):
            del self._grants[key]

    def __len__(self) -> int:
        return len(self._grants)

    def _make_room(self, session: str, now: Instant) -> None:
        while self._grants:
            key, oldest = next(iter(self._grants.items()))
            if oldest.expires_at > now and len(self._grants) < IN_ALL:
                break
            self._forget(key, oldest.session)
        own = self._of_session.get(session)
        if own is not None and len(own) >= PER_SESSION:
            self._forget(next(iter(own)), session)

    def _forget(self, key: bytes, session: str) -> None:
        del self._grants[key]
        own = self._of_session[session]
        del own[key]
        if not own:
            del self._of_session[session]


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
