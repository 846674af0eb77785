"""Sessions and conversations of everybody, for administrators and auditors.

A conversation is shown as staff may see it: of no finding the value, of what is destroyed the tombstone. That somebody
looked is in the log before anything is shown, and counts towards reading in bulk.
"""

from __future__ import annotations

import msgspec

from chatwarden.audit.model import Event, Lane
from chatwarden.bulk import Kind, Reader
from chatwarden.classes import DataClass
from chatwarden.clock import rfc3339
from chatwarden.conversations.model import Conversation
from chatwarden.conversations.views import agent_view
from chatwarden.errors import InvalidRequest
from chatwarden.ids import is_id
from chatwarden.principal import Kind as PrincipalKind
from chatwarden.principal import Role
from chatwarden.sessions import rules
from chatwarden.sessions.model import EndReason, Session
from chatwarden.storage.model import Transaction
from chatwarden.web.api.admin import ADMINS, BASE, READERS, REFUSALS, act, asked, limit_of, number, one_of
from chatwarden.web.context import Services
from chatwarden.web.http import Reply, Request, json_reply
from chatwarden.web.routes import Access, Route
from chatwarden.web.views import MessageView, OwnSession, message_view, own_session_view

_STATES = ["active", "prompted"]
_HIDDEN = frozenset(DataClass)
_SKIP_MAX = 1_000_000


class SessionPage(msgspec.Struct):
    """Living sessions, the newest first. ``total``: all that were asked for; ``next``: how many to skip for the rest."""

    sessions: list[OwnSession]
    total: int
    next: int | None


class ConversationRow(msgspec.Struct):
    """A conversation. ``owner`` is a pseudonym, ``name`` that of the account where there is one."""

    id: str
    bot: str
    owner: str
    name: str | None
    state: str
    opened_at: str


class ConversationPage(msgspec.Struct):
    """The newest first; ``next`` is the id to go on after, or null."""

    conversations: list[ConversationRow]
    next: str | None


class ConversationShown(msgspec.Struct):
    """A conversation with some of its messages, oldest first; ``next`` is the id to go on after, or null."""

    conversation: ConversationRow
    messages: list[MessageView]
    next: str | None


async def sessions(services: Services, request: Request, session: Session) -> Reply:
    """Living sessions."""
    given = asked(request, "role", "kind", "state", "user", "origin", "skip", "limit")
    act(services, session)
    now = services.clock.now()
    role = one_of(given, "role", [one.value for one in Role])
    kind = one_of(given, "kind", [one.value for one in PrincipalKind])
    state = one_of(given, "state", _STATES)
    skip, most = number(given, "skip", otherwise=0, most=_SKIP_MAX), limit_of(given)
    found = [
        one
        for one in await services.sessions.all(now)
        if (not role or one.role == role)
        and (not kind or one.principal.kind == kind)
        and (not state or rules.state_of(one, now) == state)
        and given.get("user", "") in {"", one.principal.id, one.principal.name}
        and given.get("origin", "") in {"", one.origin}
    ]
    found.sort(key=lambda one: (one.created_at, one.id), reverse=True)
    shown = [own_session_view(services, one, session, now) for one in found[skip : skip + most]]
    return json_reply(SessionPage(shown, len(found), skip + most if len(found) > skip + most else None))


async def revoke(services: Services, request: Request, session: Session) -> Reply:
    """Ends a session, everywhere at once."""
    act(services, session)
    now = services.clock.now()
    other = await services.sessions.find(request.path["id"], now)
    await services.sessions.end(other, EndReason.REVOKED, now, actor=session.principal.id)
    return Reply(204)


async def conversations(services: Services, request: Request, session: Session) -> Reply:
    """Conversations of everybody."""
    given = asked(request, "bot", "state", "owner", "after", "limit")
    act(services, session)
    owner = given.get("owner", "")
    if owner and not owner.startswith(("usr_", "vis_")):
        owner = (await services.identity.find(owner)).id
    if "after" in given and not is_id(given["after"], "cnv"):
        raise InvalidRequest("after is the id of a conversation")
    page, following = await services.conversations.listed(
        bot=given.get("bot", ""), state=given.get("state", ""), owner=owner, after=given.get("after"),
        limit=limit_of(given),
    )  # fmt: skip
    names: dict[str, str | None] = {}
    return json_reply(ConversationPage([await _row(services, one, names) for one in page], following))


async def _row(services: Services, one: Conversation, names: dict[str, str | None]) -> ConversationRow:
    if one.owner not in names:
        user = await services.identity.by_id(one.owner)
        names[one.owner] = user.name if user else None
    return ConversationRow(one.id, one.bot, one.owner, names[one.owner], one.state, rfc3339(one.created_at))


async def conversation(services: Services, request: Request, session: Session) -> Reply:
    """One conversation, as staff may see it."""
    given = asked(request, "after", "limit")
    act(services, session)
    found = await services.conversations.find(request.path["id"])
    now = services.clock.now()
    page, following = await services.conversations.page(found, given.get("after"), limit_of(given), now)
    services.bulk.note(Kind.CONVERSATIONS, Reader(session.principal.id, Lane.STAFF), found.id, now)
    shown = Transaction()
    services.audit.append(
        shown, Event.CONVERSATION_SHOWN, lane=Lane.STAFF, actor=session.principal.id, at=now, object=found.id,
        reason="messages", session=session.id,
    )  # fmt: skip
    await services.gateway.database.commit(shown)
    views = [message_view(one, services.conversations.reply_id(found, one), agent_view(one, _HIDDEN)) for one in page]
    return json_reply(ConversationShown(await _row(services, found, {}), views, following))


ROUTES = [
    Route(
        "GET", BASE + "/sessions", "Living sessions of everybody", Access.ACTIVE, sessions, None,
        ((200, SessionPage),), REFUSALS, query=("role", "kind", "state", "user", "origin", "skip", "limit"),
        roles=READERS,
    ),
    Route(
        "DELETE", BASE + "/sessions/{id}", "End somebody's session", Access.ACTIVE, revoke, None, ((204, None),),
        REFUSALS, roles=ADMINS,
    ),
    Route(
        "GET", BASE + "/conversations", "Conversations of everybody", Access.ACTIVE, conversations, None,
        ((200, ConversationPage),), REFUSALS, query=("bot", "state", "owner", "after", "limit"), roles=READERS,
    ),
    Route(
        "GET", BASE + "/conversations/{id}", "A conversation, masked", Access.ACTIVE, conversation, None,
        ((200, ConversationShown),), REFUSALS, query=("after", "limit"), roles=READERS,
    ),
]  # fmt: skip
