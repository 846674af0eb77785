"""The example application (examples/orders) as a process of its own, with accounts made for one test."""

from __future__ import annotations

import contextlib
import json
import secrets
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


@dataclass
class OrdersApp:
    """A started application, and what it wrote down."""

    url: str
    journal: Path
    accounts: dict[str, dict[str, str]]
    accounts_file: Path
    process: subprocess.Popen[str] = field(repr=False)

    @property
    def token_url(self) -> str:
        return f"{self.url}/oauth/token"

    @property
    def revoke_url(self) -> str:
        return f"{self.url}/oauth/revoke"

    def seen(self, path: str = "") -> list[dict[str, Any]]:
        """The requests that came, those for *path* only."""
        lines = [json.loads(line) for line in self.journal.read_text().splitlines()] if self.journal.exists() else []
        return [line for line in lines if line["path"].partition("?")[0].startswith(path)]


def accounts(**more: dict[str, str]) -> dict[str, dict[str, str]]:
    """An account for each way of signing in, with credentials that nobody else has."""
    return {
        "shop-bot": {"secret": secrets.token_urlsafe(24)},
        "report-bot": {"password": secrets.token_urlsafe(24)},
        "stock-bot": {"api_key": secrets.token_urlsafe(24)},
        "fleet-bot": {"token": secrets.token_urlsafe(24)},
        **more,
    }


@contextlib.contextmanager
def started(
    folder: Path, *flags: str, known: dict[str, dict[str, str]] | None = None, issuer: str = "", ca: Path | None = None
) -> Iterator[OrdersApp]:
    """The application while the block runs."""
    folder.mkdir(parents=True, exist_ok=True)
    known = accounts() if known is None else known
    file, journal = folder / "accounts.json", folder / "journal"
    file.write_text(json.dumps(known))
    command = [
        sys.executable, str(ROOT / "examples" / "orders"), "--port", "0", "--accounts", str(file), "--journal",
        str(journal), *flags,
    ]  # fmt: skip
    if issuer:
        command += ["--issuer", issuer, "--issuer-ca", str(ca)]
    with (folder / "orders.err").open("w") as errors:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True)
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line.startswith("ready "), (folder / "orders.err").read_text()
    reading = threading.Thread(target=process.stdout.read, daemon=True)
    reading.start()
    try:
        yield OrdersApp(line.removeprefix("ready ").strip(), journal, known, file, process)
    finally:
        process.terminate()
        process.wait(10)
        reading.join(5)
        process.stdout.close()
