"""A record as a JSON line or as a line of CSV.

JSON: the entry byte for byte as it is stored, so that its leaf hash can be computed again, between its index and its leaf
hash. CSV: RFC 4180, one line each, ended by the caller. A cell that a spreadsheet would take for a formula gets an
apostrophe in front (OWASP, CSV injection): names of bots and reasons may come from outside.
"""

from __future__ import annotations

import csv as library
import io

from chatwarden.audit.records import Record
from chatwarden.clock import rfc3339

COLUMNS = (
    "log", "index", "leaf_hash", "at", "lane", "event", "actor", "act", "session", "object", "resource", "decision",
    "reason", "cause", "commitment", "detail", "late", "id", "class_uid", "activity_id",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def json(record: Record) -> bytes:
    """One JSON object in one line."""
    log = b'"log":%d,' % record.year if record.year else b""
    return b'{%b"index":%d,"leaf_hash":"%b","entry":%b}' % (log, record.index, record.leaf.encode(), record.data)


def csv(record: Record) -> bytes:
    """The cells of ``COLUMNS`` in one line."""
    entry = record.entry
    return row((
        str(record.year or ""), str(record.index), record.leaf, rfc3339(entry.at), entry.lane, entry.event, entry.actor,
        " ".join(entry.act), entry.session, entry.object, entry.resource, entry.decision, entry.reason, entry.cause,
        entry.commitment, entry.detail, "late" if entry.late else "", entry.id,
        *((str(entry.ocsf.class_uid), str(entry.ocsf.activity_id)) if entry.ocsf else ("", "")),
    ))  # fmt: skip


def row(cells: tuple[str, ...]) -> bytes:
    """One line of CSV, without its end."""
    out = io.StringIO()
    # With this end the writer quotes both of its characters wherever they stand.
    library.writer(out, lineterminator="\r\n").writerow([_plain(cell) for cell in cells])
    return out.getvalue().removesuffix("\r\n").encode()


def _plain(cell: str) -> str:
    return "'" + cell if cell.startswith(_FORMULA) else cell
