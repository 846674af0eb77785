"""``chatwarden user``: people, one by one and by the list."""

from __future__ import annotations

import argparse
import csv
import getpass
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from chatwarden.cli.commands import Command, ask, say, show, table
from chatwarden.clock import SECOND
from chatwarden.config import values
from chatwarden.errors import CannotRun, ConfigurationError

_BATCH = 50
_FILE_MAX = 16 * 1024 * 1024


def add(options: argparse.Namespace) -> int:
    """Adds a person."""
    password = None
    if options.password_stdin:
        password = getpass.getpass() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
        if not password:
            raise ConfigurationError("no password on standard input", hint="leave --password-stdin out for a link")
    result = ask(options, "user.add", name=options.name, role=options.role, password=password, email=options.email)

    def human(shown: Any) -> None:
        say(f"added {shown['user']['name']} ({shown['user']['role']})")
        if "enrolment_link" in shown:
            say(f"enrolment link (once, a day): {shown['enrolment_link']}")

    return show(options, result, human)


def listing(options: argparse.Namespace) -> int:
    """Lists people."""
    columns = {
        "name": "NAME", "role": "ROLE", "enabled": "ENABLED", "enrolled": "ENROLLED", "second_factors": "SECOND FACTOR",
        "id": "ID",
    }  # fmt: skip
    return show(options, ask(options, "user.list"), lambda shown: table(shown["users"], columns))


def named(operation: str) -> Command:
    """A command about one person, by name."""

    def command(options: argparse.Namespace) -> int:
        result = ask(options, operation, name=options.name, role=getattr(options, "role", None))

        def human(shown: Any) -> None:
            for key, value in shown.items():
                say(f"{key.replace('_', ' ')}: {value}")

        return show(options, result, human)

    return command


def contact(options: argparse.Namespace) -> int:
    """Says where a person is told of changes; an empty address takes it away."""
    result = ask(options, "user.contact", name=options.name, address=options.address)
    return show(options, result, lambda shown: say(f"{shown['user']} is told at: {shown['told_at']}"))


def take_over(options: argparse.Namespace) -> int:
    """Adds the people of a CSV file and writes their enrolment links."""
    rows = _people(options.file)
    results: list[dict[str, Any]] = []
    for batch in _batches(rows):
        results += ask(options, "user.import", rows=batch)["results"]
        _progress("imported", len(results), len(rows))

    def human(shown: Any) -> None:
        out = csv.writer(sys.stdout, lineterminator="\n")
        out.writerow(["name", "enrolment_link"])
        out.writerows([one["name"], one["enrolment_link"]] for one in shown["results"] if "refused" not in one)

    return _told(options, results, human)


def leavers(options: argparse.Namespace) -> int:
    """Disables the people of a list, or those whom nobody saw for long."""
    if (options.file is None) == (options.unused is None):
        raise ConfigurationError("give a file of names, or --unused 90d")
    results: list[dict[str, Any]] = []
    if options.unused is not None:
        try:
            unused = values.duration(options.unused)
        except ValueError as error:
            raise ConfigurationError(str(error)) from None
        results = ask(options, "user.leavers", unused=unused // SECOND, dry=options.dry_run)["results"]
    else:
        names = [row["name"] for row in _people(options.file, role=False)]
        for batch in _batches(names):
            results += ask(options, "user.leavers", names=batch, dry=options.dry_run)["results"]
            _progress("looked at", len(results), len(names))
    word = "would disable" if options.dry_run else "disabled"

    def human(shown: Any) -> None:
        for one in shown["results"]:
            if "refused" not in one:
                say(
                    f"{word} {one['name']}" + ("" if options.dry_run else f", ended {one['sessions_ended']} session(s)")
                )

    return _told(options, results, human)


def _told(options: argparse.Namespace, results: list[dict[str, Any]], human: Any) -> int:
    show(options, {"results": results}, human)
    refused = [one for one in results if "refused" in one]
    for one in refused:
        sys.stderr.write(f"refused {one['name']}: {one['refused']}\n")
    return 1 if refused else 0


def _people(path: Path, *, role: bool = True) -> list[dict[str, str]]:
    """The rows of a CSV file with a head of ``name`` and, with *role*, ``role``. Raises ConfigurationError with the line
    before anybody is touched.
    """
    try:
        if path.stat().st_size > _FILE_MAX:
            raise ConfigurationError(f"{path} is larger than 16 MiB")
        lines = path.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CannotRun(f"cannot read {path}: {getattr(error, 'strerror', None) or 'not UTF-8'}") from error
    reader = csv.DictReader(lines)
    needed = {"name", "role"} if role else {"name"}
    if not needed <= set(reader.fieldnames or ()):
        raise ConfigurationError(f"{path} has no column {' and '.join(sorted(needed))}", line=1, hint="name,role")
    rows = []
    for row in reader:
        if any(not (row.get(column) or "").strip() for column in needed):
            raise ConfigurationError(f"{path}: a row without {' or '.join(sorted(needed))}", line=reader.line_num)
        rows.append({column: str(row[column]).strip() for column in sorted(needed)})
    if not rows:
        raise ConfigurationError(f"{path} names nobody")
    return rows


def _batches(rows: list[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(rows), _BATCH):
        yield rows[start : start + _BATCH]


def _progress(word: str, done: int, of: int) -> None:
    if of > _BATCH:
        sys.stderr.write(f"{word} {done} of {of}\n")
