"""What is still a person's own, to take along (GDPR articles 15 and 20): account, factors by name, sessions, conversations.

Their messages stand there with their own values in clear; what was removed on the way in is nowhere, and what was masked
in an answer stays masked. There are no secrets in it: no password, key, code or token. What was destroyed is a tombstone.

The document is one JSON object, made piece by piece. ``complete`` is its last member, and false where the session ended
in the middle.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from typing import Any

import msgspec

from chatwarden.audit.model import Lane
from chatwarden.bulk import Kind, Reader
from chatwarden.clock import rfc3339
from chatwarden.conversations.model import Conversation, Message, MessageState
from chatwarden.identity.model import User
from chatwarden.sessions.model import Session
from chatwarden.web.context import Services
from chatwarden.web.views import (
    FactorView,
    FindingView,
    MessageView,
    OwnSession,
    factor_view,
    message_view,
    own_session_view,
)

FORMAT = "chatwarden-export-1"
_PAGE = 200
_JSON = msgspec.json.Encoder()


class AccountView(msgspec.Struct):
    """The account. ``told_at`` is where its person is told of changes; ``named_by`` are the company logins and websites
    that say who they are.
    """

    id: str
    name: str
    role: str
    created_at: str
    seen_at: str | None
    told_at: str | None
    named_by: list[str]


class ConversationExport(msgspec.Struct):
    """A conversation with what is left of it."""

    id: str
    bot: str
    state: str
    created_at: str
    messages: list[MessageView]


class ExportView(msgspec.Struct):
    """All that is still a person's own."""

    format: str
    made_at: str
    account: AccountView
    factors: list[FactorView]
    recovery_left: int
    sessions: list[OwnSession]
    conversations: list[ConversationExport]
    complete: bool


async def begin(services: Services, user: User, session: Session | None, *, actor: str) -> AsyncGenerator[bytes]:
    """The pieces of the document. That it was made is in the log, and told to the person, before the first one."""
    now = services.clock.now()
    head = await _head(services, user, session)
    await services.identity.note_export(user, now, actor=actor)
    lane = Lane.CLIENT if actor == user.id else Lane.STAFF
    services.bulk.note(Kind.EXPORTS, Reader(actor, lane), user.id, now)
    return _pieces(services, user, head, lambda: _may_go_on(services, session))


def _may_go_on(services: Services, session: Session | None) -> bool:
    return session is None or (services.sessions.is_live(session, services.clock.now()) and not session.asked)


async def _head(services: Services, user: User, session: Session | None) -> dict[str, Any]:
    now = services.clock.now()
    created_at, seen_at = await services.identity.dates(user)
    account = AccountView(
        user.id, user.name, user.role.value, rfc3339(created_at), None if seen_at is None else rfc3339(seen_at),
        await services.notify.contact(user.id) or None, await services.identity.named_by(user),
    )  # fmt: skip
    sessions = await services.sessions.of(user.id, now)
    return {
        "format": FORMAT,
        "made_at": rfc3339(now),
        "account": account,
        "factors": [factor_view(one) for one in await services.factors.of(user.id)],
        "recovery_left": await services.factors.recovery_left(user.id),
        "sessions": [own_session_view(services, one, session, now) for one in sessions],
    }


async def _pieces(
    services: Services, user: User, head: dict[str, Any], may_go_on: Callable[[], bool]
) -> AsyncGenerator[bytes]:
    yield _JSON.encode(head)[:-1] + b',"conversations":['
    whole = True
    for number, conversation in enumerate(await services.conversations.about(user.id)):
        if not may_go_on():
            whole = False
            break
        yield (b"," if number else b"") + _opening(conversation)
        seq, between = 0, b""
        while page := await services.conversations.since(conversation, seq, _PAGE, services.clock.now()):
            if not may_go_on():
                whole = False
                break
            seq = page[-1].seq
            shown = await services.gateway.shown(conversation, page)
            yield between + b",".join(_JSON.encode(_own(services, conversation, message)) for message in shown)
            between = b","
        yield b"]}"
    yield b'],"complete":' + (b"true}" if whole else b"false}")


def _opening(conversation: Conversation) -> bytes:
    told = {
        "id": conversation.id, "bot": conversation.bot, "state": conversation.state,
        "created_at": rfc3339(conversation.created_at),
    }  # fmt: skip
    return _JSON.encode(told)[:-1] + b',"messages":['


def _own(services: Services, conversation: Conversation, message: Message) -> MessageView:
    """A message as its own person may take it along: as recorded, without masks."""
    view = message_view(message, services.conversations.reply_id(conversation, message))
    if message.state is not MessageState.DESTROYED:
        view.text = message.text
        view.findings = [
            FindingView(i.data_class.value, i.start, i.end, i.action.value, i.would.value if i.would else None)
            for i in message.items
        ]
    return view
