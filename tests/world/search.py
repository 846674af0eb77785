"""Whether something lies in a file, in plain or written in one of the usual ways."""

from __future__ import annotations

import base64
from pathlib import Path


def forms(marker: str) -> list[bytes]:
    """The ways in which a marker may lie in a file."""
    plain = [marker.encode(), marker.replace(" ", "").encode()]
    found = list(plain)
    for one in plain:
        found += [
            one.hex().encode(),
            one.hex().upper().encode(),
            one.decode().encode("utf-16-le"),
            one.decode().encode("utf-16-be"),
        ]
        # Base64 of something longer, whatever stands before it: the part that does not depend on it.
        found += [base64.b64encode(bytes(lead) + one)[4 if lead else 0 : -4] for lead in range(3)]
    return found


def where(root: Path, wanted: list[bytes]) -> list[Path]:
    """The files below *root*, or the file itself, in which one of *wanted* is."""
    files = [root] if root.is_file() else [path for path in root.rglob("*") if path.is_file()]
    return [path for path in files if any(one in path.read_bytes() for one in wanted)]
