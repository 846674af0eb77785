"""``[audit.syslog]`` and ``[alarms]`` once they have been parsed: who else sees the log, and when reading is reading in bulk."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from chatwarden.clock import HOUR, MINUTE, Duration


@dataclass(frozen=True, slots=True)
class Threshold:
    """More than *count* within a span of time are many. ``None`` in its place means off."""

    count: int
    within: Duration


@dataclass(frozen=True, slots=True)
class AlarmsConfig:
    """``[alarms]``: from when on reading counts as reading in bulk."""

    bulk_conversations: Threshold | None = Threshold(50, 10 * MINUTE)
    bulk_exports: Threshold | None = Threshold(5, HOUR)
    bulk_lookups: Threshold | None = Threshold(60, 10 * MINUTE)
    bulk_reveals: Threshold | None = Threshold(10, HOUR)


@dataclass(frozen=True, slots=True)
class SyslogConfig:
    """``[audit.syslog]``: where entries of the log go besides. Without a host nowhere."""

    host: str = ""
    port: int = 6514
    format: Literal["ocsf", "cef", "json"] = "ocsf"
    ca_file: Path | None = None
    certificate_file: Path | None = None
    key_file: Path | None = None
    alarm_after: Duration = 15 * MINUTE

    @property
    def url(self) -> str:
        """As it is written."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"tls://{host}:{self.port}" if self.host else ""
