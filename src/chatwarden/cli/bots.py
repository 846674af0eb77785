"""``chatwarden bot``: bots, and the accounts with which they sign in."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from chatwarden.cli.commands import Command, ask, say, show, table
from chatwarden.clock import SECOND
from chatwarden.config import values
from chatwarden.errors import ConfigurationError

_KEY_MAX = 16_384


def listing(options: argparse.Namespace) -> int:
    """Lists bots, then the instances of their accounts."""

    def human(shown: Any) -> None:
        columns = {
            "name": "NAME", "connector": "CONNECTOR", "mode": "MODE", "paused": "PAUSED", "who": "WHO", "level": "LEVEL",
            "url": "URL",
        }  # fmt: skip
        table(shown["bots"], columns)
        rows = [
            {**one, "bot": account["name"], "level": account["level"], "sign_in": _sign_in(one)}
            for account in shown["accounts"]
            for one in account["instances"]
        ]
        if rows:
            say()
            columns = {
                "bot": "BOT", "label": "INSTANCE", "level": "LEVEL", "sign_in": "SIGNS IN BY", "expires_at": "EXPIRES",
                "used_at": "LAST USED", "state": "STATE", "reason": "REASON", "id": "CLIENT ID",
            }  # fmt: skip
            table(rows, columns)

    return show(options, ask(options, "bot.list"), human)


def _sign_in(instance: dict[str, Any]) -> str:
    method = instance["sign_in"] or "nothing"
    return method if instance["counted"] else f"{method}, not counted (weaker)"


def add(options: argparse.Namespace) -> int:
    """Gives a bot an account, or another instance."""
    result = ask(
        options, "bot.add", name=options.name, level=options.level, instance=options.instance,
        seconds=_seconds(options.lifetime), key=_key(options.key_file), plain=options.plain_client or None,
    )  # fmt: skip
    return show(options, result, _human)


def rotate(options: argparse.Namespace) -> int:
    """Gives an instance another credential."""
    result = ask(
        options, "bot.rotate", name=options.name, instance=options.instance, seconds=_seconds(options.lifetime),
        overlap=_seconds(options.overlap), key=_key(options.key_file),
    )  # fmt: skip
    return show(options, result, _human)


def _human(shown: Any) -> None:
    say(f"{shown['bot']} has the access level {shown['level']}; instance {shown['instance']}")
    for name in ("client_id", "client_secret", "generation", "expires_at", "token_endpoint"):
        if name in shown:
            say(f"  {name.replace('_', ' '):16}{shown[name]}")
    if "client_secret" in shown:
        say("the secret is shown this once")
    if not shown["counted"]:
        sys.stderr.write("note: its sign-ins are not counted, so a copy of its credential is not noticed\n")


def switch(operation: str) -> Command:
    """A command that stops or starts an account or an instance, or gives it another level."""

    def command(options: argparse.Namespace) -> int:
        more = {name: getattr(options, name, None) for name in ("instance", "level")}
        result = ask(options, operation, name=options.name, **more)

        def human(shown: Any) -> None:
            for key, value in shown.items():
                say(f"{key} {', '.join(value) if isinstance(value, list) else value}")

        return show(options, result, human)

    return command


def _seconds(written: str) -> int:
    if written == "0":
        return 0
    try:
        return values.duration(written) // SECOND
    except ValueError as error:
        raise ConfigurationError(str(error)) from None


def _key(path: Path | None) -> str | None:
    if path is None:
        return None
    try:
        with path.open("rb") as file:
            data = file.read(_KEY_MAX + 1)
        return data.decode("ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"cannot read {path}: {getattr(error, 'strerror', None) or 'not a PEM file'}",
            hint="name the public half: openssl pkey -in key.pem -pubout -out pub.pem",
        ) from None
