"""``chatwarden scan``: JSON lines in, JSON lines out."""

from __future__ import annotations

from typing import BinaryIO

import msgspec

from chatwarden.detection.scan import Scanner

_LINE_MAX = 1_048_576


class _Line(msgspec.Struct):
    id: str | int
    text: str


_DECODER = msgspec.json.Decoder(_Line)
_encode = msgspec.json.Encoder().encode


def scan_stream(source: BinaryIO, sink: BinaryIO) -> int:
    """Reads ``{"id", "text"}`` lines, writes ``{"id", "findings", "verdict"}`` lines; a line that cannot be read is
    answered with ``{"line", "error"}``. Returns how many those were.
    """
    scanner = Scanner()
    wrong = 0
    number = 0
    while raw := source.readline(_LINE_MAX + 1):
        number += 1
        if not raw.strip():
            continue
        try:
            if len(raw) > _LINE_MAX:
                while raw and not raw.endswith(b"\n"):
                    raw = source.readline(_LINE_MAX)
                raise ValueError("the line is too long")  # noqa: TRY301  answered below like any other
            line = _DECODER.decode(raw)
        except (ValueError, msgspec.MsgspecError, RecursionError) as error:
            wrong += 1
            sink.write(_encode({"line": number, "error": str(error)[:200]}) + b"\n")
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
