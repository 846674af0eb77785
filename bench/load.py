"""What asks the contenders: wrk for throughput, our own client where the first token or an open stream counts."""

from __future__ import annotations

import asyncio
import json
import re
import statistics
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from bench.world import Contender, untrusting

LUA = """local t = {{{tokens}}}
local i = 0
local body = '{body}'
request = function()
  i = i % #t + 1
  return wrk.format("POST", "{path}", {{["Content-Type"]="application/json",
    ["Authorization"]="Bearer " .. t[i]}}, body)
end
done = function(s, l, r)
  local e = s.errors
  io.write(string.format("R %d %d %f %f %d\\n", s.requests, s.duration,
    l:percentile(50), l:percentile(99), e.status + e.read + e.write + e.timeout + e.connect))
end
"""

CONTENT = re.compile(rb'"content": ?"[^"]')


@dataclass(frozen=True)
class Loaded:
    """What one load came to: requests, seconds, milliseconds."""

    requests: int
    seconds: float
    p50: float
    p99: float
    errors: int


def wrk(contender: Contender, kind: str, folder: Path, connections: int, seconds: float) -> Loaded:
    """As many requests as go through, on processor 1."""
    script = folder / f"{contender.name}-{kind}.lua"
    if not script.exists():
        listed = ",".join(f'"{t}"' for t in contender.tokens)
        body = json.dumps(contender.body(kind))
        script.write_text(LUA.format(tokens=listed, path=contender.path(kind), body=body))
    command = ["taskset", "-c", "1", "wrk", "-t1", f"-c{connections}", f"-d{seconds:g}s", "--timeout", "5s"]
    command += ["-s", str(script), contender.url(kind)]
    done = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    r = next(x for x in done.splitlines() if x.startswith("R ")).split()
    return Loaded(int(r[1]), int(r[2]) / 1e6, float(r[3]) / 1e3, float(r[4]) / 1e3, int(r[5]))


async def _connect(contender: Contender, kind: str = "plain") -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    port = int(contender.url(kind).rsplit(":", 1)[1])
    return await asyncio.open_connection("127.0.0.1", port, ssl=untrusting())


async def _ask(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, method: str, path: str, token: str, body: object = None
) -> bytes:
    """Sends one request; the reader stands behind the head, which is returned. Ends the run if it is no success."""
    data = b"" if body is None else json.dumps(body).encode()
    head = f"{method} {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n"
    framing = f"content-type: application/json\r\ncontent-length: {len(data)}\r\n" if data else ""
    writer.write(f"{head}{framing}\r\n".encode() + data)
    await writer.drain()
    answer = await reader.readuntil(b"\r\n\r\n")
    if not answer.startswith((b"HTTP/1.1 200", b"HTTP/1.1 201")):
        raise SystemExit(f"{path} answered {answer[:60]!r}")
    return answer


async def first_token(contender: Contender, times: int) -> tuple[float, float]:
    """Median milliseconds to the first content and to the end of a paced answer, one after the other."""
    first, whole = [], []
    reader, writer = await _connect(contender, "paced")
    for n in range(times + 1):
        token = contender.tokens[n % len(contender.tokens)]
        began = time.perf_counter()
        await _ask(reader, writer, "POST", contender.path("paced"), token, contender.body("paced"))
        seen = b""
        while not CONTENT.search(seen):
            seen += await _some(reader)
        first.append((time.perf_counter() - began) * 1e3)
        while not seen.endswith(b"\r\n0\r\n\r\n"):  # everybody sends chunks
            seen = seen[-16:] + await _some(reader)
        whole.append((time.perf_counter() - began) * 1e3)
    writer.close()
    return statistics.median(first[1:]), statistics.median(whole[1:])  # the first one connected


async def _some(reader: asyncio.StreamReader) -> bytes:
    data = await reader.read(65536)
    if not data:
        raise SystemExit("a stream ended before its end")
    return data


async def open_streams(contender: Contender, count: int) -> list[asyncio.StreamWriter]:
    """Opens so many idle event streams, each of another visitor's conversation, and leaves them open."""
    gate = asyncio.Semaphore(32)

    async def one() -> asyncio.StreamWriter:
        async with gate:
            reader, writer = await _connect(contender)
            made = await _json(reader, writer, "/api/v1/session", "", {})
            token = str(made["token"])
            conversation = await _json(reader, writer, "/api/v1/conversations", token, {"bot": "plain"})
            await _ask(reader, writer, "GET", f"/api/v1/conversations/{conversation['id']}/events", token)
            return writer

    return list(await asyncio.gather(*(one() for _ in range(count))))


async def _json(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str, token: str, body: object
) -> dict[str, object]:
    head = await _ask(reader, writer, "POST", path, token, body)
    length = re.search(rb"(?i)content-length: (\d+)", head)
    if length is None:
        raise SystemExit(f"{path} answered without a length")
    return dict(json.loads(await reader.readexactly(int(length[1]))))
