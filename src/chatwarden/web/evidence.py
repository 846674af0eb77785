"""What the log has, for administrators and auditors: copies of it for other programs."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

from chatwarden.audit.filter import Filter
from chatwarden.audit.formats import FORMATS
from chatwarden.audit.formats.plain import COLUMNS, row
from chatwarden.errors import InvalidRequest, NotFound
from chatwarden.ids import is_id
from chatwarden.web import affected
from chatwarden.web.chosen import matching, wanted
from chatwarden.web.context import Services
from chatwarden.web.lines import Lines
from chatwarden.web.people import ADMINISTRATOR, Operation, text
from chatwarden.web.timeline import timeline

_EXPORTED = ("json", "csv", "ocsf")
_SHORTEST = 8  # letters of an id that may stand for the whole


async def audit_export(services: Services, args: dict[str, Any]) -> Lines:
    """The entries of the log, or some of them, in a format that other programs read."""
    name = args.get("format", "json")
    if name not in _EXPORTED:
        raise InvalidRequest(f"format is one of {', '.join(_EXPORTED)}")
    return Lines(_written(services, await wanted(services, args), name))


async def _written(services: Services, only: Filter, name: str) -> AsyncGenerator[bytes, None]:
    write = FORMATS[name]
    if name == "csv":
        yield row(COLUMNS)
    async for record in matching(services, only):
        yield write(record)


async def audit_show(services: Services, args: dict[str, Any]) -> object:
    """What the log has about something: of a conversation its lanes; of a receipt, a message or a person the entries with
    this id or about it. The beginning of an id is enough where it has no other continuation.
    """
    wanted = text(args, "id")
    found: list[object] = []
    ids: set[str] = set()
    async for record in services.records.all():
        hits = [one for one in (record.entry.id, record.entry.object) if _is(one, wanted)]
        if hits:
            ids.update(hits)
            found.append({"index": record.index, "entry": record.entry})
    if not found:
        raise NotFound(f"the log has nothing about {wanted[:64]}")
    if len(ids) > 1:
        raise InvalidRequest(f"{wanted[:64]} is the beginning of {len(ids)} ids; give more of it")
    [whole] = ids
    if is_id(whole, "cnv"):
        return {"timeline": await timeline(services, await services.conversations.find(whole), ADMINISTRATOR)}
    return {"entries": found}


def _is(known: str, wanted: str) -> bool:
    return known == wanted or (len(wanted) >= _SHORTEST and known.startswith(wanted))


OPERATIONS: dict[str, Operation] = {
    "audit.export": audit_export,
    "audit.show": audit_show,
    "audit.affected": affected.audit_affected,
}
