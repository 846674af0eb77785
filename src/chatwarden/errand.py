"""The road of one errand: a bot asks an application something on behalf of the person who asked the bot.

    bot's token ─▶ turn ─▶ session ─▶ grant, level, person's right, fresh proof ─▶ rate ─▶ placeholders ─▶ log ─▶ broker
    bot ◀─ log ◀─ personal data hidden ◀─ session, once more ◀─ credential taken out by the broker ◀─ application ◀───┘

Default deny. The bot is told one thing whatever is missing; the log and ``chatwarden app explain`` have the reason. Without
the broker, the log or a policy nothing is asked at all. A session that ends in the middle takes the question back. What
stands in the log is in errand_log.py.
"""

from __future__ import annotations

from asyncio import sleep, to_thread
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from chatwarden.bots.accounts.model import BotCaller
from chatwarden.bots.accounts.service import BotAccounts
from chatwarden.bots.broker import paths, payload
from chatwarden.bots.broker.applications import Applications, origin
from chatwarden.bots.broker.client import Broker, BrokerGone, Cut
from chatwarden.bots.broker.leases import Held, Leases
from chatwarden.bots.broker.model import Deny, Facts, Grant, Wish
from chatwarden.bots.broker.payload import NoPayload
from chatwarden.bots.broker.rules import decide
from chatwarden.bots.turns import TurnGrant, TurnTokens
from chatwarden.broker import wire
from chatwarden.broker.wire import Application, Call
from chatwarden.clock import SECOND, Clock, Instant
from chatwarden.conversations.decode import decoded, joined, named
from chatwarden.conversations.restore import Restorer
from chatwarden.conversations.service import Conversations
from chatwarden.edge.gcra import Throttle
from chatwarden.errand_log import STRANGER, Asked, Errand, ErrandLog
from chatwarden.errors import Forbidden, InvalidToken, NotAccepted, NotFound, TooManyRequests, Unavailable
from chatwarden.ids import is_id
from chatwarden.principal import Kind
from chatwarden.screening import Screening
from chatwarden.sessions import rules as life
from chatwarden.sessions.model import Session, State
from chatwarden.sessions.service import Sessions

_AT_ONCE = 16  # texts of an answer that are looked into before others have their turn
Sign = Callable[[str, Application, Instant], Awaitable[str]]
"""A short token that stands for a person, for one application."""
Looked = Callable[[str, str, str, Instant], None]
"""Told of every look-up: the bot's account, the person, what was asked."""
Unproved = Callable[[Session, str, str], None]
"""Told that a fresh proof of its person is all that is missing: session, conversation, application."""


class Refused(Exception):
    """It is not done. ``reason`` is for the log alone."""

    def __init__(self, reason: str, grant: Grant | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.grant = grant


@dataclass(frozen=True, slots=True)
class Fetched:
    """What an application answered, as the bot may see it."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


@dataclass(slots=True)
class Errands:
    """The road over its services."""

    clock: Clock
    accounts: BotAccounts
    turns: TurnTokens
    sessions: Sessions
    conversations: Conversations
    restorer: Restorer
    screening: Screening
    applications: Applications
    leases: Leases
    broker: Broker
    throttle: Throttle
    sign: Sign
    log: ErrandLog
    at_once: int
    looked: Looked = lambda *_: None
    unproved: Unproved = lambda *_: None
    _busy: Counter[tuple[str, str]] = field(default_factory=Counter)

    async def ask(self, bot_token: str, turn_token: str, asked: Asked) -> Fetched:
        """What the application answers. Raises InvalidToken where the bot's token is none, Forbidden for whatever else is
        missing, TooManyRequests, or Unavailable where application or broker fail.
        """
        now = self.clock.now()
        try:
            caller = await self.accounts.caller(bot_token, now)
        except NotAccepted as error:
            await self.log.refused(STRANGER, None, f"bot-token {error}", now)
            raise InvalidToken from None
        turn = self.turns.resolve(turn_token, now)
        try:
            errand = await self._allowed(caller, turn, asked, now)
            target = await self._target(errand, now)
            body = await self._body(errand, now)
        except Refused as refused:
            await self._refused(caller, turn, asked.application, refused.reason, now, refused.grant)
            raise Forbidden from None
        with self._one_more(errand) as free:
            if not free:
                await self._refused(caller, turn, asked.application, "at-once", now, errand.grant)
                raise TooManyRequests(headers={"Retry-After": "1"})
            return await self._done(errand, target, body)

    @contextmanager
    def _one_more(self, errand: Errand) -> Iterator[bool]:
        """Whether this bot may ask this application one thing more at the same time."""
        key = errand.caller.account, errand.application.name
        self._busy[key] += 1
        try:
            yield self._busy[key] <= self.at_once
        finally:
            self._busy[key] -= 1
            if not self._busy[key]:
                del self._busy[key]

    # -- may it

    async def _allowed(self, caller: BotCaller, turn: TurnGrant | None, asked: Asked, now: Instant) -> Errand:
        """Every condition. Raises Refused or TooManyRequests."""
        if turn is None:
            raise Refused("turn")
        try:
            session = await self.sessions.find(turn.session, now)
            conversation = await self.conversations.find(turn.conversation)
        except NotFound:
            raise Refused("session") from None
        try:
            known = (await self.applications.known()).get(asked.application)
        except BrokerGone:
            await self._refused(caller, turn, asked.application, "broker-gone", now)
            raise _unavailable() from None
        try:
            parts = paths.segments(asked.path)
            paths.query(asked.query)
        except paths.Unclear:
            parts = None
        wish = Wish(caller.name, asked.application, asked.method, parts)
        facts = Facts(
            origin="" if known is None else origin(known), rights=caller.rights,
            person_rights=frozenset(session.principal.rights),
            session=is_active(session, now), own_turn=conversation.bot == caller.name,
            proved_ago=proved_ago(session, now),
        )  # fmt: skip
        decision = decide(self.applications.grants, wish, facts)
        if isinstance(decision, Deny):
            if decision.reason == "step-up":
                self.unproved(session, conversation.id, asked.application)
            raise Refused(decision.reason, decision.grant)
        assert known is not None, "a condition of every grant"
        errand = Errand(caller, asked, turn, session, conversation, known, decision.grant)
        await self._within_rate(errand, now)
        return errand

    async def _within_rate(self, errand: Errand, now: Instant) -> None:
        rate = errand.grant.rate
        wait = 0 if rate is None else self.throttle.take(f"grant:{errand.grant.id}", rate, now)
        if wait:
            await self._refused(errand.caller, errand.turn, errand.asked.application, "rate", now, errand.grant)
            raise TooManyRequests(headers={"Retry-After": str(-(-wait // SECOND))})

    # -- what goes out

    async def _target(self, errand: Errand, now: Instant) -> str:
        """Path and query with values for placeholders: the path must be granted with them too. Raises Refused."""
        parts, query = paths.segments(errand.asked.path), errand.asked.query
        texts = list(parts)
        try:
            payload.form(query, payload.noting(texts))
            filled = await self._filler(errand, texts, now)
            put = tuple(filled((), part) for part in parts)
            path, query = paths.joined(put), paths.query(payload.form(query, filled))
        except (paths.Unclear, NoPayload):
            raise Refused("placeholder", errand.grant) from None
        if not any(paths.matches(pattern, put) for pattern in errand.grant.paths):
            raise Refused("path", errand.grant)
        return path + (f"?{query}" if query else "")

    async def _body(self, errand: Errand, now: Instant) -> bytes:
        """The body with values for placeholders. Raises Refused."""
        body, media = errand.asked.body, errand.asked.headers.get("content-type", "")
        if not body:
            return body
        texts: list[str] = []
        try:
            await to_thread(payload.rewritten, media, body, payload.noting(texts))
            filled = await self._filler(errand, texts, now)
            body = await to_thread(payload.rewritten, media, body, filled)
            if any(map(paths.overrides, payload.fields(media, body))):
                raise Refused("body override", errand.grant)
        except NoPayload as error:
            raise Refused(f"body {error}", errand.grant) from None
        if len(body) > wire.BODY_MAX:
            raise Refused("body oversized", errand.grant)
        return body

    async def _filler(self, errand: Errand, texts: list[str], now: Instant) -> payload.Said:
        """What puts values in. Every placeholder must stand for a value that lives and is of a granted class; one that
        the bot made up, kept too long or may not use refuses the whole. Raises Refused.
        """
        names = {name for text in texts for name in named(text)}
        values = await self.restorer.values(errand.conversation, names, now)
        if set(values) != names:
            raise Refused("placeholder", errand.grant)
        if any(value.data_class not in errand.grant.classes for value in values.values()):
            raise Refused("class", errand.grant)
        errand.restored |= {value.data_class.value for value in values.values()}
        plain = {name: value.text for name, value in values.items()}
        return lambda _names, text: joined(decoded(text, plain, addresses=True), plain) if plain else text

    # -- and back

    async def _done(self, errand: Errand, target: str, body: bytes) -> Fetched:
        now = self.clock.now()
        lease = await self._recorded(errand, now)
        what = f"{errand.application.name} {errand.asked.method} {target}"
        self.looked(errand.caller.account, errand.session.principal.id, what, now)
        subject = await self._subject(errand.session.principal.id, errand.application, now)
        call = Call(
            application=errand.application.name, lease=lease.id, session=errand.session.id, bot=errand.caller.account,
            method=errand.asked.method, target=target, headers=list(errand.asked.headers.items()), subject=subject,
        )  # fmt: skip
        if over := self._over(errand, lease):
            raise await self._stopped(errand, over)
        try:
            told, data = await self.broker.ask(call, body, session=errand.session.id)
        except Cut:
            raise await self._stopped(errand, "session-ended") from None
        except (BrokerGone, wire.Malformed):
            await self._answered(errand, "broker-gone")
            raise _unavailable() from None
        if told.failed:
            await self._answered(errand, told.failed)
            raise Unavailable("the application did not answer", status=502)
        try:
            fetched = await self._seen(errand, told, data)
        except NoPayload as error:
            await self._answered(errand, f"unreadable {error}", told)
            raise Unavailable("the application did not answer in a form that can be checked", status=502) from None
        await self._answered(errand, "", told)
        if over := self._over(errand, lease):
            raise await self._stopped(errand, over)
        return fetched

    async def _subject(self, person: str, application: Application, now: Instant) -> str:
        return await self.sign(person, application, now) if application.sign_in == "token-exchange" else ""

    async def trial(self, application: Application, now: Instant) -> str:
        """What a trial of a credential needs in the place of a person: nobody."""
        return await self._subject("chatwarden", application, now)

    def _over(self, errand: Errand, lease: Held) -> str:
        """Why it goes no further, by what happened meanwhile; or an empty string."""
        if errand.grant not in self.applications.grants:
            return "grant-removed"
        open_one = self.leases.get(lease.session, lease.application, lease.account)
        lives = open_one is lease and self.sessions.is_live(errand.session, self.clock.now())
        return "" if lives else "session-ended"

    async def _stopped(self, errand: Errand, why: str) -> Forbidden:
        await self._answered(errand, why)
        return Forbidden()

    async def _seen(self, errand: Errand, told: wire.Answered, data: bytes) -> Fetched:
        """The answer with personal data hidden, as the policy of this bot wants it. An answer with very many texts keeps
        nobody else waiting. Raises NoPayload.
        """
        now = self.clock.now()

        def hide(names: payload.Names, text: str) -> str:
            return self.screening.fetched(errand.conversation, text, errand.grant.classes, now, names)

        def harmless(text: str) -> bool:
            return hide((), text) == text

        media = next((value for name, value in told.headers if name == "content-type"), "")
        headers = [(name, value) for name, value in told.headers if name != "content-type" and harmless(value)]
        if data:  # without a body there is nothing of which it would say the kind
            headers.append(("content-type", payload.told(media, harmless)))
        said: dict[tuple[payload.Names, str], str] = {}
        await to_thread(payload.rewritten, media, data, lambda names, text: said.setdefault((names, text), text))
        for at, one in enumerate(said):
            said[one] = hide(*one)
            if not at % _AT_ONCE:
                await sleep(0)
        body = await to_thread(payload.rewritten, media, data, lambda *one: said[one])
        return Fetched(told.status, headers, body)

    # -- the log

    async def _recorded(self, errand: Errand, now: Instant) -> Held:
        """What is about to be asked, durably on record; and the lease under which it is."""
        account, name = errand.caller.account, errand.application.name
        open_one = self.leases.get(errand.session.id, name, account)
        lease = open_one or self.leases.made(errand.session.id, name, account)
        await self.log.called(errand, lease, None if open_one else self.leases, now)
        if not self.sessions.is_live(errand.session, self.clock.now()):
            return lease  # it is not opened any more
        return self.leases.open(lease)

    async def _answered(self, errand: Errand, failed: str, told: wire.Answered | None = None) -> None:
        await self.log.answered(errand, failed, told, self.clock.now())

    async def _refused(
        self, caller: BotCaller, turn: TurnGrant | None, application: str, reason: str, now: Instant,
        grant: Grant | None = None,
    ) -> None:  # fmt: skip
        known = any(one.application == application for one in self.applications.grants)
        await self.log.refused(caller.account, turn, reason, now, grant=grant, application=application if known else "")

    # -- ends

    def session_ended(self, session: Session) -> None:
        """A session is over: what is being asked for it is taken back, and its leases end, now."""
        self.leases.end(session.id, session.end_reason.value if session.end_reason else "revoked")


def is_active(session: Session, now: Instant) -> bool:
    """Whether the session lives and its person is not asked anything first."""
    return life.state_of(session, now) is State.ACTIVE and not session.incomplete and is_id(session.id, "ses")


def proved_ago(session: Session, now: Instant) -> int | None:
    """How long ago the person proved who they are, here or at the company's login; None for who never did."""
    proved = session.principal.kind is Kind.PERSON and not {"issued", "assertion"}.issuperset(session.factors)
    return now - session.authenticated_at if proved else None


def _unavailable() -> Unavailable:
    return Unavailable("applications cannot be asked at the moment")
