"""What each command does: asks for an operation, shows the result. Heavy parts are imported where they are used."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from chatwarden.cli import control
from chatwarden.clock import SECOND, SystemClock
from chatwarden.config import values
from chatwarden.config.home import Home
from chatwarden.config.model import Config
from chatwarden.config.parse import check_lab, read
from chatwarden.errors import ConfigurationError

Command = Callable[[argparse.Namespace], int]


def say(text: str = "") -> None:
    """One line on standard output."""
    sys.stdout.write(text + "\n")


def configured(options: argparse.Namespace, *, prepare: bool = False) -> tuple[Home, Config]:
    """The home and its configuration."""
    home = Home(options.home)
    if prepare:
        home.prepare()
    path: Path = options.config or home.config
    if options.config is None and not path.exists():
        return home, Config(bots=_default().bots)
    return home, read(path)


def _default() -> Config:
    from chatwarden.config.parse import parse  # noqa: PLC0415  used once, for a home without a file

    return parse("")


def ask(options: argparse.Namespace, command: str, **args: object) -> Any:
    """The result of an operation, asked of the running gateway or done here."""
    home, config = configured(options)
    return control.run(home, config, command, {name: value for name, value in args.items() if value is not None})


def follow(options: argparse.Namespace, command: str, sink: control.Sink, **args: object) -> None:
    """An operation whose answer may be of any length, handed to *sink* piece by piece."""
    home, config = configured(options)
    control.run(home, config, command, {name: value for name, value in args.items() if value is not None}, sink)


def show(options: argparse.Namespace, result: Any, human: Callable[[Any], None]) -> int:
    """Prints a result, for machines or for people."""
    if options.json:
        say(msgspec.json.encode(result).decode())
    else:
        human(result)
    return 0


def table(rows: list[dict[str, Any]], columns: dict[str, str]) -> None:
    """Prints rows under titles, aligned."""
    cells = [[_cell(row.get(key)) for key in columns] for row in rows]
    widths = [
        max(len(title), *(len(row[i]) for row in cells)) if cells else len(title)
        for i, title in enumerate(columns.values())
    ]
    for row in [list(columns.values()), *cells]:
        say("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    return "" if value is None else str(value)


# -- the gateway itself


def up(options: argparse.Namespace) -> int:
    """Runs the gateway."""
    from chatwarden import run  # noqa: PLC0415  the whole house

    home, config = _prepared(options, host=options.host, port=options.port, check=True)
    try:
        return run.serve(home, config)
    finally:
        home.unlock()


def init(options: argparse.Namespace) -> int:
    """Prepares the home."""
    home, config = _prepared(options)
    if options.accept_ring:
        from chatwarden.app import accept_ring  # noqa: PLC0415  the whole house

        accept_ring(home, config)
    home.unlock()
    say(f"prepared {home.path}")
    return 0


def _prepared(
    options: argparse.Namespace, *, host: str | None = None, port: int | None = None, check: bool = False
) -> tuple[Home, Config]:
    """The home, prepared and locked; a new one gets its first administrator and says how they get in."""
    from chatwarden.app import check_files, first_administrator, prepare_files  # noqa: PLC0415  the whole house
    from chatwarden.log import configure  # noqa: PLC0415  only where a gateway runs

    home, config = configured(options, prepare=True)
    server = config.server
    server = replace(server, host=host or server.host, port=server.port if port is None else port)
    check_lab(server)
    config = replace(config, source=options.config or home.config, server=server)
    configure(config.log_level)
    if check:
        check_files(home, config)
    home.lock()
    new = not home.prepared
    prepare_files(home, config)
    if new:
        link = first_administrator(home, config)
        home.note_prepared()
        base = link.partition("/enrol")[0]
        sys.stderr.write(
            f"prepared {home.path}\n"
            f"  trust this certificate authority:  {home.tls / 'ca.pem'}\n"
            f"  first administrator (once, a day):  {link}\n"
            f"  then the console:  {base}/console\n"
            f"  and the chat:  {base}/demo\n"
        )
    return home, config


def scan(_options: argparse.Namespace) -> int:
    """Finds personal data in JSON lines."""
    from chatwarden.detection.command import scan_stream  # noqa: PLC0415  the engine and its patterns

    return 2 if scan_stream(sys.stdin.buffer, sys.stdout.buffer) else 0


def triage(options: argparse.Namespace) -> int:
    """Tells what would be done with inquiries in JSON lines, and why."""
    from chatwarden.routing.command import triage_stream  # noqa: PLC0415  the engine and its words
    from chatwarden.routing.triage import rules_of  # noqa: PLC0415

    _, config = configured(options)
    if options.bot is not None and options.bot not in config.bots:
        raise ConfigurationError(f"there is no bot {options.bot[:64]}", hint=f"bots are {', '.join(config.bots)}")
    rules = rules_of(config.triage)
    summary = triage_stream(
        sys.stdin.buffer, rules.get(options.bot, rules[""]), None if options.summary else sys.stdout.buffer
    )  # fmt: skip
    if options.summary:
        result = {"inquiries": summary.inquiries, "wrong_lines": summary.wrong, "rows": summary.rows()}
        show(options, result, _triaged)
    return 2 if summary.wrong else 0


def _triaged(result: dict[str, Any]) -> None:
    columns = {"outcome": "OUTCOME", "reason": "REASON", "detail": "DETAIL", "inquiries": "INQUIRIES", "share": "SHARE"}
    table(result["rows"], columns)
    say(f"{result['inquiries']} inquiries, {result['wrong_lines']} line(s) that cannot be read")


def config_check(options: argparse.Namespace) -> int:
    """Checks the configuration and the files that it names."""
    from chatwarden import app, checks  # noqa: PLC0415  the whole house

    home, config = configured(options)
    if options.config is None and not home.config.exists():
        say(f"there is no {home.config}: every setting has its default")
        return 0
    app.check_files(home, config)
    app.check_dates(home, config, SystemClock().now())
    checks.check_misplaced(home, config)
    if home.prepared:  # whether every account of a bot has its level, only its record knows
        checks.check_levels(home, config, control.run(home, config, "bot.list", {})["accounts"])
    say(f"{config.source} is sound: {len(config.bots)} bot(s), {config.session.profile} sessions")
    return 0


# -- sessions


def session_list(options: argparse.Namespace) -> int:
    """Lists living sessions."""

    def human(shown: Any) -> None:
        rows = [
            {**one, "who": one["principal"]["name"], "role": one["principal"]["roles"]} for one in shown["sessions"]
        ]
        columns = {
            "id": "ID",
            "who": "WHO",
            "role": "ROLE",
            "state": "STATE",
            "idle_deadline": "IDLE END",
            "absolute_deadline": "ABSOLUTE END",
        }
        table(rows, columns)

    return show(options, ask(options, "session.list"), human)


def session_revoke(options: argparse.Namespace) -> int:
    """Ends one session, those of a person, or all."""
    if [options.id is not None, options.user is not None, options.all].count(True) != 1:
        raise ConfigurationError("give the id of a session, --user NAME or --all")

    def human(shown: Any) -> None:
        say(f"revoked {shown['revoked']}" if options.id else f"ended {shown['sessions_ended']} session(s)")

    return show(
        options, ask(options, "session.revoke", id=options.id, user=options.user, all=options.all or None), human
    )


def session_issue(options: argparse.Namespace) -> int:
    """Prints a token."""
    try:
        lifetime = values.duration(options.lifetime)
    except ValueError as error:
        raise ConfigurationError(str(error)) from None
    result = ask(options, "session.issue", user=options.user, seconds=lifetime // SECOND)
    return show(options, result, lambda shown: say(shown["token"]))


# -- bots, messages, the log


def bot_test(options: argparse.Namespace) -> int:
    """Tests a bot."""
    return _checks(options, ask(options, "bot.test", name=options.name))


def notify_test(options: argparse.Namespace) -> int:
    """Sends a test notice."""
    return _checks(options, ask(options, "notify.test"))


def _checks(options: argparse.Namespace, result: Any) -> int:
    """What worked; 1 if something did not."""

    def human(shown: Any) -> None:
        for check in shown["checks"]:
            say(
                f"{'ok    ' if check['ok'] else 'failed'}  {check['name']}"
                + (f": {check['detail']}" if check["detail"] else "")
            )

    show(options, result, human)
    return 0 if result["ok"] else 1


def pausing(operation: str) -> Command:
    """A command about one bot or all."""

    def command(options: argparse.Namespace) -> int:
        result = ask(options, operation, name=options.bot, all=options.all)

        def human(shown: Any) -> None:
            for key, value in shown.items():
                say(f"{key} {value}")

        return show(options, result, human)

    return command


def bot_report(options: argparse.Namespace) -> int:
    """Tells what the rules did with a bot's messages."""
    try:
        span = values.duration(options.span)
    except ValueError as error:
        raise ConfigurationError(str(error)) from None
    result = ask(options, "bot.report", name=options.name, seconds=span // SECOND)

    def human(shown: Any) -> None:
        say(f"{shown['bot']} since {shown['since']}: {shown['messages']} message(s), {shown['answers']} answer(s)")
        rows = [{**one, "would": one["would"] or "(done)"} for one in shown["findings"]]
        table(rows, {"from": "FROM", "class": "CLASS", "would": "WOULD HAVE BEEN", "messages": "MESSAGES"})

    return show(options, result, human)


def keys_rotate(options: argparse.Namespace) -> int:
    """Makes a new signing key."""

    def human(shown: Any) -> None:
        kept = "what earlier keys signed counts no more" if shown["forgotten"] else "earlier keys stay known for now"
        say(f"tokens are signed with {shown['kid']}; {kept}")

    return show(options, ask(options, "keys.rotate", forget=options.forget), human)
