"""How many sessions live, from memory and from rows, on each engine."""

from __future__ import annotations

from dataclasses import replace

from tests.sessions.test_store import NOW, session, stored

from chatwarden.clock import HOUR, MINUTE
from chatwarden.principal import Kind, Principal, Role
from chatwarden.sessions.counting import by_role
from chatwarden.sessions.model import EndReason
from chatwarden.sessions.register import Register
from chatwarden.storage.model import Database

VISITOR = Principal("vis_" + "b" * 32, Kind.VISITOR, "", (Role.VISITOR,))


async def test_rows_count_where_memory_has_none_and_memory_where_it_knows_better(database: Database) -> None:
    one, two, three = session(1), session(2, VISITOR), session(3, VISITOR)
    late = replace(session(4, VISITOR), answer_deadline=NOW + 1)
    await stored(database, one, two, three, late)
    register = Register(10, lambda _: True)
    assert await by_role(database, register, NOW) == {"customer": 1, "visitor": 3}
    assert await by_role(database, register, NOW + MINUTE) == {"customer": 1, "visitor": 2}
    assert await by_role(database, register, NOW + HOUR) == {}
    # In memory it is over already, or lives longer than its row says.
    two.ended_at, two.end_reason = NOW, EndReason.LOGOUT
    three.idle_deadline = NOW + 30 * MINUTE
    register.add(two)
    register.add(three)
    assert await by_role(database, register, NOW) == {"customer": 1, "visitor": 2}
    assert await by_role(database, register, NOW + 20 * MINUTE) == {"visitor": 1}
