"""What is sealed: the text of a message with what was found in it, and the associated data that names the message.

Stored format, version 1: a msgpack array ``[version, text, [[class, start, end, action, placeholder, mask], …], client_id]``.
"""

from __future__ import annotations

import hmac
import struct

import msgspec

from chatwarden.classes import Action, DataClass
from chatwarden.clock import Instant
from chatwarden.conversations.model import Item, Source

VERSION = 1
_SOURCES = {source: number for number, source in enumerate(Source)}
_AAD = struct.Struct(">BQQBqq")


class _Payload(msgspec.Struct, array_like=True, frozen=True):
    version: int
    text: str
    items: list[tuple[str, int, int, str, str, str]]
    client_id: str


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(_Payload)


def encode(text: str, items: tuple[Item, ...], client_id: str) -> bytes:
    """The plaintext to seal."""
    rows = [(i.data_class.value, i.start, i.end, i.action.value, i.placeholder, i.mask) for i in items] if items else []
    return _ENCODER.encode(_Payload(VERSION, text, rows, client_id))


def decode(data: bytes) -> tuple[str, tuple[Item, ...], str]:
    """Text, items and client id. Raises msgspec.ValidationError."""
    payload = _DECODER.decode(data)
    items = tuple(
        Item(DataClass(name), start, end, Action(action), placeholder, mask)
        for name, start, end, action, placeholder, mask in payload.items
    )
    return payload.text, items, payload.client_id


def associated_data(conversation: int, seq: int, source: Source, at: Instant, destroy_at: Instant) -> bytes:
    """Names the message, so that a row moved, re-dated or re-attributed does not open."""
    return _AAD.pack(VERSION, conversation, seq, _SOURCES[source], at, destroy_at)


def client_key(key: bytes, conversation: int, client_id: str) -> bytes | None:
    """The column by which a repeated ``client_id`` is found again: keyed, since a client may put anything into it."""
    if not client_id:
        return None
    return hmac.digest(key, f"{conversation}\0{client_id}".encode(), "sha256")[:16]
