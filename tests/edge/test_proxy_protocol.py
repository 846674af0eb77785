"""The binary header of the PROXY protocol, as proxies write it and as attackers would."""

from __future__ import annotations

import asyncio
import ipaddress
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.edge.conftest import Run

from chatwarden.edge.proxy_protocol import LONGEST, SIGNATURE, BadHeader, read_source, rest_of, source_of


def header(
    source: str = "203.0.113.7", *, command: int = 0x21, family: int | None = None, tail: bytes = b"", port: int = 4711
) -> bytes:
    """What a proxy sends for a client at *source*."""
    address = ipaddress.ip_address(source)
    if family is None:
        family = 0x11 if address.version == 4 else 0x21
    body = address.packed + address.packed + port.to_bytes(2, "big") + b"\x01\xbb" + tail
    return SIGNATURE + bytes([command, family]) + len(body).to_bytes(2, "big") + body


def parsed(data: bytes) -> tuple[str, int] | None:
    rest = rest_of(data[:16])
    assert len(data) == 16 + rest
    return source_of(data[:16], data[16:])


@pytest.mark.parametrize(
    ("data", "source"),
    [
        (header(), ("203.0.113.7", 4711)),
        (header("2001:db8::7"), ("2001:db8::7", 4711)),
        (header("::ffff:203.0.113.7"), ("203.0.113.7", 4711)),
        (header(tail=b"\x02\x00\x04chat" + b"\x04\x00\x01\x00"), ("203.0.113.7", 4711)),  # authority, no-op
        (header(command=0x20), None),
        (SIGNATURE + b"\x20\x00\x00\x00", None),
    ],
)
def test_a_header_names_the_client_or_nobody(data: bytes, source: tuple[str, int] | None) -> None:
    assert parsed(data) == source


@given(st.ip_addresses(), st.integers(0, 65535), st.binary(max_size=64))
def test_every_address_comes_through(address: ipaddress.IPv4Address, port: int, tail: bytes) -> None:
    found = parsed(header(str(address), port=port, tail=tail))
    assert found is not None
    assert found[1] == port
    assert ipaddress.ip_address(found[0]) == (getattr(address, "ipv4_mapped", None) or address)


@pytest.mark.parametrize(
    "data",
    [
        b"PROXY TCP4 203.0.113.7 10.0.0.1 4711 443\r\n",
        b"PROXY UNKNOWN\r\n\x16\x03\x01",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(64),
        b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        header(command=0x11),
        header(command=0x22),
        header(command=0x00),
        header(family=0x00),
        header(family=0x12),
        header("2001:db8::7", family=0x22),
        header(family=0x31),
        header(family=0x21),
        SIGNATURE + b"\x21\x11\x00\x0b" + bytes(11),
        SIGNATURE + b"\x21\x11\x00\x00",
        SIGNATURE + b"\x21\x11" + (LONGEST + 1).to_bytes(2, "big") + bytes(LONGEST + 1),
        SIGNATURE[:-1] + b"X\x21\x11\x00\x0c" + bytes(12),
    ],
)
def test_what_names_no_client_is_refused(data: bytes) -> None:
    with pytest.raises(BadHeader):
        parsed(data[: 16 + int.from_bytes(data[14:16], "big")])


def read(data: bytes, *, step: int = 0, seconds: float = 20, end: bool = True) -> tuple[object, bytes]:
    """What is read from a peer that sends *data*, in pieces of *step*, and what is left for TLS behind it."""

    async def scene() -> tuple[object, bytes]:
        loop = asyncio.get_running_loop()
        ours, theirs = socket.socketpair()
        with ours, theirs:
            ours.setblocking(False)
            theirs.setblocking(False)

            async def speak() -> None:
                for at in range(0, len(data), step or len(data)):
                    await loop.sock_sendall(theirs, data[at : at + (step or len(data))])
                    await asyncio.sleep(0)
                if end:
                    theirs.shutdown(socket.SHUT_WR)

            speaking = loop.create_task(speak())
            try:
                found: object = await read_source(loop, ours, seconds)
            except (BadHeader, TimeoutError) as error:
                found = type(error)
            await speaking
            left = await loop.sock_recv(ours, 65_536) if end else b""
            return found, left

    return asyncio.run(scene())


@pytest.mark.parametrize("step", [0, 1, 5])
def test_exactly_the_header_is_read(step: int) -> None:
    hello = b"\x16\x03\x01 and the rest of a handshake"
    assert read(header() + hello, step=step) == (("203.0.113.7", 4711), hello)


@pytest.mark.parametrize("cut", [1, 12, 15, 16, 27])
def test_a_header_that_ends_early_is_refused(cut: int) -> None:
    assert read(header()[:cut])[0] is BadHeader


def test_another_first_byte_is_refused_without_waiting_for_more() -> None:
    assert read(b"P", end=False, seconds=60)[0] is BadHeader


def test_a_header_that_comes_too_slowly_is_given_up() -> None:
    assert read(header()[:20], end=False, seconds=0.05)[0] is TimeoutError


def test_both_loops_read_it(run: Run) -> None:
    async def scene() -> None:
        ours, theirs = socket.socketpair()
        with ours, theirs:
            ours.setblocking(False)
            theirs.sendall(header("2001:db8::7") + b"x")
            assert await read_source(asyncio.get_running_loop(), ours, 20) == ("2001:db8::7", 4711)
            assert ours.recv(9) == b"x"

    run(scene())
