"""Finds what the broker put into a request in the answer to it, however it is written there, and takes it out. Pure.

Looked for is each value as it is, in hexadecimal and in base64 (both alphabets, at all three alignments), in any case,
with white space in between, and under any mixture of percent-encoding, JSON and C escapes and character references, up to
`DEPTH` times over. An answer is looked at whole, so it does not matter how it was cut into pieces. Not found: a value that
an application encrypts, compresses, reverses or cuts in two with other words in between.
"""

from __future__ import annotations

import base64
import binascii
import re
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from itertools import islice

LEAST = 8  # a shorter credential would be found everywhere
DEPTH = 5
MOST = 1_000  # places; of an answer with more nothing is left: it is made to take long
_SPACE = re.compile(rb"[\s\x00]+")
_ESCAPE = re.compile(
    rb"%([0-9a-fA-F]{2})|\\u00([0-9a-fA-F]{2})|\\x([0-9a-fA-F]{2})|&#[xX]0*([0-9a-fA-F]{1,2});?|&#0*([0-9]{1,3});?"
    rb'|\\(["\\/])|(\\[nrtbf])|&(amp|lt|gt|quot|apos);'
)
_NAMED = {b"amp": b"&", b"lt": b"<", b"gt": b">", b"quot": b'"', b"apos": b"'"}
_IN_BASE64 = re.compile(rb"[A-Za-z0-9+/_=-]")


def needles(values: Iterable[str]) -> dict[bytes, bool]:
    """Every spelling of *values* that is looked for, in lower case and without white space; and whether its neighbours may
    hold bits of the value too.
    """
    found: dict[bytes, bool] = {}
    for value in values:
        plain = _SPACE.sub(b"", value.encode())
        if len(plain) >= LEAST:
            found |= dict.fromkeys(_base64(value.encode()), True)
            found |= dict.fromkeys((plain.lower(), value.encode().hex().encode()), False)
    return found


def _base64(value: bytes) -> Iterable[bytes]:
    """The characters of its base64 that depend on *value* alone, at each alignment (RFC 4648 sections 4 and 5)."""
    for shift in range(3):
        text = base64.b64encode(bytes(shift) + value)
        core = text[-(-shift * 8 // 6) : (shift + len(value)) * 8 // 6].lower()
        yield core
        yield core.translate(bytes.maketrans(b"+/", b"-_"))


def cleaned(data: bytes, wanted: Mapping[bytes, bool], alias: bytes) -> tuple[bytes, int]:
    """*data* with *alias* in the place of what was found, and in how many places that was."""
    views = list(_views(data))
    present = {one: wide for one, wide in wanted.items() if any(one in view for view in views)}
    if not present:
        return data, 0
    spans = _spans(data, present)
    pieces, at = [], 0
    for start, end in spans:
        pieces += [data[at:start], alias]
        at = end
    return b"".join([*pieces, data[at:]]), len(spans)


def _views(data: bytes) -> Iterable[bytes]:
    """*data* as it is compared: as it is, and each time some of its escapes are undone, since a value may look like one."""
    for _ in range(DEPTH):
        yield _SPACE.sub(b"", data).lower()
        less = _ESCAPE.sub(_meant, data)
        if less == data:
            return
        data = less
    yield _SPACE.sub(b"", data).lower()


def _meant(escape: re.Match[bytes]) -> bytes:
    kind = escape.lastindex
    text = escape[kind or 0]
    if kind in {1, 2, 3, 4}:
        return binascii.unhexlify(text.rjust(2, b"0"))
    if kind == 5:
        return bytes([int(text)]) if int(text) < 256 else escape[0]
    return text if kind == 6 else b" " if kind == 7 else _NAMED[text]


def _spans(data: bytes, wanted: Mapping[bytes, bool]) -> list[tuple[int, int]]:
    """Where in *data* something wanted stands, in order, apart from each other."""
    found: set[tuple[int, int]] = set()
    text = data
    starts, ends = array("Q", range(len(data))), array("Q", range(1, len(data) + 1))
    for _ in range(DEPTH + 1):
        found |= set(islice(_in_view(*_rewritten(text, starts, ends, _SPACE), wanted), MOST + 1))
        if len(found) > MOST:
            return [(0, len(data))]
        less, starts, ends = _rewritten(text, starts, ends, _ESCAPE)
        if less == text:
            break
        text = less
    return _apart(sorted(_whole(found, [escape.span() for escape in _ESCAPE.finditer(data)])))


def _whole(spans: Iterable[tuple[int, int]], escapes: list[tuple[int, int]]) -> Iterable[tuple[int, int]]:
    """The same, with every escape that begins or ends in the middle of one: half of one would be worse than none."""
    begins = [begin for begin, _ in escapes]
    for start, end in spans:
        before, last = bisect_left(begins, start) - 1, bisect_left(begins, end) - 1
        if before >= 0 and start < escapes[before][1]:
            start = escapes[before][0]  # noqa: PLW2901
        if last >= 0 and end < escapes[last][1]:
            end = escapes[last][1]  # noqa: PLW2901
        yield start, end


def _in_view(
    text: bytes, starts: array[int], ends: array[int], wanted: Mapping[bytes, bool]
) -> Iterable[tuple[int, int]]:
    """The places of one view, as places of what it was made from."""
    lower = text.lower()
    for one, wide in wanted.items():
        at = lower.find(one)
        while at >= 0:
            first, last = at, at + len(one) - 1
            if wide:
                if first and ends[first - 1] == starts[first] and _IN_BASE64.match(text, first - 1):
                    first -= 1
                for _ in range(3):
                    if last + 1 < len(text) and ends[last] == starts[last + 1] and _IN_BASE64.match(text, last + 1):
                        last += 1
            yield starts[first], ends[last]
            at = lower.find(one, at + 1)


def _rewritten(
    text: bytes, starts: array[int], ends: array[int], what: re.Pattern[bytes]
) -> tuple[bytes, array[int], array[int]]:
    """*text* without its escapes, or without white space, and where each byte of it came from."""
    pieces: list[bytes] = []
    new_starts, new_ends = array("Q"), array("Q")
    at = 0
    for found in what.finditer(text):
        meant = _meant(found) if what is _ESCAPE else b""
        pieces += [text[at : found.start()], meant]
        new_starts += starts[at : found.start()]
        new_ends += ends[at : found.start()]
        new_starts.extend([starts[found.start()]] * len(meant))
        new_ends.extend([ends[found.end() - 1]] * len(meant))
        at = found.end()
    pieces.append(text[at:])
    return b"".join(pieces), new_starts + starts[at:], new_ends + ends[at:]


def _apart(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined
