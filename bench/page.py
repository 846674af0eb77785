"""docs/performance.md: what surrounds the tables of a run."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time

from bench.world import BENCH_PYTHON, ROOT

# Measured by hand, not by the run that writes the page; the date says when.
PROFILE = """## Where the time goes

`perf record` of the gateway for five seconds at 32 connections (2026-11-23, 18,204 samples, about 740 us of CPU a turn):

| share | where |
|---|---|
| 50 % | the Python interpreter: our road, the front, the client towards bots |
| 27 % | the kernel: sending on sockets 7, writing the write-ahead log 6, `fdatasync` 6, waking and switching threads 4 |
| 6 % | the SQLite library |
| 6 % | cryptography: TLS, one AES-GCM key and seal a message |
| 4 % | the C library |
| 3 % | the event loop (uvloop) |
| 3 % | JSON, HTTP parsing, and 0.4 for finding personal data |

By steps of the road (`scripts/bench road --profile FILE`, shares of a turn): the person's half to its durable record 23 %,
asking the bot 20 %, the answer to its durable record 19 %, writing the response 17 %, the rest is routing, session and
parsing. No single step stands out, so the aims that are missed are missed by many small costs of the interpreter, not by
one: two durable records of a turn, its seals and its entries are not where most of the time goes.

At one connection a turn costs two to three times the CPU that it costs at 32: the processes sleep between steps, and waking
them is what is paid for. Two `fdatasync` of 0.36 ms each (median of 300 on this disk) are 0.7 ms of the latency there. Running
COMMIT on the event loop when nobody else waits was tried in alternation and showed no clear gain.

## Memory

`scripts/bench road --million --streams` on 2026-11-24, SQLite, 32 connections, 64 users. The run was stopped before its last
check (stored = acknowledged), in a part that is no longer in it; the record held 536,825 messages of clients and as many
of the bot.

| messages | 0 | 114,226 | 311,022 | 502,686 | 702,942 | 905,066 | 1,021,180 |
|---|---|---|---|---|---|---|---|
| PSS MiB | 96 | 96 | 96 | 95 | 96 | 96 | 95 |

5,000 idle event streams over TLS, each of another visitor: 95 to 305 MiB, 42.9 KiB each, with session, conversation and
connection.

## Streams

The first token of a stream comes after the durable record of the question and, of the answer, when its first word has
ended; a word is released when the space behind it is there. What a bot sends together goes on together.
"""
PAGE = ROOT / "docs" / "performance.md"


def versions() -> str:
    """What was measured with what."""
    nginx = subprocess.run(["nginx", "-v"], capture_output=True, text=True, check=False).stderr.strip()
    found = [f"Python {sys.version.split()[0]}", nginx, f"Linux {os.uname().release}", f"{os.cpu_count()} processors"]
    if BENCH_PYTHON.exists():
        code = "from importlib.metadata import version; print(version('litellm'))"
        version = subprocess.run([BENCH_PYTHON, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
        found.append(f"litellm {version}")
    return ", ".join(found)


def page(a: argparse.Namespace, tables: str) -> str:
    """The whole page."""
    asked = f"--rounds {a.rounds} --seconds {a.seconds:g}"
    asked += f" --million {a.million}" if a.million else ""
    asked += f" --streams {a.streams}" if a.streams else ""
    return f"""# Performance

Made by `scripts/bench road {asked} --write` on {time.strftime("%Y-%m-%d")}.
Versions: {versions()}.

Every contender speaks TLS and runs on one processor; the load generator and the upstream run on the other. The upstream
is nginx with one fixed OpenAI-compatible reply, plain or as events. Contenders alternate in one run. Chatwarden runs with
everything on: session, limits (set high), both directions scanned, sealed, two durable commits and two audit entries a
turn, {a.users} users with a conversation each. LiteLLM runs one worker without guardrails and without a database, with
httptools and uvloop. chatwarden-postgresql is the same gateway with its record in a PostgreSQL server on the other
processor, whose CPU is not counted. Before each point everybody has come to rest. A run with an error in it, or whose
home does not hold what was acknowledged, is void and is not written here. Latencies with fewer than ten answers a
connection are left out.
{tables}

## How to read it

Compare within the tables only, and as ratios: the machine is a small shared virtual machine whose speed drifts, and on
which waking another thread or process is dear. The load generator is closed-loop, so p99 is optimistic under load.

{PROFILE}"""
