"""Programs of others that run on Node.js: installed as the lock file says, and run beside a test."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
from pathlib import Path

FOLDER = Path(__file__).parent / "node"
_LOCK = FOLDER / "package-lock.json"
_STAMP = FOLDER / "node_modules" / ".stamp"


def installed() -> Path:
    """The folder whose scripts may import the packages. They are installed once, without running anything of theirs;
    who comes at the same time waits.
    """
    with _LOCK.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        wanted = hashlib.sha256(_LOCK.read_bytes()).hexdigest()
        if not _STAMP.exists() or _STAMP.read_text() != wanted:
            npm = shutil.which("npm")
            assert npm, "these tests need the Debian packages nodejs and npm"
            done = subprocess.run(
                [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
                cwd=FOLDER, capture_output=True, text=True, check=False, timeout=300,
            )  # fmt: skip
            assert done.returncode == 0, f"npm ci: {done.stderr[-2000:]}"
            _STAMP.write_text(wanted)
    return FOLDER


def started(script: str, *args: str, authority: Path | None = None) -> subprocess.Popen[str]:
    """Runs *script* of the folder; it trusts the certificate authority in the file *authority* beside the public ones.
    The caller ends it.
    """
    node = shutil.which("node") or shutil.which("nodejs")
    assert node, "these tests need the Debian packages nodejs and npm"
    env = {**os.environ, **({"NODE_EXTRA_CA_CERTS": str(authority)} if authority else {})}
    return subprocess.Popen(
        [node, str(installed() / script), *args],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env,
    )  # fmt: skip
