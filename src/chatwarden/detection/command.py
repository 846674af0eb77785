"""``chatwarden scan``: JSON lines in, JSON lines out."""

from __future__ import annotations

from typing import BinaryIO

import msgspec

from chatwarden.detection.scan import Scanner
from chatwarden.jsonlines import lines


class _Line(msgspec.Struct):
    id: str | int
    text: str


_encode = msgspec.json.Encoder().encode


def scan_stream(source: BinaryIO, sink: BinaryIO) -> int:
    """Reads ``{"id", "text"}`` lines, writes ``{"id", "findings", "verdict"}`` lines; a line that cannot be read is
    answered with ``{"line", "error"}``. Returns how many those were.
    """
    scanner = Scanner()
    wrong = 0
    for number, line in lines(source, _Line):
        if isinstance(line, str):
            wrong += 1
            sink.write(_encode({"line": number, "error": line}) + b"\n")
            continue
        verdict = scanner.scan(line.text)
        findings = [
            {"class": f.data_class.value, "start": f.start, "end": f.end, "score": f.score} for f in verdict.findings
        ]
        answer: dict[str, object] = {"id": line.id, "findings": findings, "verdict": verdict.word}
        if verdict.possible:
            answer["possible"] = sorted(verdict.possible)
        sink.write(_encode(answer) + b"\n")
    sink.flush()
    return wrong
