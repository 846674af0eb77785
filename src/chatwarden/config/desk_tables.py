"""``[desk]``, ``[desk.agents.NAME]`` and ``[desk.replies.NAME]`` as they were written."""

from __future__ import annotations

from chatwarden.config.desk import AgentConfig, DeskConfig, ReplyConfig
from chatwarden.config.written import Written


def desk(written: Written) -> DeskConfig:
    """The whole table. Raises ConfigurationError for a reply without text or shortcut, and for a shortcut that two have."""
    agents = {name: AgentConfig(**written.table("desk", "agents", name)) for name in _names(written, "agents")}
    replies: dict[str, ReplyConfig] = {}
    for name in _names(written, "replies"):
        table = written.table("desk", "replies", name)
        path = ("desk", "replies", name)
        for needed in ("shortcut", "text"):
            if not table.get(needed):
                raise written.error(path, f"{'.'.join(path)} needs {needed}")
        reply = ReplyConfig(**table)
        if any(other.shortcut == reply.shortcut for other in replies.values()):
            raise written.error((*path, "shortcut"), f"two replies have the shortcut {reply.shortcut}")
        replies[name] = reply
    return DeskConfig(agents=agents, replies=replies, **written.table("desk"))


def _names(written: Written, table: str) -> list[str]:
    paths = [*(path[:-1] for path in written.values), *written.tables]
    return list(dict.fromkeys(path[2] for path in paths if path[:2] == ("desk", table) and len(path) > 2))
