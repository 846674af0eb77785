"""A login at the company's provider, from the button to the account; and the logouts that the provider tells of.

A login on its way is kept nowhere but in the browser that began it: sealed, for ten minutes, in a cookie that only this
host gets. ``state`` binds what comes back to that browser, the nonce binds the ID token to it, and the code that the
page gets in the end is bound to the page by a challenge of its own. Every reason for a refusal is NotAccepted: the log
is told which, nobody else is.

People are found by issuer and subject. Roles and rights are those that the claims gave at the last login.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import os
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from chatwarden.audit.model import Event, Lane
from chatwarden.audit.service import AuditLog
from chatwarden.clock import MINUTE, SECOND, Duration, Instant
from chatwarden.config.model import CompanyConfig, Config
from chatwarden.crypto import Tampered, seal, unseal
from chatwarden.errors import NotAccepted, NotFound
from chatwarden.identity.company import rules
from chatwarden.identity.company.model import Arrived, Attempt, LoggedOut
from chatwarden.identity.company.provider import CompanyProvider, s256
from chatwarden.identity.company.store import CompanySessions
from chatwarden.identity.factors import Tell, untold
from chatwarden.identity.identities import Identities
from chatwarden.identity.jose import HOSTILE, Verified
from chatwarden.identity.model import User
from chatwarden.identity.spent import SpentTokens
from chatwarden.ids import Randomness
from chatwarden.principal import Role
from chatwarden.storage.model import Database, StorageFailed, Transaction

AWAY: Duration = 10 * MINUTE  # how long a person may take at the provider
CODE: Duration = 60 * SECOND  # how long the page has to fetch its session
COOKIE_MAX = 4_096
_CODE_MAX = 4_096
_AAD = b"company login"
_ATTEMPT = msgspec.json.Decoder(Attempt)


class CompanyLogins:
    """Every company login of a home. *key* (32 bytes) seals what browsers carry. Raises ConfigurationError."""

    def __init__(
        self,
        config: Config,
        home: Path,
        database: Database,
        audit: AuditLog,
        key: bytes,
        random: Randomness = os.urandom,
    ) -> None:
        self.sessions = CompanySessions(database)
        self._home = home
        self._database = database
        self._audit = audit
        self.tell: Tell = untold
        self._key = key
        self._random = random
        self._identities = Identities(database, audit, random)
        self._spent = SpentTokens(database)
        self._waiting: OrderedDict[bytes, tuple[Arrived, str]] = OrderedDict()
        self._logged_out: OrderedDict[tuple[str, str, str], Instant] = OrderedDict()
        self._providers: dict[str, CompanyProvider] = {}
        self.use(self.read(config))

    # -- configuration

    def read(self, config: Config) -> dict[str, CompanyProvider]:
        """The providers that *config* names, their files read. Raises ConfigurationError."""
        return {name: CompanyProvider(one, self._home, self._random) for name, one in config.company.items()}

    def use(self, providers: dict[str, CompanyProvider]) -> None:
        """From now on these; what was fetched is fetched again."""
        self._providers = providers

    @property
    def listed(self) -> list[CompanyConfig]:
        """What people can choose from."""
        return [provider.config for provider in self._providers.values()]

    def _provider(self, name: str) -> CompanyProvider:
        provider = self._providers.get(name)
        if provider is None:
            raise NotFound
        return provider

    # -- there

    async def begin(self, name: str, *, challenge: str, page: str, base: str, now: Instant) -> tuple[str, str]:
        """Where the browser goes, and what it carries meanwhile. Raises NotFound, NotAccepted or Unreachable."""
        provider = self._provider(name)
        state, nonce, verifier = (self._random(32).hex() for _ in range(3))
        attempt = Attempt(name, state, nonce, verifier, challenge, page, now)
        target = await provider.sign_in_address(attempt, _redirect(base, name), now)
        sealed = seal(self._key, _AAD, msgspec.json.encode(attempt), self._random)
        return target, base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()

    # -- and back again

    async def arrive(
        self, name: str, told: Mapping[str, str], *, carried: str, base: str, now: Instant
    ) -> tuple[str, str]:
        """The page to which the browser goes, and the code that the page turns into a session. *told* is the query,
        *carried* the cookie. Raises NotFound, NotAccepted or Unreachable.
        """
        provider = self._provider(name)
        attempt = self._opened(carried, now)
        if attempt.company != name:
            raise NotAccepted("another-company")
        if not hmac.compare_digest(attempt.state.encode(), told.get("state", "").encode("utf-8", "surrogatepass")):
            raise NotAccepted("state")
        metadata = await provider.metadata(now)
        if (metadata.says_issuer or "iss" in told) and told.get("iss") != metadata.issuer:
            raise NotAccepted("response-issuer")  # RFC 9207, section 2.4
        if "error" in told:
            raise NotAccepted("company-refused")
        code = told.get("code", "")
        if not 0 < len(code) <= _CODE_MAX or not code.isascii() or not code.isprintable():
            raise NotAccepted("no-code")
        spent = hashlib.sha256(attempt.state.encode()).hexdigest()
        await self._spent.spend(f"company:{name}", spent, attempt.began + AWAY)
        arrived = await self._arrived(provider, code, attempt, base, now)
        return attempt.page, self._keep(arrived, attempt.challenge, now)

    def _opened(self, carried: str, now: Instant) -> Attempt:
        if not carried:
            raise NotAccepted("another-browser")
        if len(carried) > COOKIE_MAX:
            raise NotAccepted("forged-cookie")
        try:
            sealed = base64.urlsafe_b64decode(carried + "=" * (-len(carried) % 4))
            attempt = _ATTEMPT.decode(unseal(self._key, _AAD, sealed))
        except (ValueError, Tampered, msgspec.MsgspecError):
            raise NotAccepted("forged-cookie") from None
        if not attempt.began <= now < attempt.began + AWAY:
            raise NotAccepted("too-late")
        return attempt

    async def _arrived(
        self, provider: CompanyProvider, code: str, attempt: Attempt, base: str, now: Instant
    ) -> Arrived:
        company = provider.config
        id_token, access_token = await provider.exchange(code, attempt, _redirect(base, company.name), now)
        shown = await provider.id_token(id_token, now)
        rules.check_login(company, shown.claims, nonce=attempt.nonce, now=now)
        sid = rules.sid_of(shown.claims)
        claims = await self._claims(provider, shown, access_token, now)
        role = rules.role_of(company, claims)
        user = await self._account(company, shown, claims, role, now)
        return Arrived(
            user, rules.rights_of(company, claims), rules.factors_of(company, shown.claims), company.name,
            company.issuer, shown.subject, sid, now,
        )  # fmt: skip

    async def _claims(
        self, provider: CompanyProvider, shown: Verified, access_token: str, now: Instant
    ) -> Mapping[str, Any]:
        """What the ID token says goes before what userinfo says, which is asked only where something is missing."""
        if not rules.missing(provider.config, shown.claims):
            return shown.claims
        return {**await provider.userinfo(access_token, shown.subject, now), **shown.claims}

    async def _account(
        self, company: CompanyConfig, shown: Verified, claims: Mapping[str, Any], role: Role, now: Instant
    ) -> User:
        user = await self._identities.account(
            shown.issuer, shown.subject, prefix=company.name, role=role, now=now, actor=f"company:{company.name}",
            called=rules.called(company, claims),
        )  # fmt: skip
        if not user.enabled:
            raise NotAccepted("disabled")
        return user if user.role is role else await self._follow(user, role, now, company.name)

    async def _follow(self, user: User, role: Role, now: Instant, company: str) -> User:
        """The company gave another role."""
        tx = Transaction()
        tx.add("UPDATE users SET role = ? WHERE id = ?", (role.value, user.id), expect=1)
        self._audit.append(
            tx, Event.USER_ROLE_CHANGED, lane=Lane.STAFF, actor=f"company:{company}", at=now, object=user.id,
            reason=f"{user.role.value} {role.value}",
        )  # fmt: skip
        await self._database.commit(tx)
        return replace(user, role=role)

    # -- the page fetches its session

    def _keep(self, arrived: Arrived, challenge: str, now: Instant) -> str:
        while self._waiting and now - next(iter(self._waiting.values()))[0].at >= AWAY:
            self._waiting.popitem(last=False)
        code = self._random(32).hex()
        self._waiting[_hash(code)] = (arrived, challenge)
        return code

    def redeem(self, code: str, verifier: str, now: Instant) -> Arrived:
        """Who arrived, for the page that began it. A code is looked at once. Raises NotAccepted."""
        arrived, challenge = self._waiting.pop(_hash(code), (None, ""))
        if arrived is None:
            raise NotAccepted("unknown-code")
        if now - arrived.at >= CODE:
            raise NotAccepted("code-too-late")
        if not verifier.isascii() or not hmac.compare_digest(s256(verifier), challenge):
            raise NotAccepted("another-page")
        if self.is_over(arrived):
            raise NotAccepted("logged-out")
        return arrived

    # -- logouts

    async def logout(self, name: str, token: str, now: Instant) -> LoggedOut:
        """Whom a logout token logs out; its use is noted. Raises NotFound, NotAccepted or Unreachable."""
        provider = self._provider(name)
        shown = await provider.logout_token(token, now)
        rules.check_logout(shown.claims)
        # What takes away happens even where nothing can be written: then this token could be used again, until it is
        # over.
        with contextlib.suppress(StorageFailed):
            await self._spent.spend(shown.issuer, shown.id, shown.expires_at)
        who = LoggedOut(name, shown.issuer, shown.subject, rules.sid_of(shown.claims))
        while self._logged_out and now - next(iter(self._logged_out.values())) >= 2 * AWAY:
            self._logged_out.popitem(last=False)
        key = (who.issuer, who.subject, who.sid)
        self._logged_out[key] = now
        self._logged_out.move_to_end(key)
        return who

    def is_over(self, arrived: Arrived) -> bool:
        """Whether the company logged this person, or this session of theirs, out since their browser came back."""
        issuer, subject, sid = arrived.issuer, arrived.subject, arrived.sid
        keys = {(issuer, subject, ""), *({(issuer, subject, sid), (issuer, "", sid)} if sid else ())}
        return any(self._logged_out.get(key, -1) >= arrived.at for key in keys)

    # -- the log, and as time passes

    async def noted(self, who: LoggedOut, ended: int, now: Instant) -> None:
        """Puts a logout on record, with how many sessions it ended."""
        tx = Transaction()
        self._audit.append(
            tx, Event.COMPANY_LOGOUT, lane=Lane.SYSTEM, actor=f"company:{who.company}", at=now, reason=str(ended)
        )
        await self._database.commit(tx)

    async def refused(self, name: str, reason: str, now: Instant, *, event: Event = Event.LOGIN_REFUSED) -> None:
        """Puts a refusal on record."""
        tx = Transaction()
        self._audit.append(
            tx, event, lane=Lane.CLIENT, actor="unknown", at=now, object=f"company:{name}", decision="deny",
            reason=reason,
        )  # fmt: skip
        if reason in HOSTILE:
            self.tell(tx, "hostile-token", "", now)
        await self._database.commit(tx)


def _redirect(base: str, name: str) -> str:
    """Each company's browsers come back to an address of their own (RFC 9700, section 4.4.2.2)."""
    return f"{base}/login/{name}/callback"


def _hash(code: str) -> bytes:
    return hashlib.sha256(code.encode("utf-8", "surrogatepass")).digest()
