"""What names a device: RFC 791, RFC 4291."""

from __future__ import annotations

from chatwarden.classes import DataClass
from chatwarden.detection import validators as v
from chatwarden.detection.pattern import Pattern

NETWORK: tuple[Pattern, ...] = (
    Pattern(DataClass.IP_ADDRESS, r"\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b", 0.64, v.public_ip),
    Pattern(DataClass.IP_ADDRESS, r"(?i)\b[0-9A-F]{1,4}:(?:[0-9A-F]{0,4}:){1,6}[0-9A-F]{1,4}\b", 0.8, v.public_ip),
)  # fmt: skip
