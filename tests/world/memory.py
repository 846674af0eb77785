"""Where homes and databases of tests lie: in memory where there is room, since no test pulls the plug of this machine."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

_MEMORY = Path("/dev/shm")
_ROOM = 4 << 30


def _roomy(folder: Path) -> bool:
    """Whether there is room in *folder*, and programs in it may run."""
    if not os.access(folder, os.W_OK | os.X_OK):
        return False
    told = os.statvfs(folder)
    return told.f_bavail * told.f_frsize >= _ROOM and not told.f_flag & os.ST_NOEXEC


ROOT = _MEMORY if _roomy(_MEMORY) else Path(tempfile.gettempdir())
