"""What the desk did, counted."""

from __future__ import annotations

from chatwarden.clock import SECOND
from chatwarden.config.desk import DeskConfig
from chatwarden.routing.model import Handoff, Reason, Why
from chatwarden.routing.moves import begun, moved
from chatwarden.routing.numbers import Times, numbers, times
from chatwarden.routing.rules import Happening

CONFIG = DeskConfig()


def asked(no: int, at: int, reason: Reason = Reason.ASKED) -> Handoff:
    return begun(f"hnd_{no}", no, f"cnv_{no}", "shop", Why(reason), Happening.REQUEST, at * SECOND, CONFIG)


def test_nothing_is_no_number() -> None:
    found = numbers(0, 0, [])
    assert (found.answered_by_bot, found.waiting, found.handling) == (0, Times(None, None), Times(None, None))


def test_what_was_handed_over_is_counted_each_time_and_by_reason() -> None:
    found = numbers(10, 8, [asked(1, 0), asked(1, 50), asked(2, 0, Reason.TONE)])
    assert (found.answered_by_bot, found.handed_over, found.by_reason) == (8, 3, {"asked": 2, "tone": 1})


def test_waiting_ends_with_the_first_agent_and_handling_with_the_last() -> None:
    taken = moved(asked(1, 0), Happening.TAKE, 30 * SECOND, CONFIG, agent="a")
    passed = moved(taken, Happening.TRANSFER, 60 * SECOND, CONFIG, agent="b")
    done = moved(passed, Happening.FINISH, 130 * SECOND, CONFIG)
    given_up = moved(asked(2, 0), Happening.GIVE_UP, 300 * SECOND, CONFIG)
    found = numbers(2, 0, [done, given_up, asked(3, 0)])
    assert (found.waiting, found.handling) == (Times(30, 30), Times(100, 100))
    assert found.not_taken == 1


def test_an_offer_that_nobody_took_up_is_not_counted() -> None:
    offered = begun("hnd_1", 1, "cnv_1", "shop", Why(Reason.TONE), Happening.OFFER, 0, CONFIG)
    assert numbers(1, 1, [offered]).handed_over == 0


def test_median_and_ninety_percent_are_of_the_nearest_rank() -> None:
    assert times([n * SECOND for n in range(1, 11)]) == Times(5, 9)
