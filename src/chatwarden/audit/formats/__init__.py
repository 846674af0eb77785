"""What an entry is written as for others: plain JSON, CSV, OCSF, CEF. Pure functions of a record."""

from __future__ import annotations

from collections.abc import Callable

from chatwarden.audit.formats.cef import cef
from chatwarden.audit.formats.ocsf import ocsf
from chatwarden.audit.formats.plain import csv, json
from chatwarden.audit.records import Record

Write = Callable[[Record], bytes]

FORMATS: dict[str, Write] = {"json": json, "csv": csv, "ocsf": ocsf, "cef": cef}
