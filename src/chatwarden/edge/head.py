"""Is this head of a request free of ambiguity, and how long is the body it announces?

Contract: ``check_head`` takes the raw bytes of one complete head (request line, fields, empty line) and returns the
length of the body, or ``CHUNKED``. Whatever two parsers on the road might read differently is refused here, before
llhttp sees it (RFC 9112 sections 2.2, 3, 5 and 6; RFC 9110 section 5.5). Stricter than the standard on purpose:
absolute-form targets, every transfer coding but ``chunked`` alone, any ``Upgrade``, and an empty line before a request.
It does not judge paths, tokens or content.

This runs for every request: two linear expressions and a few byte operations accept an honest head; only one that is
refused is looked at again, for the reason.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

CHUNKED = -1

END_OF_HEAD = b"\r\n\r\n"
METHODS = frozenset({b"GET", b"HEAD", b"POST", b"PUT", b"PATCH", b"DELETE", b"OPTIONS"})
ALLOW = b", ".join(sorted(METHODS))

_LINE = rb"(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) (/[!\"$-~]*|(?<=OPTIONS )\*) HTTP/1\.([01])"
_REQUEST_LINE = re.compile(_LINE)
_HEAD = re.compile(_LINE + rb"\r\n(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t\x20-\x7e\x80-\xff]*\r\n)*\r\n")
_WEIGHTY = re.compile(rb"\n(host|content-length|transfer-encoding|upgrade):([^\r]*)")
_TEXT = bytes([0x09, 0x0A, 0x0D, *range(0x20, 0x7F), *range(0x80, 0x100)])
_HOST = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_:[]"
_LINE_BESIDE_TARGET = len(b"OPTIONS  HTTP/1.1")
_LENGTH_DIGITS = 15


class Refusal(Exception):
    """The connection gets *status* and ends. *reason* is the metric's label, *detail* is told to the peer."""

    def __init__(self, status: int, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True)
class HeadLimits:
    """The ceilings of one head, and of the body that it may announce."""

    header_bytes: int
    headers: int
    url_bytes: int
    body_bytes: int


def check_head(head: bytes, limits: HeadLimits) -> int:
    """The length of the body that *head* announces, or ``CHUNKED``. Raises ``Refusal``."""
    match = _HEAD.fullmatch(head)
    lines = head.count(b"\n")
    if match is None or len(head) > limits.header_bytes or lines - 2 > limits.headers:
        raise _diagnosis(head, limits)
    if match.end(1) - match.start(1) > limits.url_bytes:
        raise Refusal(414, "url-bytes", "the request target is too long")
    if b"%00" in head and b"%00" in match[1]:
        raise Refusal(400, "target", "the request target holds a character that must be escaped")
    return _judge(_WEIGHTY.findall(head.lower()), limits.body_bytes, old=match[2] == b"0")


def _judge(fields: list[tuple[bytes, bytes]], body_bytes: int, *, old: bool) -> int:
    """Weighs the fields that decide where a request goes and where it ends."""
    found = dict(fields)
    host = found.get(b"host")
    if len(found) != len(fields) or (host is None and not old):
        if host is None or sum(name == b"host" for name, _ in fields) > 1:
            raise Refusal(400, "host", "exactly one Host field is required")
        raise Refusal(400, "framing", "the length of the body is ambiguous")
    if host is not None and (not (host := host.strip(b" \t")) or host.translate(None, _HOST)):
        raise Refusal(400, "host", "the Host field is malformed")
    if len(found) == 1 and host is not None:
        return 0
    if b"upgrade" in found:
        raise Refusal(400, "upgrade", "no upgrade is offered here")
    coding = found.get(b"transfer-encoding")
    length = found.get(b"content-length")
    if coding is None:
        return 0 if length is None else _length(length.strip(b" \t"), body_bytes)
    if length is not None or old:
        raise Refusal(400, "framing", "the length of the body is ambiguous")
    if coding.strip(b" \t") != b"chunked":
        raise Refusal(400, "framing", "only the chunked transfer coding is accepted")
    return CHUNKED


def _length(value: bytes, body_bytes: int) -> int:
    if not value.isdigit() or (len(value) > 1 and value.startswith(b"0")):
        raise Refusal(400, "framing", "the Content-Length is not a plain number")
    if len(value) > _LENGTH_DIGITS or int(value) > body_bytes:
        raise Refusal(413, "body-bytes", "the body is too large")
    return int(value)


def _diagnosis(head: bytes, limits: HeadLimits) -> Refusal:
    """Why *head*, which the grammar does not accept, is refused: the most telling reason first."""
    if len(head) > limits.header_bytes:
        return Refusal(431, "header-bytes", "the header fields are too large")
    lines = head.count(b"\r\n")
    if head.translate(None, _TEXT) or head.count(b"\n") != lines or head.count(b"\r") != lines:
        return Refusal(400, "control-character", "the head holds a control character or a bare line end")
    if b"\n " in head or b"\n\t" in head:
        return Refusal(400, "folded-field", "folded header fields are not accepted")
    if lines - 2 > limits.headers:
        return Refusal(431, "header-count", "there are too many header fields")
    line = head[: head.index(b"\r\n")]
    parts = line.split(b" ")
    if len(line) > limits.url_bytes + _LINE_BESIDE_TARGET:
        return Refusal(414, "url-bytes", "the request target is too long")
    if len(parts) != 3:
        return Refusal(400, "request-line", "the request line is malformed")
    method, _, version = parts
    if version not in {b"HTTP/1.1", b"HTTP/1.0"}:
        if version.startswith(b"HTTP/"):
            return Refusal(505, "version", "only version 1.1 of HTTP, or 1.0, is spoken here")
        return Refusal(400, "request-line", "the request line is malformed")
    if method not in METHODS:
        return Refusal(405, "method", "this method is not accepted")
    if _REQUEST_LINE.fullmatch(line) is None:
        return Refusal(400, "target", "the request target must be a path of plain characters")
    return Refusal(400, "field", "a header field is malformed")


def check_unfinished(part: bytes, limits: HeadLimits) -> None:
    """Refuses early what no further byte can repair. *part* is the beginning of a head."""
    if len(part) > limits.header_bytes:
        raise Refusal(431, "header-bytes", "the header fields are too large")
    end = part.find(b"\r\n")
    if (end if end >= 0 else len(part)) > limits.url_bytes + _LINE_BESIDE_TARGET:
        raise Refusal(414, "url-bytes", "the request target is too long")
    whole = part[:-1] if part.endswith(b"\r") else part
    pairs = whole.count(b"\r\n")
    if whole.translate(None, _TEXT) or whole.count(b"\n") != pairs or whole.count(b"\r") != pairs:
        raise Refusal(400, "control-character", "the head holds a control character or a bare line end")
