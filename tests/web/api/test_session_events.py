"""The stream of one's own session: it says at once that its person is asked, or that it has ended, and nothing else."""

from __future__ import annotations

from tests.web.api.test_admin import issued
from tests.web.test_operations import run
from tests.world.agents import Floor
from tests.world.house import HEAD, House, Open

from chatwarden.clock import MINUTE, SECOND

EVENTS = "/api/v1/session/events"


async def test_a_session_that_is_ended_says_so_at_once_and_why(house: House) -> None:
    token = await issued(house, "admin")
    mine = (await house.ask("GET", "/api/v1/session", None, token)).json["id"]
    async with Floor(house).page(token, EVENTS) as page:
        await run(house, "session.revoke", id=mine)
        assert await page.until("session.ended") == {"reason": "revoked"}
        await page.told.end()


async def test_a_session_that_is_asked_says_so_with_the_question(open_house: Open) -> None:
    async with open_house(HEAD + '[session]\nidle = "15m"\nanswer_within = "60s"\n') as house:
        token = await house.visitor()
        async with Floor(house).page(token, EVENTS) as page:
            house.clock.advance(14 * MINUTE + SECOND)
            await house.node.sweep()
            told = await page.until("session.prompt")
            assert told["challenge"]["purpose"] == "still-there"
        async with Floor(house).page(token, EVENTS) as again:  # who opens it then is told too
            assert (await again.until("session.prompt"))["challenge"]["id"] == told["challenge"]["id"]


async def test_it_is_told_nothing_of_anybody_else_and_keeps_no_session(house: House) -> None:
    token, other = await house.visitor(), await house.visitor()
    before = (await house.ask("GET", "/api/v1/session", None, token)).json["idle_deadline"]
    house.clock.advance(MINUTE)
    async with Floor(house).page(token, EVENTS) as page:
        talk = await house.conversation(other)
        await house.ask("POST", f"/api/v1/conversations/{talk}/messages", {"text": "hello"}, other)
        await house.ask("DELETE", "/api/v1/session", None, other)
        assert page.events() == []
    assert (await house.ask("GET", "/api/v1/session", None, token)).json["idle_deadline"] == before


async def test_who_has_no_session_follows_none(house: House) -> None:
    assert (await house.ask("GET", EVENTS)).problem == "invalid-token"
    token = await house.visitor()
    await house.ask("DELETE", "/api/v1/session", None, token)
    assert (await house.ask("GET", EVENTS, None, token)).problem == "session-ended"
