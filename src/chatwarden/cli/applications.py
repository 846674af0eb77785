"""``chatwarden app``: applications that bots may reach through the broker."""

from __future__ import annotations

import argparse
import getpass
import sys
from pathlib import Path
from typing import Any

from chatwarden.cli.commands import ask, say, show, table
from chatwarden.clock import SECOND
from chatwarden.config import values
from chatwarden.errors import CannotRun, ConfigurationError

_FILE_MAX = 16_384


def add(options: argparse.Namespace) -> int:
    """Adds an application."""
    authority = _read(options.ca_file, "the authority") if options.ca_file else None
    result = ask(
        options, "app.add", name=options.name, url=options.url, sign_in=options.sign_in, account=options.account,
        token_url=options.token_url, revoke_url=options.revoke_url, scope=options.scope, audience=options.audience,
        header=options.header, check=options.check, ca=authority, private=options.private or None,
        credential=_credential(options),
    )  # fmt: skip
    return show(
        options, result,
        lambda told: say(f"added {told['application']['name']}: signing in with this credential works"),
    )  # fmt: skip


def rotate(options: argparse.Namespace) -> int:
    """Replaces a credential."""
    result = ask(options, "app.rotate", name=options.name, credential=_credential(options))

    def human(told: Any) -> None:
        one = told["application"]
        say(f"{one['name']} is signed in to with credential {one['generation']} from now on; it works")

    return show(options, result, human)


def remove(options: argparse.Namespace) -> int:
    """Takes an application away."""
    result = ask(options, "app.remove", name=options.name)
    return show(options, result, lambda told: say(f"removed {told['removed']} and {told['grants']} grant(s)"))


def listing(options: argparse.Namespace) -> int:
    """Lists applications and grants."""

    def human(told: Any) -> None:
        columns = {
            "name": "NAME", "url": "URL", "sign_in": "SIGN-IN", "account": "ACCOUNT", "generation": "CREDENTIAL",
            "at": "SINCE",
        }  # fmt: skip
        table(told["applications"], columns)
        say()
        _grants(told["grants"])

    return show(options, ask(options, "app.list"), human)


def _grants(rows: list[dict[str, Any]], **more: str) -> None:
    columns = {
        "id": "GRANT", "bot": "BOT", "application": "APPLICATION", "methods": "METHODS", "paths": "PATHS",
        "right": "RIGHT", "person_right": "PERSON'S RIGHT", "step_up": "STEP-UP (s)", "classes": "CLASSES",
        "rate": "RATE", **more,
    }  # fmt: skip
    table([{**row, "step_up": row["step_up"] or None} for row in rows], columns)


def grant(options: argparse.Namespace) -> int:
    """Grants."""
    seconds = None
    if options.step_up:
        try:
            seconds = values.duration(options.step_up) // SECOND
        except ValueError as error:
            raise ConfigurationError(str(error)) from None
    result = ask(
        options, "app.grant", bot=options.bot, application=options.application, methods=options.method,
        paths=options.path, right=options.right, person_right=options.person_right, step_up=seconds,
        classes=options.classes, rate=options.rate,
    )  # fmt: skip

    def human(told: Any) -> None:
        one = told["grant"]
        say(f"granted {one['id']}: {one['bot']} may {', '.join(one['methods'])} {', '.join(one['paths'])}")
        say(f"  at {one['application']} ({one['origin']}), with {one['right']} in its level")
        if not told["fits"]:
            say(f"note: its level lacks {one['right']} now, so it may not until the level has it: chatwarden app drift")

    return show(options, result, human)


def ungrant(options: argparse.Namespace) -> int:
    """Takes a grant away."""
    result = ask(options, "app.ungrant", id=options.id)
    return show(options, result, lambda told: say(f"removed {told['removed']}"))


def explain(options: argparse.Namespace) -> int:
    """Tells what decides; 1 where it is refused."""
    result = ask(
        options, "app.explain", bot=options.bot, application=options.application, method=options.method,
        path=options.path, user=options.user,
    )  # fmt: skip

    def human(told: Any) -> None:
        if told["unclear"]:
            say(f"refused: the path can be read in more than one way ({told['unclear']})")
        if not told["grants"]:
            say(f"refused: {options.bot} has no grant for {options.application}")
        for one in told["grants"]:
            say(f"{one['grant']}: {'allowed' if one['allowed'] else 'refused'}")
            for condition in one["conditions"]:
                say(f"  {'yes' if condition['holds'] else 'no ':3}  {condition['name']}: {condition['said']}")
        if told["without_person"]:
            say("for the person's conditions name one with --user")

    show(options, result, human)
    return 0 if result["allowed"] else 1


def drift(options: argparse.Namespace) -> int:
    """Tells where grants do not fit any more; 1 where some do not."""
    result = ask(options, "app.drift")

    def human(told: Any) -> None:
        if told["drift"]:
            columns = {
                "id": "GRANT", "bot": "BOT", "application": "APPLICATION", "right": "RIGHT", "drift": "WHAT DOES NOT FIT"
            }  # fmt: skip
            table(told["drift"], columns)
        else:
            say("every grant fits the level of its bot")

    show(options, result, human)
    return 1 if result["drift"] else 0


def leases(options: argparse.Namespace) -> int:
    """Lists leases; 1 where one could not be taken back."""
    result = ask(options, "app.leases")
    columns = {
        "id": "LEASE", "application": "APPLICATION", "bot": "BOT", "session": "SESSION", "state": "STATE",
        "tries": "TRIES", "next_try": "NEXT TRY", "token_ends_at": "TOKEN ENDS",
    }  # fmt: skip
    show(options, result, lambda told: table(told["leases"], columns))
    return 1 if any(one["state"] == "not-revoked" for one in result["leases"]) else 0


def _credential(options: argparse.Namespace) -> str:
    """From the file, or from standard input; asked for without an echo where that is a terminal."""
    if options.credential_file is not None:
        return _read(options.credential_file, "the credential").strip()
    given = getpass.getpass("credential: ") if sys.stdin.isatty() else sys.stdin.read(_FILE_MAX + 1)
    if not given.strip():
        raise ConfigurationError("no credential on standard input", hint="or name a file with --credential-file")
    return given.strip()


def _read(path: Path, what: str) -> str:
    try:
        with path.open(encoding="utf-8") as file:
            text = file.read(_FILE_MAX + 1)
    except (OSError, UnicodeDecodeError) as error:
        raise CannotRun(f"cannot read {what} in {path}", hint="a text file of at most 16 KiB is expected") from error
    if len(text) > _FILE_MAX or not text.strip():
        raise ConfigurationError(f"{path} is empty or too long for {what}")
    return text
