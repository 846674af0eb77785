"""Allowed is only what every condition allows; the default is no."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chatwarden.bots.broker.model import Allow, Deny, Facts, Grant, Wish
from chatwarden.bots.broker.rules import decide, judged, wider
from chatwarden.clock import MINUTE

PLACE = "https://crm.example.org:443"
GRANT = Grant(
    "gnt_1", "shop", "crm", PLACE, "orders:read", ("GET",), ("/orders/*",), person_right="orders:own", step_up=5 * MINUTE
)  # fmt: skip
WISH = Wish("shop", "crm", "GET", ("orders", "1"))
FACTS = Facts(PLACE, frozenset({"orders:read"}), frozenset({"orders:own"}), True, True, MINUTE)


def test_what_every_condition_allows_is_allowed() -> None:
    assert decide([GRANT], WISH, FACTS) == Allow(GRANT)
    assert all(one.holds for one in judged(GRANT, WISH, FACTS))


def test_without_a_grant_nothing_is() -> None:
    assert decide([], WISH, FACTS) == Deny("no-grant")
    assert decide([replace(GRANT, bot="other")], WISH, FACTS) == Deny("no-grant")
    assert decide([replace(GRANT, application="erp")], WISH, FACTS) == Deny("no-grant")


@pytest.mark.parametrize(
    ("wish", "facts", "reason"),
    [
        ({}, {"origin": ""}, "application"),
        ({}, {"origin": "https://elsewhere.example:443"}, "origin"),
        ({"method": "POST"}, {}, "method"),
        ({"method": "get"}, {}, "method"),
        ({"parts": ("people", "1")}, {}, "path"),
        ({"parts": None}, {}, "unclear-path"),
        ({}, {"rights": frozenset()}, "right"),
        ({}, {"own_turn": False}, "turn"),
        ({}, {"session": False}, "session"),
        ({}, {"person_rights": frozenset({"orders:read"})}, "person-right"),
        ({}, {"proved_ago": None}, "step-up"),
        ({}, {"proved_ago": 5 * MINUTE + 1}, "step-up"),
    ],
)
def test_each_condition_alone_refuses(wish: dict[str, object], facts: dict[str, object], reason: str) -> None:
    asked, so = replace(WISH, **wish), replace(FACTS, **facts)  # type: ignore[arg-type]
    decision = decide([GRANT], asked, so)
    assert isinstance(decision, Deny)
    assert decision.reason == reason
    failing = [one.name for one in judged(GRANT, asked, so) if not one.holds]
    assert reason.removeprefix("unclear-") in failing


def test_the_last_instant_of_a_fresh_proof_counts() -> None:
    assert decide([GRANT], WISH, replace(FACTS, proved_ago=5 * MINUTE)) == Allow(GRANT)


def test_a_grant_that_asks_for_less_is_content_with_less() -> None:
    simple = replace(GRANT, person_right="", step_up=0)
    assert decide([simple], WISH, replace(FACTS, person_rights=frozenset(), proved_ago=None)) == Allow(simple)


def test_of_several_grants_one_is_enough_and_the_nearest_one_tells_why_not() -> None:
    others = [replace(GRANT, id="gnt_2", methods=("PUT",)), replace(GRANT, id="gnt_3", right="all")]
    assert decide([*others, GRANT], WISH, FACTS) == Allow(GRANT)
    assert decide(others, WISH, FACTS) == Deny("right", others[1])


def test_a_grant_on_a_right_that_the_level_lacks_has_drifted() -> None:
    assert wider(GRANT, frozenset({"orders:write"}))
    assert not wider(GRANT, frozenset({"orders:read"}))
