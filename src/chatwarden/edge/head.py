"""Is this head of a request free of ambiguity, and how long is the body it announces?

Contract: ``check_head`` takes the raw bytes of one complete head (request line, fields, empty line) and returns the
length of the body, or ``CHUNKED``. Whatever two parsers on the road might read differently is refused here, before
llhttp sees it (RFC 9112 sections 2.2, 3, 5 and 6; RFC 9110 section 5.5). Stricter than the standard on purpose:
absolute-form targets, every transfer coding but ``chunked`` alone, any ``Upgrade``, and an empty line before a request.
What llhttp refuses by itself (white space before a colon, bytes that no field name has) is left to it and held by
tests. It does not judge paths, tokens or content.

Only whole-buffer byte operations are used: this runs for every request.
"""

from __future__ import annotations

from dataclasses import dataclass

CHUNKED = -1

END_OF_HEAD = b"\r\n\r\n"
METHODS = frozenset({b"GET", b"HEAD", b"POST", b"PUT", b"PATCH", b"DELETE", b"OPTIONS"})
ALLOW = b", ".join(sorted(METHODS))

_TEXT = bytes([0x09, 0x0A, 0x0D, *range(0x20, 0x7F), *range(0x80, 0x100)])
_HOST = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_:[]"
_LINE_BESIDE_TARGET = len(b"OPTIONS  HTTP/1.1")
_LENGTH_DIGITS = 15


class Refusal(Exception):  # noqa: N818  a verdict, not a fault
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
    if len(head) > limits.header_bytes:
        raise Refusal(431, "header-bytes", "the header fields are too large")
    lines = head.count(b"\r\n")
    if head.translate(None, _TEXT) or head.count(b"\n") != lines or head.count(b"\r") != lines:
        raise Refusal(400, "control-character", "the head holds a control character or a bare line end")
    if b"\n " in head or b"\n\t" in head:
        raise Refusal(400, "folded-field", "folded header fields are not accepted")
    if lines - 2 > limits.headers:
        raise Refusal(431, "header-count", "there are too many header fields")
    old = _check_request_line(head[: head.index(b"\r\n")], limits.url_bytes)
    folded = head.lower()
    _check_host(folded, old=old)
    if b"\nupgrade:" in folded:
        raise Refusal(400, "upgrade", "no upgrade is offered here")
    return _body_length(folded, limits.body_bytes, old=old)


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


def _check_request_line(line: bytes, url_bytes: int) -> bool:
    """Whether the request speaks HTTP/1.0."""
    parts = line.split(b" ")
    if len(parts) != 3:
        if len(line) > url_bytes + _LINE_BESIDE_TARGET:
            raise Refusal(414, "url-bytes", "the request target is too long")
        raise Refusal(400, "request-line", "the request line is malformed")
    method, target, version = parts
    if version not in {b"HTTP/1.1", b"HTTP/1.0"}:
        if version.startswith(b"HTTP/"):
            raise Refusal(505, "version", "only version 1.1 of HTTP, or 1.0, is spoken here")
        raise Refusal(400, "request-line", "the request line is malformed")
    if len(target) > url_bytes:
        raise Refusal(414, "url-bytes", "the request target is too long")
    if method not in METHODS:
        raise Refusal(405, "method", "this method is not accepted")
    if not target.startswith(b"/") and not (target == b"*" and method == b"OPTIONS"):
        raise Refusal(400, "target", "the request target must be a path")
    if not target.isascii() or b"#" in target or b"\t" in target or b"%00" in target:
        raise Refusal(400, "target", "the request target holds a character that must be escaped")
    return version == b"HTTP/1.0"


def _value(folded: bytes, name: bytes) -> bytes:
    """The value of the one field called *name* (given with its line start and colon)."""
    begin = folded.index(name) + len(name)
    return folded[begin : folded.index(b"\r\n", begin)].strip(b" \t")


def _check_host(folded: bytes, *, old: bool) -> None:
    hosts = folded.count(b"\nhost:")
    if hosts != 1:
        if old and not hosts:
            return
        raise Refusal(400, "host", "exactly one Host field is required")
    value = _value(folded, b"\nhost:")
    if not value or value.translate(None, _HOST):
        raise Refusal(400, "host", "the Host field is malformed")


def _body_length(folded: bytes, body_bytes: int, *, old: bool) -> int:
    lengths = folded.count(b"\ncontent-length:")
    if b"\ntransfer-encoding:" in folded:
        if lengths or old or folded.count(b"\ntransfer-encoding:") > 1:
            raise Refusal(400, "framing", "the length of the body is ambiguous")
        if _value(folded, b"\ntransfer-encoding:") != b"chunked":
            raise Refusal(400, "framing", "only the chunked transfer coding is accepted")
        return CHUNKED
    if not lengths:
        return 0
    if lengths > 1:
        raise Refusal(400, "framing", "the length of the body is ambiguous")
    value = _value(folded, b"\ncontent-length:")
    if not value.isdigit() or (len(value) > 1 and value.startswith(b"0")):
        raise Refusal(400, "framing", "the Content-Length is not a plain number")
    if len(value) > _LENGTH_DIGITS or int(value) > body_bytes:
        raise Refusal(413, "body-bytes", "the body is too large")
    return int(value)
