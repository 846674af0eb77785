"""The same numbers for the command as over HTTP."""

from __future__ import annotations

import pytest

from chatwarden.errors import InvalidRequest
from tests.web.test_operations import run
from tests.world.agents import Floor
from tests.world.house import House


async def test_the_command_tells_what_the_interface_tells(house: House) -> None:
    floor = Floor(house)
    agent = await floor.agent("bea")
    await floor.taken(agent, "hello")
    told = await run(house, "desk.numbers", seconds=7 * 86_400)
    assert told == (await floor.ask("GET", "/numbers", None, agent)).json
    assert (told["inquiries"], told["handed_over"], told["answered_by_bot"]) == (1, 1, 0)


async def test_a_time_that_is_none_is_refused(house: House) -> None:
    for seconds in (0, True, "7d"):
        with pytest.raises(InvalidRequest):
            await run(house, "desk.numbers", seconds=seconds)
