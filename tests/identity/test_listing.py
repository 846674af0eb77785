"""Accounts page by page, on each engine."""

from __future__ import annotations

from tests.world.people import office

from chatwarden.clock import ManualClock
from chatwarden.identity.listing import listed
from chatwarden.principal import Role
from chatwarden.storage.model import Database

NOW = ManualClock().now()


async def test_accounts_are_found_by_the_beginning_of_a_name_a_role_and_a_state(database: Database) -> None:
    made = office(database)
    for name, role in (("anna", Role.CUSTOMER), ("anton", Role.AGENT), ("bert", Role.CUSTOMER)):
        await made.identity.add(name, role, NOW, actor="control")
    await made.identity.set_enabled("bert", NOW, enabled=False, actor="control")
    made.close()

    async def names(**given: str) -> list[str]:
        asked = {"beginning": "", "role": "", "state": "", "after": ""} | given
        return [one.user.name for one in await listed(database, **asked, limit=10)]

    assert await names() == ["anna", "anton", "bert"]
    assert await names(beginning="an") == ["anna", "anton"]
    assert await names(beginning="%") == []
    assert await names(role="customer", state="enabled") == ["anna"]
    assert await names(state="disabled") == ["bert"]
    assert await names(after="anna", beginning="an") == ["anton"]
    [first] = await listed(database, beginning="", role="", state="", after="", limit=1)
    assert (first.user, first.created_at, first.seen_at) == (await made.identity.by_name("anna"), NOW, None)
