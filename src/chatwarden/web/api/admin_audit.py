"""The log, looked through backwards, and its check. Pseudonyms, decisions and causes; no content and no names.

A look reads a bounded piece of the log, however long that is: ``next`` is where to go on, also where nothing was found.
"""

from __future__ import annotations

import msgspec

from chatwarden.audit.filter import EVER, Filter
from chatwarden.audit.model import decode
from chatwarden.audit.records import Record
from chatwarden.clock import rfc3339
from chatwarden.errors import NotFound
from chatwarden.ids import is_id
from chatwarden.sessions.model import Session
from chatwarden.web.api.admin import BASE, READERS, REFUSALS, act, asked, limit_of, number
from chatwarden.web.chosen import wanted
from chatwarden.web.context import Services
from chatwarden.web.http import Reply, Request, json_reply
from chatwarden.web.routes import Access, Route
from chatwarden.web.tally import SLACK
from chatwarden.web.verification import VerificationView

_PAGE, _PAGES = 1_000, 20
_LAST = 1 << 62
_FILTER = ("lane", "event", "actor", "object", "decision", "reason", "class", "from", "to")


class EntryView(msgspec.Struct):
    """One entry. ``receipt`` is its id; ``conversation`` the one that it is about, if any; ``cause`` another entry's id."""

    number: int
    log: int
    index: int
    leaf_hash: str
    receipt: str
    at: str
    lane: str
    event: str
    actor: str
    act: tuple[str, ...]
    object: str
    resource: str
    decision: str
    reason: str
    cause: str
    late: bool
    conversation: str | None


class EntryPage(msgspec.Struct):
    """The newest first. ``next``: the number before which to go on, or null; ``back_to``: how far this look went."""

    entries: list[EntryView]
    next: int | None
    back_to: str | None


async def entries(services: Services, request: Request, session: Session) -> Reply:
    """Entries that were asked for."""
    given = asked(request, *_FILTER, "before", "limit")
    act(services, session)
    only = await wanted(services, dict(given))
    return json_reply(
        await _look(services, only, number(given, "before", otherwise=_LAST, most=_LAST), limit_of(given))
    )  # fmt: skip


async def _look(services: Services, only: Filter, before: int, limit: int) -> EntryPage:
    records = services.records
    if only.end != EVER:
        before = min(before, await records.before(only.end + SLACK) + 1)
    found: list[tuple[int, bytes]] = []
    at = None
    for _ in range(_PAGES):
        rows = await records.rows_back(before, _PAGE)
        for before, data in rows:
            entry = decode(data)
            at = entry.at
            if at < only.begin - SLACK:
                return await _page(services, found, None, at)
            if only.fits(entry):
                found.append((before, data))
                if len(found) == limit:
                    return await _page(services, found, before, at)
        if len(rows) < _PAGE:
            return await _page(services, found, None, at)
    return await _page(services, found, before, at)


async def _page(services: Services, found: list[tuple[int, bytes]], following: int | None, at: int | None) -> EntryPage:
    records = await services.records.placed(found[::-1])
    known: dict[int, str | None] = {}
    views = [await _view(services, record, known) for record in reversed(records)]
    return EntryPage(views, following, None if at is None else rfc3339(at))


async def _view(services: Services, record: Record, known: dict[int, str | None]) -> EntryView:
    entry = record.entry
    return EntryView(
        record.number, record.year, record.index, record.leaf, entry.id, rfc3339(entry.at), entry.lane, entry.event,
        entry.actor, entry.act, entry.object, entry.resource, entry.decision, entry.reason, entry.cause, entry.late,
        await conversation_of(services, entry.object, known),
    )  # fmt: skip


async def conversation_of(services: Services, about: str, known: dict[int, str | None] | None = None) -> str | None:
    """The conversation that an object is, or belongs to. *known*: by number, what was found before."""
    if is_id(about, "cnv"):
        return about
    no = services.conversations.rows.number(about)
    if no is None:
        return None
    found = {} if known is None else known
    if no not in found:
        try:
            found[no] = (await services.conversations.find_message(about)).id
        except NotFound:
            found[no] = None
    return found[no]


async def verification(services: Services, request: Request, session: Session) -> Reply:  # noqa: ARG001  a handler
    """Where the check of the log is. A page asks again and again."""
    asked(request)
    return json_reply(services.verification.view)


async def verify(services: Services, request: Request, session: Session) -> Reply:
    """Begins to check the whole log."""
    asked(request)
    act(services, session)
    return json_reply(services.verification.start(services.clock), 202)


ROUTES = [
    Route(
        "GET", BASE + "/audit", "Look through the log", Access.ACTIVE, entries, None, ((200, EntryPage),), REFUSALS,
        query=(*_FILTER, "before", "limit"), roles=READERS,
    ),
    Route(
        "GET", BASE + "/audit/verification", "Where the check of the log is", Access.ACTIVE, verification, None,
        ((200, VerificationView),), REFUSALS, roles=READERS,
    ),
    Route(
        "POST", BASE + "/audit/verification", "Check the whole log", Access.ACTIVE, verify, None,
        ((202, VerificationView),), REFUSALS, roles=READERS,
    ),
]  # fmt: skip
