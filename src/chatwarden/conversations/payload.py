"""What is sealed: the text of a message with what was found in it, and the associated data that names the message.

Stored format: a msgpack array ``[version, text, [[class, start, end, action, placeholder, mask], …], client_id]``. In
version 2, which is written only where it is needed, each finding ends with what would have been done with it. Version 3 is
version 2 with one more element, by what name its author is shown: of agents.
"""

from __future__ import annotations

import hmac
import struct

import msgspec

from chatwarden.classes import Action, DataClass
from chatwarden.clock import Instant
from chatwarden.conversations.model import Item, Source

VERSION, OBSERVED, AUTHORED = 1, 2, 3
_WITH_WOULD = {bytes([OBSERVED]), bytes([AUTHORED])}
_SOURCES = {source: number for number, source in enumerate(Source)}
_AAD = struct.Struct(">BQQBqq")


class _Payload(msgspec.Struct, array_like=True, frozen=True):
    version: int
    text: str
    items: list[tuple[str, int, int, str, str, str]]
    client_id: str


class _Observed(msgspec.Struct, array_like=True, frozen=True):
    version: int
    text: str
    items: list[tuple[str, int, int, str, str, str, str]]
    client_id: str


class _Authored(_Observed, array_like=True, frozen=True):
    author: str


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(_Payload)
_OBSERVED_DECODER = msgspec.msgpack.Decoder(_Observed)
_AUTHORED_DECODER = msgspec.msgpack.Decoder(_Authored)


def encode(text: str, items: tuple[Item, ...], client_id: str, author: str = "") -> bytes:
    """The plaintext to seal."""
    if not items and not author:
        return _ENCODER.encode(_Payload(VERSION, text, [], client_id))
    rows = [(i.data_class.value, i.start, i.end, i.action.value, i.placeholder, i.mask) for i in items]
    if all(i.would is None for i in items) and not author:
        return _ENCODER.encode(_Payload(VERSION, text, rows, client_id))
    observed = [(*row, i.would.value if i.would else "") for row, i in zip(rows, items, strict=True)]
    if author:
        return _ENCODER.encode(_Authored(AUTHORED, text, observed, client_id, author))
    return _ENCODER.encode(_Observed(OBSERVED, text, observed, client_id))


def decode(data: bytes) -> tuple[str, tuple[Item, ...], str, str]:
    """Text, items, client id and author. Raises msgspec.ValidationError."""
    if data[1:2] in _WITH_WOULD:  # behind the head of the array
        authored = data[1] == AUTHORED
        seen: _Observed = _AUTHORED_DECODER.decode(data) if authored else _OBSERVED_DECODER.decode(data)
        items = tuple(_item(*row[:6], Action(row[6]) if row[6] else None) for row in seen.items)
        return seen.text, items, seen.client_id, seen.author if isinstance(seen, _Authored) else ""
    payload = _DECODER.decode(data)
    return payload.text, tuple(_item(*row) for row in payload.items), payload.client_id, ""


def _item(
    name: str, start: int, end: int, action: str, placeholder: str, mask: str, would: Action | None = None
) -> Item:
    return Item(DataClass(name), start, end, Action(action), placeholder, mask, would)


def associated_data(conversation: int, seq: int, source: Source, at: Instant, destroy_at: Instant) -> bytes:
    """Names the message, so that a row moved, re-dated or re-attributed does not open."""
    return _AAD.pack(VERSION, conversation, seq, _SOURCES[source], at, destroy_at)


def client_key(key: bytes, conversation: int, client_id: str) -> bytes | None:
    """The column by which a repeated ``client_id`` is found again: keyed, since a client may put anything into it."""
    if not client_id:
        return None
    return hmac.digest(key, f"{conversation}\0{client_id}".encode(), "sha256")[:16]
