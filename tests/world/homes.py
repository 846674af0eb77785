"""Homes that earlier versions of the gateway left, kept as text: what an upgrade is tried on.

``python -m tests.world.homes`` freezes one with the gateway of this clone, under the number of its schema. Do that before
a new migration is written; once frozen, a home is never made again. Its messages live for a century.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.world.gateway import running

FROZEN = Path(__file__).parents[1] / "vectors" / "homes"
CENTURY = """
[server]
port = 0
[audit]
keep = "36500d"
[levels.sales]
rights = ["orders:read"]
[bots.shop]
connector = "builtin"
[metrics]
listen = "off"
[retention]
default = "36500d"
[retention.class]
email = "36500d"
"""
PERSON = "ada"
SAID = ("How do I return a parcel?", "Write to ada@example.org, please.")
_SLOT, _USED = 64, b"CWR"  # bytes of the key ring that belong together, and how those with a key begin
_KEYS = ("ring", "record", "audit-sign")
_LOG = ("audit/**/*", "data/audit-head")  # the tree of the log, where there is one


def versions() -> list[int]:
    """The schemas of which a home is kept."""
    return sorted(int(path.name) for path in FROZEN.iterdir())


def freeze() -> Path:
    """Makes a home with the present gateway and keeps it."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        with running(home, CENTURY, lab=False) as gateway:
            gateway.command("user", "add", PERSON, "--role", "customer", "--password-stdin", stdin="a long password\n")
            token = gateway.command("session", "issue", "--user", PERSON, "--for", "8h").stdout.strip()
            conversation = gateway.conversation(token)
            for text in SAID:
                assert gateway.say(token, conversation, text).status == 201
            path = f"/api/v1/conversations/{conversation}/messages"
            messages = [
                {name: message[name] for name in ("id", "from", "text", "destroy_at")}
                for message in gateway.call("GET", path, token=token).json["messages"]
            ]
            gateway.command("bot", "add", "shop", "--level", "sales")
            entries = len(gateway.audit())
            assert gateway.stop() == 0
        with contextlib.closing(sqlite3.connect(home / "data" / "chatwarden.db")) as base:
            version = int(base.execute("PRAGMA user_version").fetchone()[0])
            dump = "\n".join(base.iterdump())
        keys = {name: (home / "keys" / name).read_bytes() for name in _KEYS}
        files = sorted(path for pattern in _LOG for path in home.glob(pattern) if path.is_file())
        log = {path.relative_to(home).as_posix(): path.read_bytes().hex() for path in files}
        slots = [keys["ring"][at : at + _SLOT] for at in range(0, len(keys["ring"]), _SLOT)]
        keys["ring"] = b"".join(slot for slot in slots if slot.startswith(_USED))
    kept = FROZEN / str(version)
    kept.mkdir(parents=True)
    (kept / "database.sql").write_text(f"{dump}\nPRAGMA user_version = {version};\n")
    shown = {"conversation": conversation, "messages": messages, "entries": entries}
    shown |= {"keys": {name: value.hex() for name, value in keys.items()}, "log": log}
    (kept / "home.json").write_text(json.dumps(shown, indent=1) + "\n")
    return kept


def thaw(version: int, home: Path) -> Any:
    """Puts the home of that schema where *home* is; returns what was noted of it."""
    kept = FROZEN / str(version)
    noted = json.loads((kept / "home.json").read_text())
    for folder in ("data", "keys"):
        (home / folder).mkdir(parents=True)
    with contextlib.closing(sqlite3.connect(home / "data" / "chatwarden.db")) as base:
        base.executescript((kept / "database.sql").read_text())
        base.execute("PRAGMA journal_mode = WAL")
    files = {f"keys/{name}": value for name, value in noted["keys"].items()} | noted.get("log", {})
    for name, value in files.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(home / name, os.O_WRONLY | os.O_CREAT, 0o600)
        os.write(handle, bytes.fromhex(value))
        os.close(handle)
    return noted


if __name__ == "__main__":
    sys.stdout.write(f"{freeze()}\n")
