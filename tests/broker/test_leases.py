"""What was signed in for is taken back, whatever happens to the process, and shown where that does not work."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest

from chatwarden.broker import wire
from chatwarden.broker.leases import TRIES, Leases
from chatwarden.broker.sign_in.model import Shown
from chatwarden.broker.vault import Vault
from chatwarden.broker.wire import Lease
from chatwarden.clock import DAY, MINUTE, SECOND

NOW = 1_800_000_000 * SECOND
TOKEN = "a-token-of-an-application"
SHOWN = Shown(("authorization", f"Bearer {TOKEN}"), (TOKEN,), TOKEN, NOW + 2 * DAY)
LEASE = Lease(id="lea_1", application="crm", session="ses_1", bot="bot_1", opened_at=NOW)


def leases(folder: Path) -> Leases:
    return Leases(folder, Vault(folder, os.urandom), lambda size: b"\x80" * size, 10 * SECOND)


@pytest.fixture
def open_one(tmp_path: Path) -> Leases:
    made = leases(tmp_path)
    made.hold(LEASE, SHOWN, NOW)
    return made


def state(of: Leases) -> list[tuple[str, int]]:
    return [(one.state, one.tries) for one in of.listed()]


def test_a_token_is_shown_while_its_lease_is_open_and_not_in_its_last_seconds(open_one: Leases) -> None:
    assert open_one.shown("lea_1", NOW) == SHOWN
    assert open_one.shown("lea_1", NOW + 2 * DAY - 11 * SECOND) == SHOWN
    assert open_one.shown("lea_1", NOW + 2 * DAY - 10 * SECOND) is None
    assert open_one.shown("lea_2", NOW) is None


def test_what_was_held_is_sealed_on_disk_and_there_for_the_next_process(open_one: Leases, tmp_path: Path) -> None:
    assert TOKEN.encode() not in b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert leases(tmp_path).shown("lea_1", NOW) == SHOWN


def test_a_line_that_was_torn_is_passed_over(open_one: Leases, tmp_path: Path) -> None:
    (tmp_path / "lea_1.lease").write_bytes(b"torn")
    assert leases(tmp_path).listed() == []


def test_an_ended_lease_shows_nothing_and_is_due_at_once(open_one: Leases, tmp_path: Path) -> None:
    open_one.end("lea_1", NOW)
    assert open_one.shown("lea_1", NOW) is None
    assert open_one.is_over("lea_1")
    assert open_one.busy
    assert [one.id for one in leases(tmp_path).due(NOW)] == ["lea_1"]  # also of the next process
    open_one.settled("lea_1")
    assert state(open_one) == [("revoked", 0)]
    assert open_one.due(NOW + DAY) == []
    open_one.told("lea_1")
    assert open_one.listed() == leases(tmp_path).listed() == []


def test_what_fails_is_tried_later_each_time_and_shown_after_six_failures(open_one: Leases, tmp_path: Path) -> None:
    open_one.end("lea_1", NOW)
    now, waits = NOW, []
    for _ in range(TRIES):
        (one,) = open_one.due(now)
        open_one.failed(one.id, now)
        waits.append(open_one.listed()[0].next_try - now)
        now = open_one.listed()[0].next_try
    assert [wait // SECOND for wait in waits] == [10, 20, 40, 80, 160, 86_400]
    assert state(open_one) == [("not-revoked", TRIES)]
    assert not open_one.busy
    open_one.told("lea_1")
    assert [one.told for one in leases(tmp_path).listed()] == [True]  # it stays to be seen
    assert [one.id for one in open_one.due(now)] == ["lea_1"]  # once a day


def test_the_waiting_is_jittered(tmp_path: Path) -> None:
    found = set()
    for byte in (0, 255):
        made = Leases(tmp_path, Vault(tmp_path, os.urandom), lambda size, byte=byte: bytes([byte]) * size, 10 * SECOND)  # type: ignore[misc]
        made.hold(LEASE, SHOWN, NOW)
        made.end("lea_1", NOW)
        made.failed("lea_1", NOW)
        found.add((made.listed()[0].next_try - NOW) // SECOND)
    assert found == {5, 14}


def test_when_the_tokens_own_time_is_over_there_is_nothing_to_take_back(open_one: Leases) -> None:
    open_one.end("lea_1", NOW)
    open_one.failed("lea_1", NOW)
    assert open_one.due(NOW + 2 * DAY) == []
    assert state(open_one)[0][0] == "expired"
    open_one.told("lea_1")
    assert open_one.listed() == []


def test_a_token_that_came_after_the_end_is_on_its_way_out_already(tmp_path: Path) -> None:
    made = leases(tmp_path)
    made.end("lea_1", NOW)
    assert made.is_over("lea_1")
    made.hold(LEASE, SHOWN, NOW)
    assert made.shown("lea_1", NOW) is None
    assert [one.id for one in made.due(NOW)] == ["lea_1"]


def test_what_needs_no_token_leaves_nothing_behind(tmp_path: Path) -> None:
    made = leases(tmp_path)
    made.hold(LEASE, Shown(("x-api-key", "k" * 20), ("k" * 20,)), NOW)
    assert made.listed() == []


def test_a_token_that_was_refused_over_there_is_forgotten(open_one: Leases) -> None:
    open_one.forget_token("lea_1", TOKEN)
    open_one.forget_token("lea_1", TOKEN)
    assert open_one.listed() == []


def test_a_token_that_came_meanwhile_or_is_to_be_taken_back_is_not_forgotten(open_one: Leases) -> None:
    open_one.forget_token("lea_1", "an-earlier-token")
    assert open_one.shown("lea_1", NOW) == SHOWN
    open_one.end("lea_1", NOW)
    open_one.forget_token("lea_1", TOKEN)
    assert [one.id for one in open_one.due(NOW)] == ["lea_1"]


def test_what_is_over_before_the_application_answers_stays_over(open_one: Leases) -> None:
    open_one.end("lea_1", NOW)
    assert open_one.due(NOW + 2 * DAY) == []
    open_one.settled("lea_1")
    open_one.failed("lea_1", NOW)
    assert state(open_one) == [("expired", 0)]
    open_one.told("lea_1")
    open_one.settled("lea_1")
    open_one.failed("lea_1", NOW)
    assert (open_one.listed(), open_one.token("lea_1")) == ([], "")


def test_a_list_comes_in_pages(open_one: Leases) -> None:
    for number in range(wire.PAGE):
        open_one.hold(msgspec.structs.replace(LEASE, id=f"lea_0{number:03}"), SHOWN, NOW)
    first = open_one.listed()
    assert len(first) == wire.PAGE
    assert [one.id for one in open_one.listed(first[-1].id)] == ["lea_1"]
    assert open_one.listed("lea_1") == []


def test_the_leases_of_an_application_are_those_that_need_it(open_one: Leases) -> None:
    open_one.hold(Lease(id="lea_2", application="erp", session="s", bot="b", opened_at=NOW), SHOWN, NOW)
    assert open_one.of("crm") == ["lea_1"]
    open_one.end("lea_1", NOW)
    assert open_one.of("crm") == ["lea_1"]
    open_one.settled("lea_1")
    assert open_one.of("crm") == []


def test_who_tells_of_a_lease_that_is_open_or_unknown_changes_nothing(open_one: Leases) -> None:
    open_one.told("lea_1")
    open_one.told("lea_9")
    assert state(open_one) == [("open", 0)]
    assert MINUTE
