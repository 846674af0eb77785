"""The PROXY protocol, version 2: what a proxy says about a connection before its first byte.

Source: proxy-protocol.txt of HAProxy, section 2.2 (binary header). Contract: the header is demanded, never guessed at:
whoever is asked for it sends it first, whole and before an absolute deadline, or the connection ends. Exactly the
header is read, so that the TLS handshake behind it begins where it should. Accepted are the command LOCAL (the proxy
speaks for itself, for example to see whether we live) and PROXY with TCP over IPv4 or IPv6; version 1 (text), datagrams,
local sockets and unknown families are refused, because no client's address comes with them. Additional fields (TLVs)
are passed over unread. Whether the sender may be believed is decided by who calls this.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket

SIGNATURE = b"\r\n\r\n\x00\r\nQUIT\n"
LONGEST = 2_048
_FIXED = 16
_VERSION_LOCAL, _VERSION_PROXY = 0x20, 0x21
_SIZES = {0x11: 4, 0x21: 16}  # the octets of an address: TCP over IPv4, TCP over IPv6

Source = tuple[str, int]


class BadHeader(Exception):
    """No PROXY header of version 2, or one that names no client."""


def rest_of(fixed: bytes) -> int:
    """How many bytes follow the first sixteen. Raises ``BadHeader``."""
    if fixed[:12] != SIGNATURE or fixed[12] not in {_VERSION_LOCAL, _VERSION_PROXY}:
        raise BadHeader
    length = int.from_bytes(fixed[14:16], "big")
    if length > LONGEST:
        raise BadHeader
    return length


def source_of(fixed: bytes, rest: bytes) -> Source | None:
    """Address and port of the client, or None where the proxy speaks for itself. Raises ``BadHeader``."""
    if fixed[12] == _VERSION_LOCAL:
        return None
    size = _SIZES.get(fixed[13])
    if size is None or len(rest) < 2 * size + 4:
        raise BadHeader
    address = ipaddress.ip_address(rest[:size])
    return str(getattr(address, "ipv4_mapped", None) or address), int.from_bytes(rest[2 * size : 2 * size + 2], "big")


async def read_source(loop: asyncio.AbstractEventLoop, peer: socket.socket, seconds: float) -> Source | None:
    """Reads the header from *peer*, a socket that nothing was read from. Raises ``BadHeader`` or OSError, of which
    TimeoutError is one.
    """
    async with asyncio.timeout(seconds):
        fixed = await _exactly(loop, peer, _FIXED)
        return source_of(fixed, await _exactly(loop, peer, rest_of(fixed)))


async def _exactly(loop: asyncio.AbstractEventLoop, peer: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        piece = await loop.sock_recv(peer, size - len(data))
        if not piece or (not SIGNATURE.startswith((data + piece)[:12]) and size == _FIXED):
            raise BadHeader
        data += piece
    return data
