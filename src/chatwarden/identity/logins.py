"""From a name to a session: password or a company's word, then a second factor where there is one; or a passkey alone.

A login that waits for its second factor is a challenge with a clock. What a stranger can see is the same for every name:
only who has the password is told that a second factor is asked for. Wrong second factors are counted for the account,
over all logins: whoever got so far has the password already, so nobody else can use that up.
"""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from chatwarden.audit.model import Event, Lane
from chatwarden.audit.service import AuditLog
from chatwarden.challenge import Asked, Challenge, Means, Purpose, ask
from chatwarden.clock import MINUTE, SECOND, Duration, Instant
from chatwarden.errors import InvalidCredentials, InvalidRequest, NotFound, SecondFactorRequired, TooManyAttempts
from chatwarden.identity.company.model import Arrived
from chatwarden.identity.factors import PRESENCE, Factors
from chatwarden.identity.model import User
from chatwarden.identity.passkeys import RelyingParty
from chatwarden.identity.service import Identity
from chatwarden.ids import Randomness
from chatwarden.principal import Principal
from chatwarden.storage.model import Database, Transaction

WITHIN: Duration = 2 * MINUTE
ATTEMPTS = 5
_WAITING_MAX = 10_000

Given = str | Mapping[str, Any]
Charge = Callable[[str, Instant], Duration]
"""Counts one guess under a key: 0, or how long to wait."""
Forgive = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Passed:
    """Who came in, and by what. ``company`` is the login of who came by one."""

    user: User
    factors: tuple[str, ...]
    means: tuple[str, ...]
    company: Arrived | None = None


@dataclass(slots=True)
class _Waiting:
    asked: Asked
    passed: Passed | None  # who came so far, and by what; None: a passkey will say who it is


class Logins:
    """Logins on their way. They are kept in memory: a restart forgets them, and people begin again."""

    def __init__(
        self,
        identity: Identity,
        factors: Factors,
        database: Database,
        audit: AuditLog,
        charge: Charge,
        forgive: Forgive,
        random: Randomness = os.urandom,
    ) -> None:
        self._identity = identity
        self._factors = factors
        self._database = database
        self._audit = audit
        self._charge = charge
        self._forgive = forgive
        self._random = random
        self._waiting: OrderedDict[str, _Waiting] = OrderedDict()

    async def password(self, name: str, password: str, source: str, now: Instant) -> Passed:
        """Name and password. Raises InvalidCredentials, or SecondFactorRequired with the challenge where this account
        has a second factor.
        """
        user = await self._identity.login(name, password, source, now)
        return await self._second(Passed(user, ("password",), ("password",)), now)

    async def company(self, arrived: Arrived, now: Instant) -> Passed:
        """A company's word. Raises SecondFactorRequired with the challenge where this account has a second factor and the
        company saw only one.
        """
        return await self._second(Passed(arrived.user, arrived.factors, (), arrived), now)

    async def _second(self, first: Passed, now: Instant) -> Passed:
        second = await self._factors.means(first.user.id)
        passed = replace(first, means=(*second, *first.means))
        if not second or "mfa" in first.factors:
            return passed
        kinds = (*second, Means.RECOVERY.value) if await self._factors.recovery_left(first.user.id) else second
        raise SecondFactorRequired(challenge=self._ask(kinds, passed, now))

    def passkey(self, now: Instant) -> Challenge:
        """A question that any passkey of this gateway answers. It says nothing about who has one."""
        return self._ask((Means.PASSKEY.value,), None, now)

    def _ask(self, kinds: tuple[str, ...], passed: Passed | None, now: Instant) -> Challenge:
        while self._waiting:
            first = next(iter(self._waiting.values()))
            if first.asked.open(now) and len(self._waiting) < _WAITING_MAX:
                break
            self._waiting.popitem(last=False)
        asked = Asked(ask(Purpose.LOGIN, kinds, now + WITHIN, ATTEMPTS, self._random))
        self._waiting[asked.challenge.id] = _Waiting(asked, passed)
        return asked.challenge

    def waits(self, challenge_id: str) -> bool:
        """Whether a login waits under this id."""
        return challenge_id in self._waiting

    async def answer(self, challenge_id: str, kind: str, given: Given, rp: RelyingParty, now: Instant) -> Passed:
        """The second factor, or a passkey alone. Raises NotFound, SecondFactorRequired when it was wrong and attempts
        are left, InvalidCredentials when none are, TooManyAttempts while the account has had too many.
        """
        waiting = self._waiting.get(challenge_id)
        if waiting is None:
            raise NotFound
        asked, kind = waiting.asked, kind or waiting.asked.challenge.kind
        if kind not in asked.challenge.kinds:
            raise InvalidRequest("this question is not answered that way", status=422)
        passed = waiting.passed
        user = passed.user if passed is not None else await self._owner(given)

        async def check() -> str:
            if user is None:
                return ""
            key = f"second-factor:{user.id}"
            wait = self._charge(key, now)
            if wait:
                raise TooManyAttempts(headers={"Retry-After": str(-(-wait // SECOND))})
            proved = await self._factors.check(user.id, asked.challenge, kind, given, rp, now)
            if passed is None and proved == PRESENCE:
                return ""  # a passkey alone must have verified its user
            if proved:
                self._forgive(key)
            return proved

        proved = await asked.answer(check, now)
        if not asked.open(now):
            self._waiting.pop(challenge_id, None)
        if proved is None:
            raise NotFound
        if not proved:
            await self._note(user, kind, now)
            if asked.open(now) and passed is not None:
                raise SecondFactorRequired("That was not right.", challenge=asked.challenge)
            raise InvalidCredentials
        assert user is not None
        present = await self._identity.present(user)
        if present is None or not present.enabled:
            raise InvalidCredentials
        if passed is None:
            if await self._identity.vouched(present.id):
                await self._note(present, "vouched", now)  # the company may have let them go since
                raise InvalidCredentials
            means = await self._factors.means(user.id)
            return Passed(present, (proved,), (*means, *(("password",) if present.password else ())))
        return replace(passed, factors=(*passed.factors, proved))

    async def _owner(self, given: Given) -> User | None:
        owner = await self._factors.owner(given)
        return await self._identity.by_id(owner)

    async def _note(self, user: User | None, kind: str, now: Instant) -> None:
        tx = Transaction()
        self._audit.append(
            tx, Event.LOGIN_FACTOR_REFUSED, lane=Lane.CLIENT, actor=user.id if user else "unknown", at=now,
            decision="deny", reason=kind,
        )  # fmt: skip
        await self._database.commit(tx)


def checker(
    identity: Identity, factors: Factors, rp: Callable[[], RelyingParty]
) -> Callable[[Principal, Challenge, str, Given, Instant], Awaitable[str]]:
    """What says, in the middle of a session, which factor of its person an answer proves."""

    async def check(principal: Principal, challenge: Challenge, kind: str, given: Given, now: Instant) -> str:
        if kind == Means.PASSWORD:
            right = isinstance(given, str) and await identity.check_password(principal, given, now)
            return Means.PASSWORD.value if right else ""
        proved = await factors.check(principal.id, challenge, kind, given, rp(), now)
        return "" if proved == PRESENCE else proved

    return check
