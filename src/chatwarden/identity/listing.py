"""Accounts as administrators look through them: a page at a time, by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from chatwarden.clock import Instant
from chatwarden.identity.model import User
from chatwarden.principal import Role
from chatwarden.storage.model import Database


@dataclass(frozen=True, slots=True)
class Listed:
    """An account, when it was made, and when its person signed in last."""

    user: User
    created_at: Instant
    seen_at: Instant | None


async def listed(
    database: Database, *, beginning: str, role: str, state: str, after: str, limit: int
) -> list[Listed]:  # fmt: skip
    """Accounts behind the name *after*: all, or those whose name begins so, of a role, in a state."""
    asked = {"substr(name, 1, length(?)) = ?": (beginning, beginning), "role = ?": (role,), "state = ?": (state,)}
    asked = {clause: values for clause, values in asked.items() if all(values)}
    where = "".join(f" AND {clause}" for clause in asked)
    rows = await database.fetch(
        "SELECT id, name, role, state, password, failures, created_at, seen_at FROM users "  # noqa: S608  our own clauses
        f"WHERE name > ?{where} ORDER BY name LIMIT ?",
        (after, *(value for values in asked.values() for value in values), limit),
    )
    return [
        Listed(
            User(
                cast("str", id_), cast("str", name), Role(cast("str", role_)), enabled=at == "enabled",
                password=cast("str | None", password), failures=cast("int", failures),
            ),
            cast("int", created_at), cast("int | None", seen_at),
        )
        for id_, name, role_, at, password, failures, created_at, seen_at in rows
    ]  # fmt: skip
