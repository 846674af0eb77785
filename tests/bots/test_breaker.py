"""The circuit breaker as a table."""

import pytest

from chatwarden.bots.breaker import FAILURES, REST, Breaker, Circuit

T = 1_000_000
# Each step: what happens, when, and where the circuit stands after. "?" asks: + permitted, - not permitted.
FAIL = [("fail", T, Circuit.CLOSED)] * (FAILURES - 1) + [("fail", T, Circuit.OPEN)]
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
}


@pytest.mark.parametrize("name", TABLE)
def test_each_step_of_the_table_holds(name: str) -> None:
    breaker = Breaker()
    for number, (event, now, state) in enumerate(TABLE[name]):
        if event.startswith("?"):
            assert breaker.permits(now) is (event == "?+"), number
        elif event == "ok":
            breaker.succeeded()
        elif event == "fail":
            breaker.failed(now)
        else:
            breaker.abandoned()
        assert breaker.state is state, number
