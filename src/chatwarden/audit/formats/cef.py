"""A record as ArcSight Common Event Format, version 0, for receivers that do not know OCSF.

Escaping as the implementation standard has it: backslash and pipe in the header; backslash, equals sign and line ends in
the extension. Standard keys where there is one (rt, suser, act, outcome, reason, externalId), custom numbers and strings
with their labels for the rest. Not here: anything that the entry does not say.
"""

from __future__ import annotations

from chatwarden import __version__
from chatwarden.audit.records import Record

_DENIED, _PLAIN = 6, 3  # CEF severity: medium, low


def cef(record: Record) -> bytes:
    """One line of CEF."""
    entry = record.entry
    head = "|".join((
        "CEF:0", "Chatwarden", "Chatwarden", _header(__version__), _header(entry.event),
        _header(entry.event.replace(":", " ").replace("-", " ")), str(_DENIED if entry.decision == "deny" else _PLAIN),
    ))  # fmt: skip
    pairs = {
        "rt": str(entry.at // 1_000),
        "externalId": entry.id,
        "suid": entry.actor,
        "duid": entry.object,
        "act": entry.event,
        "cat": entry.lane,
        "outcome": "failure" if entry.decision == "deny" else "success",
        "reason": entry.reason,
        "request": entry.resource,
        "cn1": str(record.index),
        "cn1Label": "logIndex",
        "cs1": record.leaf,
        "cs1Label": "leafHash",
    }
    for number, (label, value) in enumerate(
        (("cause", entry.cause), ("actingFor", " ".join(entry.act)), ("session", entry.session)), start=2
    ):
        if value:
            pairs[f"cs{number}"], pairs[f"cs{number}Label"] = value, label
    if record.year:
        pairs["cn2"], pairs["cn2Label"] = str(record.year), "log"
    extension = " ".join(f"{name}={_extension(value)}" for name, value in pairs.items() if value)
    return f"{head}|{extension}".encode()


def _header(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("\r", " ").replace("\n", " ")


def _extension(text: str) -> str:
    return text.replace("\\", "\\\\").replace("=", "\\=").replace("\r", "\\r").replace("\n", "\\n")
