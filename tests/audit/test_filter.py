"""Conditions on entries."""

from __future__ import annotations

from tests.world.log import AT, entry

from chatwarden.audit.filter import ANY, Filter, classes_in
from chatwarden.audit.model import Event, Lane


def test_each_condition_must_hold() -> None:
    one = entry(Event.MESSAGE_ANSWERED, lane=Lane.BOT, actor="bot_1", act=("usr_1",))
    fits = Filter(Lane.BOT, frozenset({Event.MESSAGE_ANSWERED, Event.MESSAGE_HELD}), frozenset({"usr_1"}), AT, AT + 1)
    assert fits.fits(one)
    for other in (
        Filter(lane=Lane.CLIENT), Filter(events=frozenset({Event.MESSAGE_HELD})), Filter(actors=frozenset({"usr_2"})),
        Filter(begin=AT + 1), Filter(end=AT), Filter(object="msg_1"),
        Filter(decision="deny"), Filter(reason="iban"), Filter(data_class=ANY),
    ):  # fmt: skip
        assert not other.fits(one)


def test_what_an_entry_is_about_what_was_decided_and_why_are_conditions_too() -> None:
    one = entry(Event.MESSAGE_RECEIVED, object="msg_1", decision="observe", reason="email:mask iban")
    for fitting in (
        Filter(object="msg_1"), Filter(decision="observe"), Filter(reason="email:mask iban"), Filter(data_class="email"),
        Filter(data_class="iban"), Filter(data_class=ANY),
    ):  # fmt: skip
        assert fitting.fits(one)
    assert not Filter(data_class="phone").fits(one)
    assert classes_in(one) == ["email", "iban"]
    assert classes_in(entry(Event.MESSAGE_DESTROYED, reason="iban")) == []
    assert not Filter(data_class=ANY).fits(entry(Event.MESSAGE_RECEIVED, reason="person"))
