"""What administrators do when a person asks for their data, or for its end."""

from __future__ import annotations

from typing import Any

import msgspec

from chatwarden.audit.model import Lane
from chatwarden.bulk import Kind, Reader
from chatwarden.clock import rfc3339
from chatwarden.conversations.model import Conversation
from chatwarden.erasure import By
from chatwarden.errors import Forbidden, InvalidRequest
from chatwarden.web import export
from chatwarden.web.context import Services
from chatwarden.web.people import ADMINISTRATOR, Operation, text
from chatwarden.web.views import KeptView, ReceiptView, erased_view, receipt_view

_CONTROL = Reader(ADMINISTRATOR, Lane.STAFF)
_KINDS = ("message", "conversation", "user")


async def erase(services: Services, args: dict[str, Any]) -> object:
    """Destroys a message, a conversation or all of a person's now; returns receipts, and what the law wants kept. What
    was theirs as a visitor and moved to them at login is theirs.
    """
    now = services.clock.now()
    wanted = [name for name in _KINDS if args.get(name)]
    if len(wanted) != 1:
        raise InvalidRequest("give one of message, conversation or user")
    kind, what = wanted[0], text(args, wanted[0])
    about, targets = await _targets(services, kind, what)
    for target in targets:
        services.bulk.note(Kind.CONVERSATIONS, _CONTROL, target.id, now)
    entry = await services.erasure.request(kind, about, now, actor=ADMINISTRATOR)
    by = By(ADMINISTRATOR, Lane.STAFF, "erasure", entry)
    receipts: list[ReceiptView] = []
    kept: list[KeptView] = []
    if kind == "message":
        try:
            receipts.append(receipt_view(await services.erasure.message(targets[0], what, now, by)))
        except Forbidden as refused:
            kept.append(KeptView(what, str(refused.extra["kept_until"])))
    else:
        for target in targets:
            view = erased_view(target, await services.erasure.everything(target, now, by))
            receipts += view.receipts
            kept += view.kept
        if kind == "user":
            await services.erasure.details(about, now, by)
    summary = {
        "erased": kind, "conversations": len(targets), "destroyed": len(receipts), "kept": len(kept),
        "at": rfc3339(now), "receipt": entry,
    }  # fmt: skip
    return {"receipts": receipts, "kept": kept, "summary": summary}


async def _targets(services: Services, kind: str, what: str) -> tuple[str, list[Conversation]]:
    """Whom or what it is about, in the log's words, and the conversations."""
    if kind == "message":
        return what, [await services.conversations.find_message(what)]
    if kind == "conversation":
        return what, [await services.conversations.find(what)]
    user = await services.identity.find(what)
    return user.id, await services.conversations.about(user.id)


async def data_export(services: Services, args: dict[str, Any]) -> object:
    """All that is still a person's own, for an administrator who answers their request."""
    user = await services.identity.find(text(args, "user"))
    pieces = await export.begin(services, user, None, actor=ADMINISTRATOR)
    return msgspec.json.decode(b"".join([piece async for piece in pieces]))


OPERATIONS: dict[str, Operation] = {"erase": erase, "export": data_export}
