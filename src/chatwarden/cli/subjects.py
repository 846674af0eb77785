"""``chatwarden erase``, ``export`` and ``audit``: what answers a person who asks for their data, and what proves it."""

from __future__ import annotations

import argparse
import sys
from typing import Any

import msgspec

from chatwarden.cli import lanes
from chatwarden.cli.commands import ask, follow, say, show, table
from chatwarden.errors import ConfigurationError


def erase(options: argparse.Namespace) -> int:
    """Destroys messages; 1 where the law wants some of them kept."""
    result = ask(options, "erase", message=options.message, conversation=options.conversation, user=options.user)
    columns = {"id": "MESSAGE", "destroyed_at": "DESTROYED", "receipt": "RECEIPT"}

    def human(shown: Any) -> None:
        if shown["receipts"]:
            table(shown["receipts"], columns)
        for one in shown["receipts"]:
            if "note" in one:
                say(f"{one['id']}: {one['note']}")
        for one in shown["kept"]:
            say(f"kept {one['id']}: the law wants it until {one['kept_until']}")
        summary = shown["summary"]
        kept = f", kept {summary['kept']}" if summary["kept"] else ""
        say(
            f"destroyed {summary['destroyed']} message(s) in {summary['conversations']} conversation(s){kept}; "
            f"receipt of the request: {summary['receipt']}"
        )

    show(options, result, human)
    return 1 if result["kept"] else 0


def data_export(options: argparse.Namespace) -> int:
    """Writes all that is still a person's own, as JSON."""
    say(msgspec.json.format(msgspec.json.encode(ask(options, "export", user=options.user)), indent=2).decode())
    return 0


def audit_export(options: argparse.Namespace) -> int:
    """Writes the log, or some of it, while it is read."""
    if options.json and options.format not in {None, "json"}:
        raise ConfigurationError("--json is --format json in one document", hint="give one of the two")
    before = b'{"entries":[' if options.json else b""
    written = False

    def sink(data: bytes) -> None:
        nonlocal before, written
        sys.stdout.buffer.write(before + data + (b"" if options.json else b"\n"))
        before, written = b"," if options.json else b"", True

    sys.stdout.flush()
    what = {"lane": options.lane, "from": options.begin, "to": options.end, "actor": options.actor}
    follow(options, "audit.export", sink, format=options.format, event=options.event, **what)
    if options.json:
        sys.stdout.buffer.write((b"" if written else before) + b"]}\n")
    return 0


def audit_show(options: argparse.Namespace) -> int:
    """Looks up a receipt, all that the log has about something, or a conversation in lanes."""

    def human(shown: Any) -> None:
        if "timeline" not in shown:
            return _entries(shown)
        for line in lanes.drawn(shown["timeline"]):
            say(line)
        return None

    return show(options, ask(options, "audit.show", id=options.id), human)


def audit_affected(options: argparse.Namespace) -> int:
    """Says whom a span of time, or what one party did in it, concerns."""
    span = {"from": options.begin, "to": options.end}
    result = ask(options, "audit.affected", actor=options.actor, lane=options.lane, event=options.event, **span)
    columns = {
        "person": "PERSON", "name": "NAME", "entries": "ENTRIES", "conversations": "CONVERSATIONS", "first": "FIRST",
        "last": "LAST", "classes": "DATA CLASSES",
    }  # fmt: skip

    def human(shown: Any) -> None:
        table(shown["persons"], columns)
        say(f"{len(shown['persons'])} person(s); data classes: {', '.join(shown['classes']) or 'none found'}")

    return show(options, result, human)


def _entries(shown: Any) -> None:
    for one in shown["entries"]:
        say(msgspec.json.encode(one).decode())
