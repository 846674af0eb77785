"""Reads the command line, runs one command, turns what goes wrong into one line and an exit code."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn, TypeAlias

from chatwarden import __version__
from chatwarden.cli import applications, backups, bots, commands, desk, people, proofs, subjects, widget
from chatwarden.errors import CannotRun, ChatwardenError, ConfigurationError, Damaged, Problem

_Groups: TypeAlias = "argparse._SubParsersAction[Any]"  # noqa: SLF001  it has no other name
_Leaf = Callable[..., argparse.ArgumentParser]
OK, FAILED, WRONG_USE, COULD_NOT_RUN, INTERNAL = range(5)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        sys.stderr.write(f"error: {message}\nhint: {self.prog} --help\n")
        sys.exit(WRONG_USE)


def parser() -> argparse.ArgumentParser:
    """The grammar of the command line."""
    common = _Parser(add_help=False)
    common.add_argument(
        "--home",
        type=Path,
        default=argparse.SUPPRESS,
        help="folder of the gateway (default $CHATWARDEN_HOME, then ./var)",
    )
    common.add_argument(
        "--config", type=Path, default=argparse.SUPPRESS, help="configuration file (default HOME/chatwarden.toml)"
    )
    common.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="answer as JSON")

    top = _Parser(prog="chatwarden", description="The in-house security gateway for chatbots.", parents=[common])
    top.add_argument("--version", action="version", version=f"chatwarden {__version__}")
    groups = top.add_subparsers(title="commands", required=True, metavar="COMMAND", parser_class=_Parser)

    def leaf(where: argparse._SubParsersAction[_Parser], name: str, text: str, run: commands.Command) -> _Parser:
        made = where.add_parser(name, help=text, description=text.capitalize() + ".", parents=[common])
        made.set_defaults(run=run)
        return made

    def group(name: str, text: str) -> argparse._SubParsersAction[_Parser]:
        made = groups.add_parser(name, help=text, description=text.capitalize() + ".")
        return made.add_subparsers(title="commands", required=True, metavar="COMMAND", parser_class=_Parser)

    up = leaf(groups, "up", "run the gateway; prepares an empty home first", commands.up)
    up.add_argument("--host", help="address to listen on, instead of the configured one")
    up.add_argument("--port", type=int, help="port to listen on, instead of the configured one")
    prepare = leaf(groups, "init", "prepare the home and stop", commands.init)
    prepare.add_argument(
        "--accept-ring", action="store_true",
        help="take the key ring that is there, though it is not the record's; what the record's sealed is lost",
    )  # fmt: skip
    leaf(groups, "scan", "find personal data in JSON lines on standard input; needs no home", commands.scan)
    triage = leaf(
        groups,
        "triage",
        "say which inquiries in JSON lines would go to people, and why; needs no home",
        commands.triage,
    )
    triage.add_argument("--bot", metavar="NAME", help="as it holds for this bot")
    triage.add_argument("--summary", action="store_true", help="only count what goes where")

    leaf(
        group("config", "look at the configuration"), "check", "check the configuration and name the faulty line",
        commands.config_check,
    )  # fmt: skip

    _people(group("user", "people"), leaf)

    _sessions(group("session", "living sessions"), leaf)

    bot = group("bot", "bots and their accounts")
    _accounts(bot, leaf)
    leaf(bot, "test", "say what works with a bot and what does not", commands.bot_test).add_argument("name")

    report = leaf(
        bot, "report", "say what the rules did, or would have done, with a bot's messages", commands.bot_report
    )
    report.add_argument("name")
    report.add_argument("--for", dest="span", default="7d", help="how far back to look (default 7d)")

    for name, text in (
        ("pause", "stop asking a bot; people get a calm line and are offered a person"),
        ("resume", "ask a paused bot again"),
    ):
        which = leaf(groups, name, text, commands.pausing(f"bot.{name}")).add_mutually_exclusive_group(required=True)
        which.add_argument("--bot", metavar="NAME", help="one bot")
        which.add_argument("--all", action="store_true", help="every bot")

    leaf(group("notify", "notices to people"), "test", "send a test notice and say what worked", commands.notify_test)

    counted = leaf(group("desk", "the live-agent desk"), "numbers", "say what the desk did", desk.numbers)
    counted.add_argument("--for", dest="span", default="7d", help="how far back to look (default 7d)")

    keys = group("keys", "keys that sign tokens for other services")
    rotate = leaf(keys, "rotate", "sign with a new key from now on", commands.keys_rotate)
    rotate.add_argument("--forget", action="store_true", help="earlier keys count no more: somebody may have seen them")

    _applications(group("app", "applications that bots may reach through the broker"), leaf)
    put = leaf(group("widget", "the chat on other websites"), "snippet", "print what a website pastes", widget.snippet)
    put.add_argument(
        "--mode", choices=("frame", "loader", "self-hosted"), default="loader",
        help="frame: no script at all; loader (default): one script of this gateway; self-hosted: the same from the website",
    )  # fmt: skip
    put.add_argument("--bot", metavar="NAME", help="with whom (default: the first bot for visitors)")
    _subjects(groups, leaf)
    _backups(groups, leaf)
    _log(group("audit", "the log"), leaf)
    return top


def _log(audit: _Groups, leaf: _Leaf) -> None:
    export = leaf(audit, "export", "write the entries of the log", subjects.audit_export)
    export.add_argument("--format", choices=("json", "csv", "ocsf"), help="json (default), csv or ocsf, a line each")
    export.add_argument("--lane", help="client, bot, staff or system")
    export.add_argument("--event", help="only this event, for example session:ended")
    _span(export)
    _proofs(audit, leaf)
    one = leaf(audit, "show", "look up a receipt, or a conversation in lanes", subjects.audit_show)
    one.add_argument("id", help="id of a receipt, a message, a conversation or a person, or its beginning")
    concerned = leaf(audit, "affected", "say whom something concerns, for a breach notice", subjects.audit_affected)
    concerned.add_argument("--lane", help="only what was done in this lane")
    concerned.add_argument("--event", help="only this event, for example conversation:shown")
    _span(concerned)


def _span(one: argparse.ArgumentParser) -> None:
    one.add_argument(
        "--from", dest="begin", metavar="TIME", help="not before this time, UTC: 2026-11-28 or with T09:30:00Z"
    )
    one.add_argument("--to", dest="end", metavar="TIME", help="before this time")
    one.add_argument("--actor", metavar="WHO", help="who acted or was acted for: an id, or the name of a person")


def _applications(app: _Groups, leaf: _Leaf) -> None:
    add = leaf(app, "add", "hand an application and its credential to the broker, which tries it", applications.add)
    add.add_argument("name")
    add.add_argument("--url", required=True, help="address of the application, for example https://crm.example.org/api")
    add.add_argument(
        "--sign-in", required=True, metavar="KIND",
        help="basic, bearer, api-key, client-credentials, private-key-jwt or token-exchange",
    )  # fmt: skip
    add.add_argument("--account", help="the bot's own account there: a user name or a client id")
    add.add_argument("--credential-file", type=Path, metavar="FILE", help="instead of standard input")
    add.add_argument("--token-url", metavar="URL", help="where tokens are given (OAuth)")
    add.add_argument("--revoke-url", metavar="URL", help="where tokens are taken back (RFC 7009)")
    add.add_argument("--scope", help="what tokens shall be good for")
    add.add_argument("--audience", help="for whom tokens shall be")
    add.add_argument("--header", metavar="FIELD", help="where an API key stands, for example x-api-key")
    add.add_argument("--check", metavar="PATH", help="a path that answers only who signs in (default /)")
    add.add_argument("--ca-file", type=Path, metavar="FILE", help="the one authority that its certificate may have")
    add.add_argument("--private", action="store_true", help="it may stand at a private address, or on this machine")
    rotate = leaf(app, "rotate", "replace a credential by one that works", applications.rotate)
    rotate.add_argument("name")
    rotate.add_argument("--credential-file", type=Path, metavar="FILE", help="instead of standard input")
    leaf(app, "remove", "take an application away, with its grants", applications.remove).add_argument("name")
    leaf(app, "list", "list applications and grants", applications.listing)
    grant = leaf(app, "grant", "let a bot ask an application for something", applications.grant)
    grant.add_argument("bot")
    grant.add_argument("application")
    grant.add_argument("--method", action="append", required=True, help="GET, POST, PUT, PATCH or DELETE")
    grant.add_argument("--path", action="append", required=True, metavar="PATTERN", help="for example '/orders/*'")
    grant.add_argument("--right", required=True, help="what must be in the bot's level")
    grant.add_argument("--person-right", metavar="RIGHT", help="what the person must be allowed")
    grant.add_argument("--step-up", metavar="SPAN", help="the person must have proved who they are within this")
    grant.add_argument("--classes", action="append", help="data that may be put in for placeholders, and come back")
    grant.add_argument("--rate", help="how often, for example '2/s burst 5'")
    leaf(app, "ungrant", "take a grant away", applications.ungrant).add_argument("id")
    explain = leaf(app, "explain", "tell what decides whether a bot may ask for something", applications.explain)
    explain.add_argument("bot")
    explain.add_argument("application")
    explain.add_argument("method")
    explain.add_argument("path")
    explain.add_argument("--user", metavar="NAME", help="on behalf of this person")
    leaf(app, "drift", "tell where grants are wider than the level of their bot", applications.drift)
    leaf(app, "leases", "list what is signed in for which session", applications.leases)


def _accounts(bot: _Groups, leaf: _Leaf) -> None:
    leaf(bot, "list", "list bots and the instances of their accounts", bots.listing)
    add = leaf(bot, "add", "give a bot an account, or another instance; prints the credential once", bots.add)
    rotate = leaf(bot, "rotate", "give an instance another credential; a locked one is unlocked", bots.rotate)
    add.add_argument("name", help="a bot of the configuration")
    rotate.add_argument("name")
    add.add_argument("--level", required=True, help="its access level: one of [levels] in the configuration")
    add.add_argument("--instance", metavar="LABEL", help="which running copy of the bot (default main)")
    rotate.add_argument("--instance", metavar="LABEL", help="which instance, if there are several")
    for made in (add, rotate):
        made.add_argument("--key-file", type=Path, metavar="PUB.pem", help="its public key, instead of a secret")
        made.add_argument(
            "--for", dest="lifetime", default="90d", help="how long it counts (default 90d, at most 400d)"
        )
    add.add_argument(
        "--plain-client", action="store_true", help="its sign-ins are not counted: for OAuth clients as they are"
    )
    rotate.add_argument("--overlap", default="1h", help="how long the earlier credential counts too (default 1h, or 0)")
    for name, text in (
        ("disable", "stop an account or an instance; its tokens are dead at once"),
        ("enable", "let an account or an instance sign in again"),
    ):
        made = leaf(bot, name, text, bots.switch(f"bot.{name}"))
        made.add_argument("name")
        made.add_argument("--instance", metavar="LABEL", help="only this instance")
    level = leaf(bot, "level", "give an account another access level", bots.switch("bot.level"))
    level.add_argument("name")
    level.add_argument("level")


def _proofs(audit: _Groups, leaf: _Leaf) -> None:
    verify = leaf(
        audit, "verify", "check the whole log: 1 and the first entry that is wrong, where one is", proofs.verify
    )  # fmt: skip
    verify.add_argument("--progress", action="store_true", help="say on standard error how far it is, in JSON lines")
    prove = leaf(audit, "prove", "write a proof of one entry that anybody can check offline", proofs.prove)
    prove.add_argument("index", type=_count, help="which entry, as the log numbers them from 0")
    prove.add_argument("--year", type=int, help="of which year's log (default: the newest)")
    prove.add_argument(
        "--out", type=Path, metavar="FILE", help="write the proof there, and the entry beside it as FILE.entry"
    )


def _subjects(groups: _Groups, leaf: _Leaf) -> None:
    erase = leaf(groups, "erase", "destroy messages now and print receipts", subjects.erase)
    what = erase.add_mutually_exclusive_group(required=True)
    what.add_argument("--message", metavar="ID", help="one message")
    what.add_argument("--conversation", metavar="ID", help="every message of a conversation")
    what.add_argument("--user", metavar="NAME", help="every message about a person")
    export = leaf(groups, "export", "write all that is still a person's own, as JSON", subjects.data_export)
    export.add_argument("--user", metavar="NAME", required=True, help="whose data")


def _backups(groups: _Groups, leaf: _Leaf) -> None:
    backup = leaf(
        groups, "backup", "write an encrypted backup and read it back, beside a running gateway too", backups.backup
    )
    backup.add_argument("file", type=Path, help="a new file")
    instead = backup.add_mutually_exclusive_group()
    instead.add_argument("--verify", action="store_true", help="only read the backup and say what is in it")
    instead.add_argument(
        "--new-identity", action="store_true", help="only make a key to be kept offline; print its recipient"
    )
    backup.add_argument("--identity", type=Path, metavar="KEYFILE", help="with --verify: look into what is sealed, too")
    restore = leaf(groups, "restore", "put a backup back; no gateway may run on the home", backups.restore)
    restore.add_argument("file", type=Path, help="the backup")
    restore.add_argument("--identity", type=Path, metavar="KEYFILE", help="the identity of the backup's recipient")
    restore.add_argument("--replace", action="store_true", help="put it in the place of the record that is there")
    restore.add_argument(
        "--accept-ring", action="store_true",
        help="go on with another key ring than the backup's, or with none; what the backup's sealed is lost",
    )  # fmt: skip


def _sessions(session: _Groups, leaf: _Leaf) -> None:
    leaf(session, "list", "list living sessions", commands.session_list)
    revoke = leaf(session, "revoke", "end a session, those of a person, or all, at once", commands.session_revoke)
    revoke.add_argument("id", nargs="?")
    revoke.add_argument("--user", metavar="NAME", help="every session of this person")
    revoke.add_argument("--all", action="store_true", help="every session")
    issue = leaf(session, "issue", "print a token for a program that cannot log in", commands.session_issue)
    issue.add_argument("--user", required=True, help="whose session it is")
    issue.add_argument("--for", dest="lifetime", required=True, help="how long it lives, for example 8h")


def _people(user: _Groups, leaf: _Leaf) -> None:
    add = leaf(user, "add", "add a person", people.add)
    add.add_argument("name")
    add.add_argument("--role", required=True, help="customer, agent, admin, auditor or trainer")
    add.add_argument("--password-stdin", action="store_true", help="read the password from standard input")
    add.add_argument("--email", metavar="ADDRESS", help="where the person is told when a credential changes")
    contact = leaf(user, "contact", "say where a person is told of changes", people.contact)
    contact.add_argument("name")
    contact.add_argument("address", help="an e-mail address, or '' for none")
    leaf(user, "list", "list people", people.listing)
    for name, text in (
        ("disable", "disable an account and end its sessions"),
        ("enable", "enable an account again"),
        ("enrol", "print a new one-time enrolment link"),
        ("reset", "take password and factors away, end the sessions, print an enrolment link"),
    ):
        leaf(user, name, text, people.named(f"user.{name}")).add_argument("name")
    role = leaf(user, "role", "give an account another role and end its sessions", people.named("user.role"))
    role.add_argument("name")
    role.add_argument("role", help="customer, agent, admin, auditor or trainer")
    take_over = leaf(user, "import", "add the people of a CSV file (name,role); print their links", people.take_over)
    take_over.add_argument("file", type=Path)
    leavers = leaf(user, "leavers", "disable the people of a list, or those unseen for long", people.leavers)
    leavers.add_argument("file", type=Path, nargs="?", help="CSV file with a column name")
    leavers.add_argument("--unused", metavar="SPAN", help="whoever did not sign in for this long, for example 90d")
    leavers.add_argument("--dry-run", action="store_true", help="only say whom")


def _count(text: str) -> int:
    """A whole number from 0. Raises ValueError."""
    if not (text.isascii() and text.isdecimal()):
        raise ValueError(text)
    return int(text)


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; returns the exit code."""
    options = parser().parse_args(argv)
    options.home = getattr(options, "home", None) or Path(os.environ.get("CHATWARDEN_HOME") or "var")
    options.config = getattr(options, "config", None)
    options.json = getattr(options, "json", False)
    try:
        code: int = options.run(options)
        sys.stdout.flush()
    except ConfigurationError as error:
        where = f"line {error.line}: " if error.line else ""
        return _fail(where + str(error), error.hint, WRONG_USE)
    except Damaged as error:
        return _fail(str(error), error.hint or "nothing was changed; take another copy of the file", FAILED)
    except CannotRun as error:
        return _fail(str(error), error.hint, COULD_NOT_RUN)
    except Problem as problem:
        return _fail(str(problem), "", FAILED if problem.status == 404 else WRONG_USE)
    except ChatwardenError as error:
        return _fail(str(error), "the log has more", COULD_NOT_RUN)
    except KeyboardInterrupt:
        return COULD_NOT_RUN
    except BrokenPipeError:  # who read the output has enough (head); what is left of it goes nowhere, and says nothing
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return COULD_NOT_RUN
    except Exception as error:  # noqa: BLE001  the last border: a trace would print values
        return _fail(f"internal error: {type(error).__name__}", "set CHATWARDEN_TRACE=1 to see where", INTERNAL)
    return code


def _fail(message: str, hint: str, code: int) -> int:
    if os.environ.get("CHATWARDEN_TRACE") and sys.exc_info()[1] is not None:
        import traceback  # noqa: PLC0415  only for whoever asks

        traceback.print_exc()
    sys.stderr.write(f"error: {message[:1].lower()}{message[1:]}\n")
    if hint:
        sys.stderr.write(f"hint: {hint}\n")
    return code
