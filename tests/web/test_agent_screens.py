"""Each open page of an agent's is told what its agent may see, and nothing after it is gone."""

from __future__ import annotations

from dataclasses import dataclass

from chatwarden.principal import Principal
from chatwarden.routing.model import Talk
from chatwarden.web.agent_screens import AgentScreens
from chatwarden.web.streams import Hub, Listener
from tests.world.agents import Floor
from tests.world.house import House


@dataclass
class Said:
    no: int = 1
    id: str = "cnv_1"
    bot: str = "shop"
    owner: str = "vis_1"
    state: str = "queued"


def names(listener: Listener) -> list[str]:
    found = []
    while not listener.queue.empty():
        event = listener.queue.get_nowait()
        assert event is not None
        found.append(event.name)
    return found


async def test_who_may_not_see_is_not_told_and_who_left_neither(house: House) -> None:
    floor = Floor(house)
    services, now = house.node.services, house.clock.now()
    sessions = [await services.sessions.authenticate(await floor.agent(name), now) for name in ("bea", "cem")]
    hub = Hub()
    screens = AgentScreens(hub, lambda _talk, message, _reply, _viewer: {"id": message.id})

    def only_bea(principal: Principal, _talk: Talk) -> bool:
        return principal.name == "bea"

    bea, cem = (screens.listen(one) for one in sessions)
    screens.about(Said(), "typing", {})  # nobody may see anything, before it is said who may
    screens.sees = only_bea
    screens.about(Said(), "typing", {})
    screens.everybody("presence", {})
    screens.entry("cnv_1")
    assert names(bea) == ["typing", "presence", "desk"]
    assert names(cem) == ["presence", "desk"]
    screens.leave(bea)
    screens.everybody("presence", {})
    assert (names(bea), names(cem), hub.count) == ([], ["presence"], 1)
