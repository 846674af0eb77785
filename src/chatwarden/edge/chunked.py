"""A strict decoder of the chunked transfer coding (RFC 9112 section 7.1), fed as bytes arrive.

Contract: ``feed`` returns the content in what it was given; after the last chunk and its trailers ``done`` is true and
``rest`` holds what follows the message. Lines end in CR LF and in nothing else, a size is at most eight hexadecimal
digits, extensions are bounded in each line and in total and ignored, trailers are bounded, checked and dropped: they
never become header fields. It holds no more than one unfinished line.
"""

from __future__ import annotations

import re

from chatwarden.edge.head import Refusal

_SIZE = re.compile(rb"([0-9A-Fa-f]{1,8})(?:[ \t]*;[\t\x20-\x7e]*)?")
_TRAILER = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t\x20-\x7e\x80-\xff]*")
_LINE_BYTES = 256
_EXTENSION_BYTES = 4_096
_TRAILER_BYTES = 4_096
_TRAILERS = 16

_SIZE_LINE, _CONTENT, _AFTER_CONTENT, _TRAILER_LINE = range(4)


class ChunkedDecoder:
    """One body. Raises ``Refusal`` at the first byte that does not fit."""

    __slots__ = ("_allowance", "_extensions", "_left", "_line", "_state", "_trailer_bytes", "_trailers", "done", "rest")

    def __init__(self, body_bytes: int) -> None:
        self.done = False
        self.rest = b""
        self._state = _SIZE_LINE
        self._line = b""
        self._left = 0
        self._allowance = body_bytes
        self._extensions = 0
        self._trailers = 0
        self._trailer_bytes = 0

    def feed(self, data: bytes) -> bytes:
        """The content among *data*."""
        data = self._line + data
        self._line = b""
        content = []
        at = 0
        while at < len(data):
            if self._state == _CONTENT:
                piece = data[at : at + self._left]
                content.append(piece)
                at += len(piece)
                self._left -= len(piece)
                if not self._left:
                    self._state = _AFTER_CONTENT
                continue
            end = data.find(b"\n", at)
            if end < 0:
                self._keep(data[at:])
                break
            line = data[at:end]
            at = end + 1
            if not line.endswith(b"\r"):
                raise Refusal(400, "chunk", "a chunk line does not end in CR LF")
            self._take(line[:-1])
            if self.done:
                self.rest = data[at:]
                break
        return b"".join(content)

    def _keep(self, line: bytes) -> None:
        if self._state == _TRAILER_LINE and len(line) > _TRAILER_BYTES:
            raise Refusal(431, "trailers", "the trailers are too large")
        if (self._state == _AFTER_CONTENT and line != b"\r") or (self._state == _SIZE_LINE and len(line) > _LINE_BYTES):
            raise Refusal(400, "chunk", "a chunk line is malformed or too long")
        self._line = line

    def _take(self, line: bytes) -> None:
        if self._state == _AFTER_CONTENT:
            if line:
                raise Refusal(400, "chunk", "a chunk is longer than it said")
            self._state = _SIZE_LINE
        elif self._state == _TRAILER_LINE:
            self._take_trailer(line)
        else:
            self._take_size(line)

    def _take_size(self, line: bytes) -> None:
        match = _SIZE.fullmatch(line) if len(line) <= _LINE_BYTES else None
        if match is None:
            raise Refusal(400, "chunk", "a chunk size is malformed")
        self._extensions += len(line) - match.end(1)
        if self._extensions > _EXTENSION_BYTES:
            raise Refusal(400, "chunk", "there are too many chunk extensions")
        self._left = int(match[1], 16)
        self._allowance -= self._left
        if self._allowance < 0:
            raise Refusal(413, "body-bytes", "the body is too large")
        self._state = _CONTENT if self._left else _TRAILER_LINE

    def _take_trailer(self, line: bytes) -> None:
        if not line:
            self.done = True
            return
        self._trailers += 1
        self._trailer_bytes += len(line)
        if self._trailers > _TRAILERS or self._trailer_bytes > _TRAILER_BYTES:
            raise Refusal(431, "trailers", "the trailers are too large")
        if _TRAILER.fullmatch(line) is None:
            raise Refusal(400, "chunk", "a trailer is malformed")
