import asyncio
import contextlib
from dataclasses import dataclass

import pytest

from chatwarden import __version__
from chatwarden.classes import DataClass
from chatwarden.errors import CannotRun
from chatwarden.metrics import Metrics, MetricsServer


@dataclass(frozen=True)
class Found:
    data_class: DataClass


async def ask(port: int, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return answer


def port_of(server: MetricsServer) -> int:
    assert server._server is not None
    port: int = server._server.sockets[0].getsockname()[1]
    return port


def test_everything_that_is_counted_is_in_the_text() -> None:
    metrics = Metrics()
    metrics.message("shop", "answered")
    metrics.findings([Found(DataClass.EMAIL), Found(DataClass.EMAIL)])
    metrics.refusal("not-found")
    metrics.front("silent")
    metrics.session_ended("idle")
    metrics.destroyed("expired")
    metrics.bot_failure("shop", "timeout")
    metrics.bot_seconds("shop", 0.2)
    metrics.group(3, 0.001)
    metrics.swept("done")
    metrics.notice("mail", "sent")
    metrics.certificate_end.set(1_800_000_000)
    text = metrics.text().decode()
    for line in (
        'chatwarden_messages_total{bot="shop",outcome="answered"} 1.0',
        'chatwarden_findings_total{class="email"} 2.0',
        'chatwarden_refusals_total{problem="not-found"} 1.0',
        'chatwarden_front_refusals_total{reason="silent"} 1.0',
        'chatwarden_sessions_ended_total{reason="idle"} 1.0',
        'chatwarden_messages_destroyed_total{reason="expired"} 1.0',
        'chatwarden_bot_failures_total{bot="shop",reason="timeout"} 1.0',
        'chatwarden_bot_seconds_count{bot="shop"} 1.0',
        "chatwarden_commit_units_total 3.0",
        "chatwarden_commit_seconds_count 1.0",
        'chatwarden_sweeps_total{outcome="done"} 1.0',
        'chatwarden_sweeps_total{outcome="failed"} 0.0',
        'chatwarden_notices_total{outcome="sent",way="mail"} 1.0',
        'chatwarden_notices_total{outcome="given-up",way="webhook"} 0.0',
        "chatwarden_certificate_end_seconds 1.8e+09",
        f'chatwarden_build_info{{version="{__version__}"}} 1.0',
        "process_resident_memory_bytes ",
    ):
        assert line in text


async def test_a_scraper_gets_the_numbers_and_nobody_gets_more() -> None:
    metrics = Metrics()
    metrics.refusal("forbidden")
    server = MetricsServer(metrics, "127.0.0.1:0")
    await server.start()
    try:
        port = port_of(server)
        answer = await ask(port, b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
        assert b'chatwarden_refusals_total{problem="forbidden"} 1.0' in answer
        assert (await ask(port, b"GET /secret HTTP/1.1\r\n\r\n")).startswith(b"HTTP/1.1 404")
        assert (await ask(port, b"POST /metrics HTTP/1.1\r\n\r\n")).startswith(b"HTTP/1.1 404")
    finally:
        await server.close()


async def test_a_head_without_end_is_cut() -> None:
    server = MetricsServer(Metrics(), "127.0.0.1:0")
    await server.start()
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port_of(server))
        writer.write(b"x" * 20_000)
        with contextlib.suppress(ConnectionResetError):
            assert await reader.read() == b""
        writer.close()
    finally:
        await server.close()


async def test_an_address_in_use_is_told_and_off_listens_nowhere() -> None:
    first = MetricsServer(Metrics(), "127.0.0.1:0")
    await first.start()
    try:
        with pytest.raises(CannotRun, match="cannot listen for metrics"):
            await MetricsServer(Metrics(), f"127.0.0.1:{port_of(first)}").start()
    finally:
        await first.close()
    off = MetricsServer(Metrics(), "off")
    await off.start()
    await off.close()
