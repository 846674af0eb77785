"""``chatwarden erase``, ``export`` and ``audit``: what answers a person who asks for their data, and what proves it."""

from __future__ import annotations

import argparse
from typing import Any

import msgspec

from chatwarden.cli.commands import ask, say, show, table


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
    """Writes the log."""
    return show(options, ask(options, "audit.export", lane=options.lane), _entries)


def audit_show(options: argparse.Namespace) -> int:
    """Looks up a receipt, or all that the log has about something."""
    return show(options, ask(options, "audit.show", id=options.id), _entries)


def _entries(shown: Any) -> None:
    for one in shown["entries"]:
        say(msgspec.json.encode(one).decode())
