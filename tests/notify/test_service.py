"""The outbox: written with the act, delivered beside the requests, at least once, and not for ever."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from tests.notify.conftest import TO, Make
from tests.world.hook import Hook
from tests.world.mailbox import Authority, Mailbox, serving_mail
from tests.world.upstream import serving

from chatwarden.audit.model import Event, Lane
from chatwarden.clock import DAY, HOUR, MINUTE, SECOND, SystemClock
from chatwarden.config.model import NotifyConfig
from chatwarden.errors import InvalidRequest
from chatwarden.notify.model import Way
from chatwarden.notify.rules import ALARMS_AN_HOUR, QUIET
from chatwarden.notify.service import Notify, Ways
from chatwarden.storage.model import Database, Row, Stale, StorageFailed, Transaction, Value

Configured = Callable[[str], NotifyConfig]
ADA, BEA = "ada@example.org", "bea@example.org"


def mail(port: int) -> str:
    return f'smtp = "127.0.0.1:{port}"\n%mail\n'


def hook(port: int) -> str:
    return f'webhook = "http://127.0.0.1:{port}/"\n%hook\n'


async def test_where_nobody_would_be_told_nothing_is_written(outbox: Make) -> None:
    quiet = outbox(NotifyConfig())
    tx = Transaction()
    quiet.notify.tell(tx, "password-changed", "usr_1", quiet.clock.now())
    assert tx.statements == []
    assert await quiet.notify.test(quiet.clock.now()) == []


async def test_a_person_the_administrators_and_the_webhook_are_told_once_each(
    outbox: Make, configured: Configured, house_authority: Authority
) -> None:
    told = Hook()
    async with serving_mail(Mailbox(), house_authority.server(), login=True) as box, serving(told) as upstream:
        house = outbox(configured(mail(box.port) + hook(upstream.port)))
        house.clock.advance(SystemClock().now() - house.clock.now())  # a receiver looks at the time of the signature
        ada, bea = await house.person("ada", "customer", ADA), await house.person("bea", "agent", BEA)
        await house.tell("password-changed", ada)
        await house.tell("factor-removed", bea)
        await house.deliver()
        assert await house.waiting() == []
        await house.deliver()
    [to_ada], [to_bea], [of_bea] = box.to(ADA), box.to(BEA), box.to(TO)
    assert len(box.letters) == 3
    assert "The password of the account was set or changed." in to_ada.text
    assert "account  ada\r\n" in to_ada.text
    assert to_ada.message["From"] == "Chatwarden <chat@example.org>"
    assert "account  bea (agent)\r\n" in of_bea.text
    assert to_bea.message["Message-ID"] != of_bea.message["Message-ID"]
    assert [(said["type"], said["data"]["account"]) for _, said in told.told] == [
        ("notice.password-changed", "ada"), ("notice.factor-removed", "bea"),
    ]  # fmt: skip
    assert house.counted == {("mail", "sent"): 3, ("webhook", "sent"): 2}


async def test_a_notice_is_there_only_if_its_act_is(outbox: Make, configured: Configured) -> None:
    house = outbox(configured(mail(1)))
    ada = await house.person("ada", "customer", ADA)
    tx = Transaction()
    house.notify.tell(tx, "password-changed", ada, house.clock.now())
    tx.add("UPDATE users SET password = ? WHERE id = ?", ("x", "usr_nobody"), expect=1)
    with pytest.raises(Stale):
        await house.database.commit(tx)
    assert await house.waiting() == []


async def test_a_mail_holds_nothing_but_what_happened(
    outbox: Make, configured: Configured, house_authority: Authority
) -> None:
    async with serving_mail(Mailbox(), house_authority.server(), login=True) as box:
        house = outbox(configured(mail(box.port)))
        bea = await house.person("bea", "agent", BEA)
        await house.tell("enrolment-issued", bea)
        await house.deliver()
    assert {len(one.to) for one in box.letters} == {1}
    for one in box.letters:
        assert bea.encode() not in one.raw
        assert b"://" not in one.raw
        other = TO if one.to == [BEA] else BEA
        assert other.encode() not in one.raw


async def test_what_cannot_be_sent_is_tried_again_ever_later_and_then_arrives_once(
    outbox: Make, configured: Configured, house_authority: Authority
) -> None:
    told = Hook(status="503 Not now")
    box = Mailbox()
    async with serving_mail(box, house_authority.server(), login=True):
        pass  # it had a port, and is away
    async with serving(told) as upstream:
        house = outbox(configured(mail(box.port) + hook(upstream.port)))
        house.clock.advance(SystemClock().now() - house.clock.now())
        await house.tell("password-changed", await house.person("ada", "customer", ADA))
        tried = []
        for _ in range(20):
            before = len(told.refused)
            await house.deliver()
            if len(told.refused) > before:
                tried.append(house.clock.now())
            house.clock.advance(SECOND)
        gaps = [later - earlier for earlier, later in itertools.pairwise(tried)]
        assert 3 <= len(tried) <= 5
        assert gaps == sorted(gaps)
        assert await house.waiting() == ["person", "webhook"]
        assert house.counted["mail", "failed"] >= 3

        told.status = "200 OK"
        again = outbox(configured(mail(box.port) + hook(upstream.port)))  # a restart
        again.clock.advance(house.clock.now() - again.clock.now() + MINUTE)
        async with serving_mail(box, house_authority.server(), login=True):
            await again.deliver()
            await again.deliver()
    assert await again.waiting() == []
    assert len(box.to(ADA)) == 1
    assert {name for name, _ in told.told} == set(told.refused)
    assert len(told.told) == 1


async def test_what_was_tried_for_long_enough_is_given_up_and_the_log_says_so(
    outbox: Make, configured: Configured, caplog: pytest.LogCaptureFixture
) -> None:
    house = outbox(configured(mail(1)))
    ada = await house.person("ada", "customer", ADA)
    await house.tell("password-changed", ada)
    for _ in range(2):
        house.clock.advance(3 * DAY)
        with caplog.at_level(logging.ERROR, "chatwarden.notify"):
            await house.deliver()
    assert await house.waiting() == []
    [entry] = [one for one in await house.log() if one.event is Event.NOTICE_GIVEN_UP]
    assert (entry.lane, entry.object, entry.decision) == (Lane.SYSTEM, ada, "deny")
    assert entry.reason == "password-changed person unreachable"
    assert "notice-given-up" in caplog.text
    assert ADA not in caplog.text
    assert house.counted["mail", "given-up"] == 1


async def test_a_recipient_who_is_refused_for_good_is_given_up_at_once_and_holds_up_nobody(
    outbox: Make, configured: Configured, house_authority: Authority
) -> None:
    box = Mailbox(refuses={ADA: "550 5.1.1 nobody", BEA: "450 later"})
    async with serving_mail(box, house_authority.server(), login=True):
        house = outbox(configured(mail(box.port)))
        for name, address in (("ada", ADA), ("bea", BEA), ("eva", "eva@example.org")):
            await house.tell("password-changed", await house.person(name, "customer", address))
        await house.deliver()
    assert [one.to for one in box.letters] == [["eva@example.org"]]
    assert await house.waiting() == ["person"]
    assert [one.object for one in await house.log()] == ["usr_ada"]


async def test_a_way_that_is_closed_is_tried_once_a_round(outbox: Make, configured: Configured) -> None:
    house = outbox(configured(mail(1)))
    for number in range(3):
        await house.tell("password-changed", await house.person(f"p{number}", "customer", f"p{number}@example.org"))
    assert await house.notify.deliver_by(Way.MAIL, house.clock.now()) is False
    assert house.counted["mail", "failed"] == 1


async def test_a_full_round_says_that_there_is_more(
    outbox: Make, configured: Configured, house_authority: Authority
) -> None:
    async with serving_mail(Mailbox(), house_authority.server(), login=True) as box:
        house = outbox(configured(mail(box.port)))
        for number in range(12):
            await house.tell("password-changed", await house.person(f"p{number}", "customer"))
        rounds = 0
        while await house.notify.deliver_by(Way.MAIL, house.clock.now()):
            rounds += 1
    assert rounds == 2
    assert (await house.waiting(), box.letters) == ([], [])


async def test_a_way_that_was_taken_out_of_the_configuration_is_waited_for_and_given_up(
    outbox: Make, configured: Configured
) -> None:
    house = outbox(configured(mail(1) + hook(1)))
    await house.tell("password-changed", await house.person("ada", "customer", ADA))
    house.notify.ways = Ways(NotifyConfig(), Path("/"))
    for _ in range(2):
        await house.deliver()
    assert await house.waiting() == ["person", "webhook"]
    house.clock.advance(4 * DAY)
    await house.deliver()
    assert await house.waiting() == []
    assert {one.reason.split()[-1] for one in await house.log()} == {"not-configured"}


# -- alarms


async def test_an_alarm_that_anybody_can_set_off_is_no_flood(
    outbox: Make, configured: Configured, house_authority: Authority
) -> None:
    async with serving_mail(Mailbox(), house_authority.server(), login=True) as box:
        house = outbox(configured(mail(box.port)))
        for _ in range(50):
            await house.tell("hostile-token", "")
        assert await house.waiting() == ["administrators"]
        await house.deliver()
        assert len(box.to(TO)) == 1
        for _ in range(50):
            await house.tell("hostile-token", "")
            house.clock.advance(SECOND)
            await house.deliver()
        assert len(box.to(TO)) == 1
        # What happened meanwhile is told all the same.
        house.clock.advance(QUIET)
        await house.deliver()
        assert len(box.to(TO)) == 2
        assert await house.waiting() == []


async def test_many_accounts_are_no_flood_either_and_each_is_told_in_the_end(
    outbox: Make, configured: Configured, house_authority: Authority
) -> None:
    many = ALARMS_AN_HOUR + 5
    async with serving_mail(Mailbox(), house_authority.server(), login=True) as box:
        house = outbox(configured(mail(box.port)))
        for number in range(many):
            await house.tell("many-wrong-attempts", await house.person(f"p{number}"))
        for _ in range(many):
            await house.deliver()
        assert len(box.to(TO)) == ALARMS_AN_HOUR
        house.clock.advance(QUIET)
        for _ in range(many):
            await house.deliver()
    assert len(box.to(TO)) == many
    assert await house.waiting() == []


# -- addresses


async def test_an_address_is_sealed_and_bound_to_its_account(
    outbox: Make, configured: Configured, house_authority: Authority
) -> None:
    async with serving_mail(Mailbox(), house_authority.server(), login=True) as box:
        house = outbox(configured(mail(box.port)))
        await house.person("ada", "customer", ADA)
        await house.person("bea", "customer", BEA)
        rows = await house.database.fetch("SELECT contact FROM users ORDER BY id")
        assert all(isinstance(row[0], bytes) and b"example" not in row[0] for row in rows)
        tx = Transaction()
        tx.add("UPDATE users SET contact = ? WHERE id = ?", (rows[0][0], "usr_bea"))
        await house.database.commit(tx)
        await house.tell("password-changed", "usr_bea")
        await house.deliver()
    assert box.letters == []
    assert [one.reason for one in await house.log()] == ["password-changed person address"]


async def test_an_address_is_changed_told_and_taken_away(
    outbox: Make, configured: Configured, house_authority: Authority
) -> None:
    async with serving_mail(Mailbox(), house_authority.server(), login=True) as box:
        house = outbox(configured(mail(box.port)))
        ada = await house.person("ada")
        await house.notify.change_contact(ada, ADA, house.clock.now(), actor="control")
        await house.deliver()
        assert len(box.to(ADA)) == 1
        await house.notify.change_contact(ada, "", house.clock.now(), actor="control")
        await house.deliver()
        assert len(box.letters) == 1
    entries = await house.log()
    assert [(one.event, one.actor, one.object) for one in entries] == [(Event.USER_CONTACT_CHANGED, "control", ada)] * 2
    assert not any(ADA in str(one) for one in entries)
    with pytest.raises(InvalidRequest, match="mail address"):
        await house.notify.change_contact(ada, "ada@example.org\r\nBcc: eve@example.org", 0, actor="control")


async def test_what_is_about_an_account_that_is_gone_is_told_to_whom_it_still_concerns(
    outbox: Make, configured: Configured, house_authority: Authority
) -> None:
    async with serving_mail(Mailbox(), house_authority.server(), login=True) as box:
        house = outbox(configured(mail(box.port)))
        await house.tell("many-wrong-attempts", "usr_gone")
        await house.deliver()
    assert [one.to for one in box.letters] == [[TO]]
    assert await house.waiting() == []


# -- trouble at home


class _Full:
    """A database on a disk that is full: it can be read."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.full = True

    async def commit(self, tx: Transaction) -> None:
        if self.full:
            raise StorageFailed("disk full")
        await self.database.commit(tx)

    async def fetch(self, sql: str, params: Sequence[Value] = ()) -> list[Row]:
        return await self.database.fetch(sql, params)

    async def prepare(self, bucket: int) -> None:
        await self.database.prepare(bucket)

    async def scrub(self, now: int) -> None:
        await self.database.scrub(now)

    async def close(self) -> None:
        await self.database.close()


async def test_a_full_disk_fills_no_mailbox(outbox: Make, configured: Configured, house_authority: Authority) -> None:
    async with serving_mail(Mailbox(), house_authority.server(), login=True) as box:
        house = outbox(configured(mail(box.port)))
        await house.tell("password-changed", await house.person("ada", "customer", ADA))
        disk = _Full(house.database)
        full = Notify(
            disk, house.audit, house.notify.ways, lambda: ("x", "y"), key=b"k" * 32, count=lambda _way, _outcome: None
        )
        for _ in range(5):
            with pytest.raises(StorageFailed):
                await full.deliver(house.clock.now())
        assert len(box.letters) == 1
        assert await house.waiting() == ["person", "administrators"]
        disk.full = False
        await full.deliver(house.clock.now())
        assert len(box.letters) == 1
        assert await house.waiting() == []


async def test_what_is_not_foreseen_stops_nothing_and_is_tried_again(
    outbox: Make, configured: Configured, house_authority: Authority
) -> None:
    async with serving_mail(Mailbox(), house_authority.server(), login=True) as box:
        house = outbox(configured(mail(box.port)))
        for name, address in (("ada", ADA), ("bea", BEA)):
            await house.tell("password-changed", await house.person(name, "customer", address))
        broken = replace(house.notify.ways.config, sender="no\r\naddress")
        sound, house.notify.ways.config = house.notify.ways.config, broken
        await house.deliver()
        assert await house.waiting() == ["person", "person"]
        assert house.counted == {("mail", "failed"): 2}
        house.notify.ways.config = sound
        house.clock.advance(HOUR)
        await house.deliver()
    assert len(box.letters) == 2


async def test_an_event_that_only_another_version_knows_is_given_up(outbox: Make, configured: Configured) -> None:
    house = outbox(configured(mail(1)))
    tx = Transaction()
    tx.add(
        "INSERT INTO notices (id, event, user_id, at, next_try, tries) VALUES (?, ?, ?, ?, ?, ?)",
        ("person:ntc_1", "of-tomorrow", "usr_1", 1, 1, 0),
    )
    await house.database.commit(tx)
    await house.deliver()
    assert [one.reason for one in await house.log()] == ["of-tomorrow person unknown"]


# -- trying it out


async def test_a_test_says_what_worked_and_leaves_nothing(
    outbox: Make, configured: Configured, house_authority: Authority
) -> None:
    told = Hook(status="500 Oops")
    async with serving_mail(Mailbox(), house_authority.server(), login=True) as box, serving(told) as upstream:
        house = outbox(configured(mail(box.port) + hook(upstream.port)))
        now = SystemClock().now()
        first, second = await house.notify.test(now)
        assert (first.name, first.ok) == ("mail", True)
        assert first.detail == f"127.0.0.1:{box.port} took it for {TO}"
        assert (second.name, second.ok, second.detail) == ("webhook", False, "it refused (500)")
        told.status = "204 No Content"
        assert [check.ok for check in await house.notify.test(now)] == [True, True]
        [(_, said)] = told.told
        assert said["type"] == "notice.test"
        box.refuses[TO] = "550 5.1.1 admin@example.org is nobody here"
        assert (await house.notify.test(now))[0].detail == "it refused the recipient (550 5.1.1)"
    assert "An administrator tests how notices arrive." in box.letters[0].text
    assert await house.waiting() == []
