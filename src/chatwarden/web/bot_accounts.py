"""What administrators do with the accounts of bots. A secret is in the answer of the act that made it and nowhere else."""

from __future__ import annotations

from typing import Any

from chatwarden.bots.accounts import rules
from chatwarden.bots.accounts.administration import FIRST
from chatwarden.bots.accounts.model import Account, Instance, Issued
from chatwarden.clock import DAY, SECOND, Duration, Instant, rfc3339
from chatwarden.errors import InvalidRequest, NotFound
from chatwarden.identity.keys import from_pem
from chatwarden.web.context import Services
from chatwarden.web.people import ADMINISTRATOR, Operation, text

_KEY_MAX = 16_384


async def bot_add(services: Services, args: dict[str, Any]) -> object:
    """An instance of a bot, and with the first one its account."""
    name, level = _bot(services, args), _level(services, args)
    issued = await services.administration.add(
        name, level, services.clock.now(), life=_span(args, "seconds"), label=_optional(args, "instance") or FIRST,
        key=_key(args), plain=args.get("plain") is True, actor=ADMINISTRATOR,
    )  # fmt: skip
    return _issued(services, issued)


async def bot_rotate(services: Services, args: dict[str, Any]) -> object:
    """Another credential; the earlier one counts a while longer."""
    issued = await services.administration.rotate(
        text(args, "name"), _optional(args, "instance"), services.clock.now(), life=_span(args, "seconds"),
        overlap=_span(args, "overlap", least=0), key=_key(args), actor=ADMINISTRATOR,
    )  # fmt: skip
    return _issued(services, issued)


async def bot_disable(services: Services, args: dict[str, Any]) -> object:
    """Stops an account or one instance: its tokens are dead at once."""
    return await _enabled(services, args, enabled=False)


async def bot_enable(services: Services, args: dict[str, Any]) -> object:
    """Lets an account or one instance sign in again."""
    return await _enabled(services, args, enabled=True)


async def _enabled(services: Services, args: dict[str, Any], *, enabled: bool) -> object:
    name, label = text(args, "name"), _optional(args, "instance") or None
    now = services.clock.now()
    await services.administration.set_enabled(name, label, now, enabled=enabled, actor=ADMINISTRATOR)
    shown = {"enabled" if enabled else "disabled": name}
    return {**shown, "instance": label} if label else shown


async def bot_level(services: Services, args: dict[str, Any]) -> object:
    """Another access level, also for tokens that are out."""
    account = await services.administration.set_level(
        text(args, "name"), _level(services, args), services.clock.now(), actor=ADMINISTRATOR
    )
    return {"name": account.name, "level": account.level, "rights": list(services.accounts.levels[account.level])}


async def bot_list(services: Services, _args: dict[str, Any]) -> object:
    """Every configured bot, and every account; an account stays when its bot leaves the configuration."""
    now = services.clock.now()
    accounts = await services.administration.all()
    levels = {account.name: account.level for account in accounts}
    return {
        "bots": [
            {
                "name": bot.config.name,
                "connector": bot.config.connector,
                "url": bot.config.url,
                "who": [role.value for role in bot.config.who],
                "mode": bot.config.mode,
                "paused": services.gateway.pauses.holds(bot.config.name),
                "level": levels.get(bot.config.name),
            }
            for bot in services.bots.all()
        ],
        "accounts": [_account(services, account, now) for account in accounts],
    }


def _account(services: Services, account: Account, now: Instant) -> dict[str, Any]:
    return {
        "id": account.id,
        "name": account.name,
        "level": account.level,
        "rights": list(services.accounts.levels.get(account.level, ())),
        "state": account.state.value,
        "instances": [_instance(services, account, one, now) for one in account.instances],
    }


def _instance(services: Services, account: Account, one: Instance, now: Instant) -> dict[str, Any]:
    alive = rules.living(one, now)
    why = services.accounts.standing(account, one)
    return {
        "id": one.id,
        "label": one.label,
        "sign_in": alive[0].method.value if alive else None,
        "counted": not one.plain,
        "generation": alive[0].generation if alive and not one.plain else None,
        "credentials": len(alive),
        "created_at": rfc3339(one.created_at),
        "expires_at": rfc3339(alive[0].expires_at) if alive else None,
        "used_at": None if one.used_at is None else rfc3339(one.used_at),
        "state": why or ("enabled" if alive else "expired"),
        "reason": one.reason,
    }


def _issued(services: Services, issued: Issued) -> dict[str, Any]:
    shown = {
        "bot": issued.account.name,
        "account": issued.account.id,
        "level": issued.account.level,
        "instance": issued.instance.label,
        "client_id": issued.instance.id,
        "counted": not issued.instance.plain,
        "expires_at": rfc3339(issued.credential.expires_at),
        "token_endpoint": f"{services.public_url}/oauth/token",
    }
    if not issued.instance.plain:
        shown["generation"] = issued.credential.generation
    return {**shown, "client_secret": issued.secret} if issued.secret else shown


# -- the arguments


def _bot(services: Services, args: dict[str, Any]) -> str:
    name = text(args, "name")
    if services.bots.get(name) is None:
        raise NotFound(f"there is no bot named {name}: an account belongs to a bot of the configuration")
    return name


def _level(services: Services, args: dict[str, Any]) -> str:
    level = text(args, "level")
    if level not in services.accounts.levels:
        known = ", ".join(services.accounts.levels) or "none is written"
        raise InvalidRequest(f"there is no access level {level} in [levels]: {known}")
    return level


def _span(args: dict[str, Any], name: str, *, least: int = 1) -> Duration:
    seconds = args.get(name)
    most = rules.LIFE_MAX_DAYS * DAY // SECOND
    if not isinstance(seconds, int) or isinstance(seconds, bool) or not least <= seconds <= most:
        raise InvalidRequest(f"{name} is a whole number from {least} to {most} ({rules.LIFE_MAX_DAYS}d)")
    return seconds * SECOND


def _optional(args: dict[str, Any], name: str) -> str:
    return text(args, name) if args.get(name) else ""


def _key(args: dict[str, Any]) -> bytes:
    given = args.get("key") or ""
    if not isinstance(given, str) or len(given) > _KEY_MAX:
        raise InvalidRequest("the key is no text, or too long")
    if not given:
        return b""
    try:
        from_pem(given.encode())
    except ValueError as error:
        raise InvalidRequest(str(error)) from None
    return given.encode()


OPERATIONS: dict[str, Operation] = {
    "bot.list": bot_list,
    "bot.add": bot_add,
    "bot.rotate": bot_rotate,
    "bot.disable": bot_disable,
    "bot.enable": bot_enable,
    "bot.level": bot_level,
}
