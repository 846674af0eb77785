"""Programs in Go over libraries of somebody else (tests/world/go): a verifier and a witness, built once and kept."""

from __future__ import annotations

import hashlib
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCES = Path(__file__).parent / "go"
PATH = "/usr/share/gocode"  # where Debian's golang-golang-x-mod-dev puts the source


@dataclass(frozen=True)
class Verdict:
    """What it said."""

    ok: bool
    said: str


def built(name: str) -> Path:
    """The program, built where its source has changed since."""
    source = SOURCES / f"{name}.go"
    program = ROOT / ".venv" / f"{name}-{hashlib.sha256(source.read_bytes()).hexdigest()[:16]}"
    if not program.exists():
        fresh = program.with_name(f"{program.name}.{os.getpid()}")
        environment = {**os.environ, "GO111MODULE": "off", "GOPATH": PATH, "GOFLAGS": "", "CGO_ENABLED": "0"}
        environment.setdefault("GOCACHE", str(ROOT / ".venv" / "go-cache"))
        subprocess.run(["go", "build", "-o", str(fresh), str(source)], env=environment, check=True)
        fresh.replace(program)
    return program


def check_log(folder: Path, *older: Path, vkey: str = "") -> Verdict:
    """Every entry of the log in *folder*, and that it continues older checkpoints."""
    return _run("log", vkey or (folder / "log.vkey").read_text().strip(), str(folder), *map(str, older))


def check_proof(proof: Path, entry: Path, vkey: str) -> Verdict:
    """A tlog-proof."""
    return _run("proof", vkey, str(proof), str(entry))


def _run(*arguments: str) -> Verdict:
    done = subprocess.run([str(built("verify")), *arguments], capture_output=True, text=True, check=False)
    assert done.returncode in {0, 1}, done.stderr
    return Verdict(done.returncode == 0, done.stdout.strip())
