"""The circuit breaker as a table."""

import pytest

from chatwarden.bots.breaker import FAILURES, REST, WINDOW, Breaker, Circuit

T = 1_000_000
# Each step: what happens, when, and where the circuit stands after. "?" asks: + permitted, - not permitted. What happens
# belongs to the request that was permitted last; "first" before it, to the one that was permitted first.
FIRST = ("?+", T, Circuit.CLOSED)
FAIL = [FIRST, *[("fail", T, Circuit.CLOSED)] * (FAILURES - 1), ("fail", T, Circuit.OPEN)]
TABLE: dict[str, list[tuple[str, int, Circuit]]] = {
    "closed lets all through": [("?+", T, Circuit.CLOSED)] * 9,
    "failures in a row open it": FAIL,
    "a success between starts the count anew": [
        *FAIL[:-1],
        ("ok", T, Circuit.CLOSED),
        *FAIL,
    ],
    "giving up is no failure": [*FAIL[:-1], *[("gone", T, Circuit.CLOSED)] * 9, FAIL[-1]],
    "open lets nothing through until it has rested": [
        *FAIL,
        ("?-", T, Circuit.OPEN),
        ("?-", T + REST - 1, Circuit.OPEN),
        ("?+", T + REST, Circuit.HALF_OPEN),
    ],
    "half open lets one through at a time": [
        *FAIL,
        ("?+", T + REST, Circuit.HALF_OPEN),
        ("?-", T + REST, Circuit.HALF_OPEN),
        ("?-", T + 9 * REST, Circuit.HALF_OPEN),
    ],
    "a good probe closes it": [
        *FAIL,
        ("?+", T + REST, Circuit.HALF_OPEN),
        ("ok", T + REST, Circuit.CLOSED),
        ("?+", T + REST, Circuit.CLOSED),
        ("?+", T + REST, Circuit.CLOSED),
        ("fail", T + REST, Circuit.CLOSED),
    ],
    "a bad probe opens it for another rest": [
        *FAIL,
        ("?+", T + REST, Circuit.HALF_OPEN),
        ("fail", T + REST + 5, Circuit.OPEN),
        ("?-", T + 2 * REST, Circuit.OPEN),
        ("?+", T + 2 * REST + 5, Circuit.HALF_OPEN),
    ],
    "a probe that is given up makes room for the next": [
        *FAIL,
        ("?+", T + REST, Circuit.HALF_OPEN),
        ("gone", T + REST, Circuit.HALF_OPEN),
        ("?+", T + REST, Circuit.HALF_OPEN),
        ("?-", T + REST, Circuit.HALF_OPEN),
    ],
    "a late success says nothing about the bot since": [
        *FAIL,
        ("first ok", T + 1, Circuit.OPEN),
        ("?-", T + 1, Circuit.OPEN),
        ("?+", T + REST, Circuit.HALF_OPEN),
        ("first ok", T + REST, Circuit.HALF_OPEN),
        ("?-", T + REST, Circuit.HALF_OPEN),
    ],
    "neither does a late failure, nor a late goodbye": [
        *FAIL,
        ("?+", T + REST, Circuit.HALF_OPEN),
        ("first fail", T + REST, Circuit.HALF_OPEN),
        ("first gone", T + REST, Circuit.HALF_OPEN),
        ("?-", T + REST, Circuit.HALF_OPEN),
        ("ok", T + REST, Circuit.CLOSED),
        *[("first fail", T + REST, Circuit.CLOSED)] * FAILURES,
    ],
    "failures far apart are none in a row": [
        *FAIL[:-1],
        ("fail", T + WINDOW + 1, Circuit.CLOSED),
        *[("fail", T + WINDOW + 1, Circuit.CLOSED)] * (FAILURES - 2),
        ("fail", T + WINDOW + 1, Circuit.OPEN),
    ],
    "failures at both ends of the window are": [*FAIL[:-1], ("fail", T + WINDOW, Circuit.OPEN)],
}


@pytest.mark.parametrize("name", TABLE)
def test_each_step_of_the_table_holds(name: str) -> None:
    breaker = Breaker()
    marks: list[int] = []
    for number, (happens, now, state) in enumerate(TABLE[name]):
        event = happens.removeprefix("first ")
        if event.startswith("?"):
            mark = breaker.permits(now)
            assert bool(mark) is (event == "?+"), number
            marks += [mark] if mark else []
        else:
            mark = marks[0] if happens.startswith("first ") else marks[-1]
            if event == "ok":
                breaker.succeeded(mark)
            elif event == "fail":
                breaker.failed(mark, now)
            else:
                breaker.abandoned(mark)
        assert breaker.state is state, number
