"""What the overview counts, without a gateway around it."""

from __future__ import annotations

import pytest

from chatwarden.audit.filter import ANY, Filter
from chatwarden.audit.model import Event
from chatwarden.clock import DAY, HOUR, MINUTE, rfc3339
from chatwarden.web import tally as module
from chatwarden.web.tally import NUMBERS, Tally, query, span_of
from tests.world.log import AT, entry

MSG = "msg_" + "0" * 31


def counted(tally: Tally, span: str = "hour", now: int = AT) -> dict[str, module.Counted]:
    return tally.counted(*span_of(span, now))


def test_an_entry_counts_in_every_number_that_means_it_and_in_its_parts() -> None:
    tally = Tally()
    tally.add(entry(Event.MESSAGE_RECEIVED, object=MSG + "1", reason="email iban"))
    tally.add(entry(Event.MESSAGE_ANSWERED, object=MSG + "2", actor="helpdesk", reason="email:mask"))
    tally.add(entry(Event.MESSAGE_BLOCKED, decision="deny", reason="iban"))
    tally.add(entry(Event.KEY_MADE))
    told = counted(tally)
    assert {name: one.count for name, one in told.items() if one.count} == {
        "messages": 1, "answered": 1, "found": 3, "refused": 1,
    }  # fmt: skip
    assert told["found"].parts == {"email": 2, "iban": 2}
    assert told["refused"].parts == {"message:blocked iban": 1}
    assert told["answered"].parts == {"helpdesk": 1}


@pytest.mark.parametrize("one", NUMBERS, ids=lambda one: str(one.name))
def test_the_parts_of_a_number_mean_what_they_count(one: module.Number) -> None:
    event = min(one.counts.events) if one.counts.events else Event.LOGIN_REFUSED
    given = entry(event, decision="deny", reason="email", actor="helpdesk")
    assert one.counts.fits(given)
    assert bool(one.parts(given)) == bool(one.by)
    for part in one.parts(given):
        assert one.part(part).fits(given)
        other = entry(
            Event.KEY_MADE if one.by in {"event", "refusal"} else event, decision="deny", reason="x", actor="y"
        )  # fmt: skip
        assert not one.part(part).fits(other)


def test_a_step_is_where_the_minute_lies_and_the_present_minute_is_the_last() -> None:
    tally = Tally()
    for minutes in (0, 1, 59, 60):
        tally.add(entry(at=AT - minutes * MINUTE))
    series = counted(tally)["messages"].series
    assert (len(series), sum(series), series[-1], series[-2], series[0]) == (60, 3, 1, 1, 1)
    day = counted(tally, "day")["messages"]
    assert (len(day.series), day.count) == (48, 4)
    since, until, step = span_of("day", AT)
    assert (until - since, step, until - AT <= MINUTE) == (DAY, 30 * MINUTE, True)


def test_a_message_with_findings_is_remembered_until_it_is_a_day_old_and_its_end_is_noted() -> None:
    tally = Tally()
    tally.add(entry(object=MSG + "1", reason="email"))
    tally.add(entry(object=MSG + "2", reason=""))
    tally.add(entry(Event.MESSAGE_BLOCKED, object="cnv_1", reason="email"))
    tally.add(entry(Event.MESSAGE_DESTROYED, object=MSG + "1", reason="person", at=AT + 5))
    tally.add(entry(Event.MESSAGE_DESTROYED, object=MSG + "2", reason="person"))
    [found] = tally.with_class(ANY, 0, 2**62)
    assert (found.message, found.classes, found.destroyed_at, found.ended) == (MSG + "1", ["email"], AT + 5, "person")
    assert list(tally.with_class("iban", 0, 2**62)) == []
    assert list(tally.with_class("email", 0, AT)) == []
    tally.forget(AT + DAY + 2 * HOUR)
    assert list(tally.with_class("", 0, 2**62)) == []
    assert counted(tally)["messages"].count == 0


def test_memory_is_bounded_and_says_that_it_forgot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FOUND_MAX", 2)
    tally = Tally()
    for n in range(3):
        tally.add(entry(object=MSG + str(n), reason="email"))
    assert ([one.message for one in tally.with_class(ANY, 0, 2**62)], tally.forgotten) == ([MSG + "2", MSG + "1"], 1)


def test_a_filter_is_written_as_the_query_that_means_it() -> None:
    only = Filter(
        events=frozenset({Event.MESSAGE_HELD, Event.MESSAGE_RECEIVED}), begin=AT // MINUTE * MINUTE, reason=""
    )
    assert query(only) == {
        "event": "message:held,message:received", "from": rfc3339(AT // MINUTE * MINUTE), "reason": "",
    }  # fmt: skip
    assert query(Filter(decision="deny", actors=frozenset({"x"}), data_class="any")) == {
        "decision": "deny",
        "actor": "x",
        "class": "any",
    }
