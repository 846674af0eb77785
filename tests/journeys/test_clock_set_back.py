"""The machine's clock is set back an hour while the gateway is down: nothing that ran out or ended revives."""

from __future__ import annotations

import time

import pytest
from tests.world.house import Open

from chatwarden.clock import HOUR, MINUTE

SESSION = "/api/v1/session"


async def test_a_clock_that_is_set_back_revives_nothing(open_house: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    real = time.time_ns
    async with open_house() as house:
        idle, ended = await house.visitor(), await house.visitor()
        begun = house.clock.now()
    with monkeypatch.context() as later:  # an hour on: one runs out, one is ended, and that is on record
        later.setattr(time, "time_ns", lambda: real() + HOUR * 1000)
        async with open_house() as house:
            assert house.clock.now() >= begun + HOUR - MINUTE
            assert (await house.ask("GET", SESSION, None, idle)).json["reason"] == "idle"
            assert (await house.ask("DELETE", SESSION, None, ended)).status == 401  # it ran out as well
            fresh = await house.visitor()
            assert (await house.ask("DELETE", SESSION, None, fresh)).status == 204
            seen = house.clock.now()
    async with open_house() as house:  # and back
        assert house.clock.now() >= seen - MINUTE
        assert real() // 1000 < seen - HOUR // 2  # the machine says so, the gateway does not believe it
        for token, reason in ((idle, "idle"), (ended, "idle"), (fresh, "logout")):
            told = await house.ask("GET", SESSION, None, token)
            assert (told.problem, told.json["reason"]) == ("session-ended", reason)
