"""What is counted when a conversation changes hands."""

from __future__ import annotations

from chatwarden.clock import SECOND
from tests.world.agents import Floor
from tests.world.house import House


async def test_every_change_is_counted_and_waiting_and_handling_once(house: House) -> None:
    floor = Floor(house)
    agent = await floor.agent("bea")
    _, talk = await floor.asking("hello")
    await floor.asking("hello")
    house.clock.advance(20 * SECOND)
    await floor.act("take", talk, agent)
    house.clock.advance(40 * SECOND)
    await floor.act("finish", talk, agent)
    await house.node.sweep()
    text = house.node.services.metrics.text().decode()
    for line in (
        'chatwarden_handoffs_total{what="request"} 2.0',
        'chatwarden_handoffs_total{what="take"} 1.0',
        'chatwarden_handoffs_total{what="give-up"} 0.0',
        'chatwarden_handed_over_total{reason="asked"} 2.0',
        "chatwarden_handoff_waiting_seconds_sum 20.0",
        "chatwarden_handoff_waiting_seconds_count 1.0",
        "chatwarden_handoff_handling_seconds_sum 40.0",
        "chatwarden_desk_waiting 1.0",
        "chatwarden_desk_waiting_oldest_seconds 60.0",
        'chatwarden_desk_agents{presence="available"} 1.0',
    ):
        assert line in text, line
