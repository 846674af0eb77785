"""The provider of tokens: who asks, for whom, and what they get. Knows no session; whoever calls it does.

Everything that is wrong with a token or a secret raises NotAccepted, and the log tells why; the caller is told one word.
What grants is on record before it is handed out.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from chatwarden.audit.model import Event, Lane
from chatwarden.audit.service import AuditLog
from chatwarden.clock import MINUTE, SECOND, Duration, Instant
from chatwarden.config.home import Home
from chatwarden.config.model import ClientConfig, Config, SiteConfig
from chatwarden.errors import NotAccepted
from chatwarden.identity.factors import Tell, untold
from chatwarden.identity.grants import ACCESS_TOKEN, Behalf, NotGranted, audience, claims, scope
from chatwarden.identity.identities import Identities
from chatwarden.identity.jose import HOSTILE, Expected, Verified, unverified, verified
from chatwarden.identity.keys import Keys
from chatwarden.identity.model import User
from chatwarden.identity.parties import Parties, Party
from chatwarden.identity.signing import LONGEST, SigningKeys
from chatwarden.identity.spent import SpentTokens
from chatwarden.ids import Randomness, new_id
from chatwarden.storage.model import Database, Transaction

SUBJECT: Duration = MINUTE
ASSERTION: Duration = 5 * MINUTE  # an assertion says who is there now, not who was there this morning


class Provider:
    """Tokens for clients and websites."""

    def __init__(
        self,
        database: Database,
        audit: AuditLog,
        *,
        keys: SigningKeys,
        parties: Parties,
        random: Randomness = os.urandom,
    ) -> None:
        self.keys = keys
        self.parties = parties
        self.identities = Identities(database, audit, random)
        self.tell: Tell = untold
        self._spent = SpentTokens(database)
        self._database = database
        self._audit = audit
        self._random = random

    @classmethod
    def over(cls, home: Home, config: Config, database: Database, audit: AuditLog) -> Provider:
        """The provider of a home. Raises ConfigurationError for a client's file, CannotRun for a key of our own."""
        keys = SigningKeys(
            home.path / "keys" / "oauth", database, audit, algorithm=config.oauth.algorithm, age=config.oauth.rotate
        )
        return cls(database, audit, keys=keys, parties=Parties(config, home.path))

    # -- who asks

    async def assertion_of(self, assertion: str, audiences: tuple[str, ...], now: Instant) -> Party:
        """The party that signed *assertion* to show who it is (RFC 7523 section 2.2). Raises NotAccepted."""
        party = self._maker(assertion)
        shown = verified(assertion, party.keys, _expected(party, audiences), now)
        if shown.subject != party.id:
            raise NotAccepted("subject")
        await self._spent.spend(party.actor, shown.id, shown.expires_at)
        return party

    async def shown(
        self, assertion: str, actor: str, name: str, keys: Sequence[Keys], audiences: tuple[str, ...], now: Instant
    ) -> tuple[int, Verified]:
        """Which of several keys of one party, and what *assertion* says of that party itself. Raises NotAccepted."""
        reason = "unknown-client"
        for number, one in enumerate(keys):
            expected = Expected(issuer=name, audiences=audiences, longest=ASSERTION, required=("sub", "jti"))
            try:
                found = verified(assertion, one, expected, now)
            except NotAccepted as refused:
                if refused.reason not in {"algorithm", "signature"}:
                    raise  # this is the key, and something else is wrong
                reason = refused.reason
                continue
            if found.subject != name:
                raise NotAccepted("subject")
            await self._spent.spend(actor, found.id, found.expires_at)
            return number, found
        raise NotAccepted(reason)

    async def visitor_of(self, assertion: str, issuer: str, now: Instant) -> tuple[Party, User]:
        """The person whom a website vouches for (RFC 7523 section 2.1), with an account of their own. Raises
        NotAccepted.
        """
        party = self._maker(assertion)
        site = party.config
        if not isinstance(site, SiteConfig):
            raise NotAccepted("issuer")
        shown = verified(assertion, party.keys, _expected(party, (issuer,)), now)
        if shown.subject == party.id:
            raise NotAccepted("subject")  # with this one the website shows who it is itself
        await self._spent.spend(party.actor, shown.id, shown.expires_at)
        user = await self.identities.account(
            site.issuer, shown.subject, prefix=site.name, role=site.role, now=now, actor=party.actor
        )
        if not user.enabled:
            raise NotAccepted("disabled")
        if user.role is not site.role:
            raise NotAccepted("role")  # it became more than the website may say
        return party, user

    def claimed(self, name: str, assertion: str = "") -> str:
        """Whom the log names for a refusal: the party that was named, if we know it, and never a stranger's words."""
        if not name and assertion:
            try:
                name = unverified(assertion).text("iss")
            except NotAccepted:
                name = ""
        party = self.parties.get(name)
        return party.actor if party is not None else "unknown"

    def _maker(self, assertion: str) -> Party:
        party = self.parties.get(unverified(assertion).text("iss"))
        if party is None:
            raise NotAccepted("unknown-issuer")
        if not party.keys:
            raise NotAccepted("wrong-method")
        return party

    # -- what they get

    async def access_token(
        self,
        client: ClientConfig,
        *,
        issuer: str,
        service: str,
        rights: str | None,
        behalf: Behalf | None,
        now: Instant,
    ) -> dict[str, Any]:
        """An access token for one service, and what is said beside it. Raises NotGranted."""
        found = claims(
            client, issuer=issuer, service=audience(client, service), rights=scope(client, rights, behalf),
            behalf=behalf, token_id=new_id("jwt", self._random), now=now,
        )  # fmt: skip
        if found["exp"] <= found["iat"]:
            raise NotGranted("invalid_grant", "the grant was not accepted")  # the session ends within this second
        token = await self.keys.sign(found, typ=ACCESS_TOKEN, now=now)
        tx = Transaction()
        self._audit.append(
            tx, Event.TOKEN_ISSUED, lane=Lane.BOT, actor=f"client:{client.name}", at=now, object=found["jti"],
            reason=behalf.session if behalf else "client",
        )  # fmt: skip
        await self._database.commit(tx)
        told = {"access_token": token, "token_type": "Bearer", "expires_in": found["exp"] - now // SECOND}
        return {**told, "scope": found["scope"]} if "scope" in found else told

    async def subject_token(self, person: str, *, issuer: str, service: str, actor: str, now: Instant) -> str:
        """A token that stands for a person at the token endpoint of another service, for a minute, and that only the
        client *actor* of that service may exchange (RFC 8693 sections 2.1 and 4.4).
        """
        issued = now // SECOND
        found = {
            "iss": issuer, "sub": person, "aud": service, "iat": issued, "exp": issued + SUBJECT // SECOND,
            "jti": new_id("jwt", self._random), "may_act": {"sub": actor},
        }  # fmt: skip
        return await self.keys.sign(found, typ="JWT", now=now)

    # -- what became of it

    async def own(self, token: str, issuer: str, now: Instant) -> Verified:
        """One of our own access tokens that still counts. Raises NotAccepted."""
        client = self.parties.client(unverified(token).text("client_id"))
        if client is None:
            raise NotAccepted("unknown-client")
        expected = Expected(
            issuer=issuer, audiences=client.audiences, longest=LONGEST, required=("sub", "jti", "client_id"),
            types=(ACCESS_TOKEN,), algorithms=("EdDSA", "ES256", "RS256"),
        )  # fmt: skip
        shown = verified(token, self.keys.public(now), expected, now)
        if await self._spent.is_revoked(shown.id):
            raise NotAccepted("revoked")
        return shown

    async def revoke(self, token: Verified, now: Instant, *, actor: str) -> None:
        """Takes an access token back, by its id."""
        tx = Transaction()
        self._spent.revoke(tx, token.id, token.expires_at)
        self._audit.append(tx, Event.TOKEN_REVOKED, lane=Lane.BOT, actor=actor, at=now, object=token.id)
        await self._database.commit(tx)

    async def refused(self, reason: str, now: Instant, *, actor: str) -> None:
        """Puts a refusal on record."""
        tx = Transaction()
        self._audit.append(tx, Event.TOKEN_REFUSED, lane=Lane.BOT, actor=actor, at=now, decision="deny", reason=reason)
        if reason in HOSTILE:
            self.tell(tx, "hostile-token", "", now)
        await self._database.commit(tx)

    # -- as time passes

    def reconfigure(self, config: Config) -> list[str]:
        """Takes over what was read again. Returns the clients and websites whose files cannot be used."""
        self.keys.algorithm, self.keys.age = config.oauth.algorithm, config.oauth.rotate
        return self.parties.reconfigure(config)

    async def tend(self, now: Instant) -> None:
        """Replaces what is old and forgets what is over."""
        await self.keys.tend(now)
        await self._spent.forget(now)


def _expected(party: Party, audiences: tuple[str, ...]) -> Expected:
    return Expected(issuer=party.id, audiences=audiences, longest=ASSERTION, required=("sub", "jti"))
