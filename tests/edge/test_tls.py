"""Certificates: what is spoken, and renewal under load."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import pytest
from tests.edge.conftest import Run, make_pair
from tests.edge.support import House, serving

from chatwarden.config.model import LimitsConfig
from chatwarden.edge.tls import reload, server_context
from chatwarden.errors import ConfigurationError

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


async def greet(house: House, cert: Path, most: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3) -> tuple[str, bytes]:
    """The version that was agreed on and the certificate that was shown."""
    context = ssl.create_default_context(cafile=str(cert))
    context.maximum_version = most
    _, writer = await asyncio.open_connection("127.0.0.1", house.port, ssl=context, server_hostname="localhost")
    tls: ssl.SSLObject = writer.get_extra_info("ssl_object")
    found = tls.version() or "", tls.getpeercert(binary_form=True) or b""
    writer.transport.abort()
    return found


def test_only_tls_1_3_is_spoken_unless_1_2_was_switched_on(run: Run, pair: tuple[Path, Path]) -> None:
    async def scene() -> None:
        async with serving(LimitsConfig(), tls=server_context(*pair)) as house:
            assert (await greet(house, pair[0]))[0] == "TLSv1.3"
            with pytest.raises((ssl.SSLError, ConnectionError)):
                await greet(house, pair[0], ssl.TLSVersion.TLSv1_2)
        async with serving(LimitsConfig(), tls=server_context(*pair, minimum="1.2")) as house:
            assert (await greet(house, pair[0], ssl.TLSVersion.TLSv1_2))[0] == "TLSv1.2"

    run(scene())


def test_a_reload_shows_the_new_certificate_and_keeps_open_connections(
    run: Run, pair: tuple[Path, Path], tmp_path: Path
) -> None:
    async def scene() -> None:
        context = server_context(*pair)
        other = make_pair(tmp_path)
        async with serving(LimitsConfig(), tls=context) as house:
            old = ssl.create_default_context(cafile=str(pair[0]))
            reader, writer = await asyncio.open_connection(
                "127.0.0.1", house.port, ssl=old, server_hostname="localhost"
            )
            _, before = await greet(house, pair[0])
            reload(context, *other)
            _, after = await greet(house, other[0])
            assert before != after
            writer.write(GET)
            assert (await reader.readuntil(b"ok")).startswith(b"HTTP/1.1 200")
            writer.transport.abort()

    run(scene())


def test_a_pair_that_does_not_fit_changes_nothing(run: Run, pair: tuple[Path, Path], tmp_path: Path) -> None:
    async def scene() -> None:
        context = server_context(*pair)
        other = make_pair(tmp_path)
        with pytest.raises(ConfigurationError) as raised:
            reload(context, other[0], pair[1])
        assert raised.value.hint
        async with serving(LimitsConfig(), tls=context) as house:
            assert (await greet(house, pair[0]))[0] == "TLSv1.3"

    run(scene())


def test_an_absent_certificate_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no-such") as raised:
        server_context(tmp_path / "no-such.pem", tmp_path / "key.pem")
    assert raised.value.hint
