"""The outbox: what is told is written with the act that it tells of, and delivered beside the requests.

A notice is sent at least once. It stays in the outbox until the other side has taken it, over restarts and kill -9, and
is tried again, ever later, until ``notify.give_up``; then the log says that nobody was told. A notice that was taken and
whose row could not be removed is not sent again while this process lives.
"""

from __future__ import annotations

import asyncio
import os
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from chatwarden.audit.model import Event, Lane
from chatwarden.audit.service import AuditLog
from chatwarden.clock import Instant
from chatwarden.config import mail
from chatwarden.config.model import NotifyConfig
from chatwarden.crypto import Tampered, seal, unseal
from chatwarden.errors import InvalidRequest
from chatwarden.ids import Randomness, new_id
from chatwarden.log import get_logger
from chatwarden.notify import store
from chatwarden.notify.model import NOBODY, Account, Notice, NotSent, Receiver, Way
from chatwarden.notify.rules import ALARMS_AN_HOUR, QUIET, concerned, next_try, over, receivers
from chatwarden.notify.smtp import MailServer, letter
from chatwarden.notify.texts import REASONS, TELLINGS, TEST, words
from chatwarden.notify.webhook import Hook, body
from chatwarden.principal import Role
from chatwarden.storage.model import Database, StorageFailed, Transaction

# Notices a round and way: few, since all of a round share an instant, which a webhook's signature must not be older than.
_ROUND = 10
_log = get_logger("notify")

Count = Callable[[str, str], None]
"""Told by which way a notice went and how: ``sent``, ``failed`` or ``given-up``."""
Place = Callable[[], tuple[str, str]]
"""What this place is called, and the host name under which people know it."""


class Ways:
    """How notices leave under one configuration. Raises ConfigurationError."""

    def __init__(self, config: NotifyConfig, home: Path) -> None:
        self.config = config
        self.mail = MailServer(config, home) if config.smtp else None
        self.hook = Hook(config, home) if config.webhook else None


@dataclass(frozen=True, slots=True)
class Check:
    """What a test of one way showed."""

    name: str
    ok: bool
    detail: str


class Notify:
    """Tells people. *key* (32 bytes) seals the addresses of people. Replace ``ways`` when the configuration was read
    again.
    """

    def __init__(
        self, database: Database, audit: AuditLog, ways: Ways, place: Place, *, key: bytes, count: Count,
        random: Randomness = os.urandom,
    ) -> None:  # fmt: skip
        self.ways = ways
        self._database = database
        self._audit = audit
        self._place = place
        self._key = key
        self._count = count
        self._random = random
        self._unsettled: dict[str, Transaction] = {}
        self._quiet: dict[tuple[Receiver, str, str], Instant] = {}
        self._alarms: deque[Instant] = deque(maxlen=ALARMS_AN_HOUR)  # mails to administrators

    # -- what is to be told

    def tell(self, tx: Transaction, event: str, user_id: str, now: Instant) -> None:
        """Puts what happened to the account *user_id* (or to none: ``""``) into *tx*. *event* is one of ``TELLINGS``.
        Nothing is written where nobody would be told.
        """
        notice_id = new_id("ntc", self._random)
        for receiver in receivers(event, mail=self.ways.mail is not None, webhook=self.ways.hook is not None):
            notice = Notice(notice_id, receiver, event, user_id, now, 0)
            store.insert(tx, notice, once=TELLINGS[event].alarm)

    def set_contact(self, tx: Transaction, user_id: str, address: str) -> None:
        """Where this person is told from now on; nowhere when empty. Raises InvalidRequest."""
        try:
            address = mail.optional_address(address)
        except ValueError as error:
            raise InvalidRequest(str(error)) from None
        sealed = seal(self._key, _bound(user_id), address.encode("ascii"), self._random) if address else None
        store.set_contact(tx, user_id, sealed)

    async def change_contact(self, user_id: str, address: str, now: Instant, *, actor: str) -> None:
        """The same as an act of its own, in the log and told. Raises InvalidRequest."""
        tx = Transaction()
        self.set_contact(tx, user_id, address)
        self._audit.append(tx, Event.USER_CONTACT_CHANGED, lane=Lane.STAFF, actor=actor, at=now, object=user_id)
        self.tell(tx, "contact-changed", user_id, now)
        await self._database.commit(tx)

    async def contact(self, user_id: str) -> str:
        """Where this person is told, or an empty string; also where it cannot be read."""
        found = await store.account(self._database, user_id)
        try:
            return self._opened(user_id, found[2]) if found and found[2] else ""
        except Tampered:
            return ""

    def _opened(self, user_id: str, sealed: bytes) -> str:
        return unseal(self._key, _bound(user_id), sealed).decode("ascii")

    # -- delivery

    async def deliver(self, now: Instant) -> None:
        """Sends what is due, every way at once. Raises StorageFailed, and then the rest is due as before."""
        await asyncio.gather(*(self.deliver_by(way, now) for way in Way))

    async def deliver_by(self, way: Way, now: Instant) -> bool:
        """Sends some of what is due one way, one after the other, until the way turns out to be closed: then the rest
        would only wait as long, each for itself. Returns whether more can be sent at once.
        """
        found = await store.due(self._database, way, now, _ROUND)
        for notice in found:
            if not await self._deliver(notice, now):
                return False
        return len(found) == _ROUND

    async def _deliver(self, notice: Notice, now: Instant) -> bool:
        """Sends one; whether the way is open."""
        settled = self._unsettled.get(notice.key)
        if settled is not None:
            await self._settle(notice, settled)
            return True
        tx = Transaction()
        quiet = self._quiet_until(notice, now)
        if quiet > now:
            store.postpone(tx, notice, quiet, notice.tries)
            await self._settle(notice, tx)
            return True
        is_open = True
        try:
            await self._send(notice, now)
        except NotSent as failure:
            self._failed(tx, notice, failure, now)
            is_open = failure.alone
        else:
            store.remove(tx, notice)
        await self._settle(notice, tx)
        return is_open

    async def _settle(self, notice: Notice, tx: Transaction) -> None:
        """Records what became of it. What cannot be recorded now is remembered, and recorded before anything is sent
        again: a full disk must not fill a mailbox.
        """
        self._unsettled[notice.key] = tx
        await self._database.commit(tx)
        del self._unsettled[notice.key]

    async def _send(self, notice: Notice, now: Instant) -> None:
        """Sends to whom it concerns. Raises NotSent."""
        if notice.event not in TELLINGS:
            raise NotSent("unknown", for_good=True)
        try:
            account, address = await self._account(notice)
            if not concerned(notice.receiver, notice.event, account, address):
                return
            await self._say(notice, account, address, now)
        except (NotSent, StorageFailed):
            raise
        except Exception as error:
            # A notice must not stop the gateway. It is tried again, and given up like any other.
            _log.exception("unexpected-error", kind=type(error).__name__)
            raise NotSent("internal", alone=True) from error
        self._count(notice.receiver.way, "sent")
        if TELLINGS[notice.event].alarm:
            self._quiet = {key: until for key, until in self._quiet.items() if until > now}
            self._quiet[notice.receiver, notice.event, notice.user_id] = now + QUIET
            if notice.receiver is Receiver.ADMINISTRATORS:
                self._alarms.append(now)

    def _quiet_until(self, notice: Notice, now: Instant) -> Instant:
        """When it may be sent. The same alarm is sent once an hour, and administrators get so many mails of alarms."""
        until = self._quiet.get((notice.receiver, notice.event, notice.user_id), now)
        alarm = notice.event in TELLINGS and TELLINGS[notice.event].alarm
        if alarm and notice.receiver is Receiver.ADMINISTRATORS and len(self._alarms) == ALARMS_AN_HOUR:
            until = max(until, self._alarms[0] + QUIET)
        return until

    async def _say(self, notice: Notice, account: Account, address: str, now: Instant) -> None:
        title, host = self._place()
        ways = self.ways
        if notice.receiver is Receiver.WEBHOOK:
            if ways.hook is None:
                raise NotSent("not-configured")
            await ways.hook.post(notice.id, body(notice.event, notice.user_id, account, notice.at, host), now)
            return
        if ways.mail is None:
            raise NotSent("not-configured")
        to = address if notice.receiver is Receiver.PERSON else ways.config.to
        subject, text = words(notice.event, notice.receiver, account, notice.at, host)
        message = letter(
            title=title, sender=ways.config.sender, to=to, subject=subject, text=text,
            name=f"{notice.id}.{notice.receiver}", at=notice.at,
        )  # fmt: skip
        await ways.mail.send(message, to)

    def _failed(self, tx: Transaction, notice: Notice, failure: NotSent, now: Instant) -> None:
        """Another try later, or none any more."""
        way = notice.receiver.way
        if not failure.for_good and not over(notice, now, self.ways.config.give_up):
            store.postpone(tx, notice, next_try(notice.tries, now, self._random), notice.tries + 1)
            self._count(way, "failed")
            _log.warning(
                "notice-not-sent", way=way.value, reason=failure.reason, code=failure.number, tries=notice.tries + 1
            )
            return
        store.remove(tx, notice)
        self._audit.append(
            tx, Event.NOTICE_GIVEN_UP, lane=Lane.SYSTEM, actor="system", at=now, object=notice.user_id, decision="deny",
            reason=f"{notice.event} {notice.receiver} {failure.reason}",
        )  # fmt: skip
        self._count(way, "given-up")
        _log.error(
            "notice-given-up", way=way.value, about=notice.event, to=notice.receiver.value, reason=failure.reason
        )

    async def _account(self, notice: Notice) -> tuple[Account, str]:
        """Whom it is about, and where they are told. Raises NotSent."""
        found = await store.account(self._database, notice.user_id) if notice.user_id else None
        if found is None:
            return NOBODY, ""
        name, role, sealed = found
        address = ""
        if sealed is not None and notice.receiver is Receiver.PERSON:
            try:
                address = self._opened(notice.user_id, sealed)
            except Tampered:
                raise NotSent("address", for_good=True) from None
        return Account(name, Role(role)), address

    # -- trying it out

    async def test(self, now: Instant) -> list[Check]:
        """A test notice to the administrators and to the webhook, at once and past the outbox: what worked. Empty where
        nothing is configured.
        """
        config = self.ways.config
        found = []
        for receiver, there, to in (
            (Receiver.ADMINISTRATORS, self.ways.mail is not None, f"{config.smtp} took it for {config.to}"),
            (Receiver.WEBHOOK, self.ways.hook is not None, f"{config.webhook} took it"),
        ):
            if not there:
                continue
            notice = Notice(new_id("ntc", self._random), receiver, TEST, "", now, 0)
            try:
                await self._say(notice, NOBODY, "", now)
            except NotSent as failure:
                detail = REASONS[failure.reason] + (f" ({failure.code})" if failure.code else "")
                found.append(Check(receiver.way.value, ok=False, detail=detail))
            else:
                found.append(Check(receiver.way.value, ok=True, detail=to))
        return found


def _bound(user_id: str) -> bytes:
    """An address belongs to one account and cannot be moved to another."""
    return b"contact " + user_id.encode()
