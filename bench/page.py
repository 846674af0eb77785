"""docs/performance.md: what surrounds the tables of a run."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time

from bench.world import BENCH_PYTHON, ROOT

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
httptools and uvloop. Before each point everybody has come to rest. A run with an error in it, or whose home does not hold
what was acknowledged, is void and is not written here. Latencies with fewer than ten answers a connection are left out.
{tables}

## How to read it

Compare within the tables only, and as ratios: the machine is a small shared virtual machine whose speed drifts, and on
which waking another thread or process is dear. The load generator is closed-loop, so p99 is optimistic under load.

{(PAGE.parent / "profile.md").read_text() if (PAGE.parent / "profile.md").exists() else ""}"""
