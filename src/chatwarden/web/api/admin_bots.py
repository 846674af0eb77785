"""Bots as administrators and auditors see them: whom each serves, its account and level, and whether it is asked at all.

Administrators stop asking a bot, or every bot, and ask again: by the functions that the command uses, with a fresh proof of
their own. A pause holds at once, also where the record cannot be written. No credential is in any answer.
"""

from __future__ import annotations

from typing import Any

import msgspec

from chatwarden.bots.pause import ALL
from chatwarden.errors import InvalidRequest, NotFound, StepUpRequired
from chatwarden.sessions.model import Session
from chatwarden.web import bot_accounts
from chatwarden.web.api.admin import ADMINS, BASE, READERS, REFUSALS, act, asked
from chatwarden.web.context import Services
from chatwarden.web.http import Reply, Request, json_reply
from chatwarden.web.routes import Access, Route

OPERATION = "bots"


class LevelView(msgspec.Struct):
    """An access level and its rights."""

    name: str
    rights: list[str]


class BotsView(msgspec.Struct):
    """Every configured bot, every account of a bot, and the levels there are. ``all_paused``: every bot is, also one that is
    added later.
    """

    bots: list[dict[str, Any]]
    accounts: list[dict[str, Any]]
    levels: list[LevelView]
    all_paused: bool


class PauseView(msgspec.Struct):
    """Which bots are paused now."""

    paused: list[str]
    all_paused: bool


async def bots(services: Services, request: Request, session: Session) -> Reply:
    """Bots with their accounts and levels."""
    asked(request)
    act(services, session)
    told: Any = await bot_accounts.bot_list(services, {})
    levels = [LevelView(name, list(rights)) for name, rights in services.accounts.levels.items()]
    return json_reply(BotsView(told["bots"], told["accounts"], levels, services.gateway.pauses.holds(ALL)))


async def pause(services: Services, request: Request, session: Session) -> Reply:
    """Stops asking a bot."""
    return await _change(services, request, session, holds=True)


async def resume(services: Services, request: Request, session: Session) -> Reply:
    """Asks a bot again."""
    return await _change(services, request, session, holds=False)


async def _change(services: Services, request: Request, session: Session, *, holds: bool) -> Reply:
    asked(request)
    act(services, session)
    one, pauses = request.path.get("name"), services.gateway.pauses
    if one is not None and services.bots.get(one) is None:
        raise NotFound
    if not holds and one is not None and pauses.holds(ALL):
        raise InvalidRequest("every bot is paused; resume all", status=422)
    now = services.clock.now()
    services.answers.require_fresh(session, OPERATION, now)
    await (pauses.pause if holds else pauses.resume)(one or ALL, now, actor=session.principal.id)
    paused = [bot.config.name for bot in services.bots.all() if pauses.holds(bot.config.name)]
    return json_reply(PauseView(paused, pauses.holds(ALL)))


def _acts(path: str, which: str) -> list[Route]:
    return [
        Route(
            "POST", f"{BASE}{path}/{word}", f"{summary} {which}", Access.ACTIVE, handler, None, ((200, PauseView),),
            (*REFUSALS, StepUpRequired), roles=ADMINS,
        )
        for word, summary, handler in (("pause", "Stop asking", pause), ("resume", "Ask again", resume))
    ]  # fmt: skip


ROUTES = [
    Route("GET", BASE + "/bots", "Bots with accounts and levels", Access.ACTIVE, bots, None, ((200, BotsView),), REFUSALS,
          roles=READERS),
    *_acts("/bots/{name}", "a bot"),
    *_acts("/bots", "every bot"),
]  # fmt: skip
