"""Measure how long a start takes: from exec of a command to its line ``ready`` and to the first answered TLS request.

Contract: `python -m bench.start [--rounds N] [--litellm]`. The home is prepared before the clock runs. Contenders
alternate in one run: an interpreter that does nothing, the command line that only tells its version, the gateway, and, if
asked for, LiteLLM's proxy from .venv-bench. Every figure is a median with its range. CPU is what the process used from
its exec until it was stopped, right after it answered: on a busy machine it tells more than the wall. A gateway that does
not become ready voids the run; then exit 1.
"""

from __future__ import annotations

import argparse
import http.client
import os
import select
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.world import BENCH_PYTHON, LITELLM_CONFIG, LITELLM_MAIN, LITELLM_MODEL, untrusting, world

AIM = 1.0  # second until a request is answered, on two processors
_PATIENCE = 120.0
_PAUSE = 0.002  # between two looks: small beside what is measured
CONFIG = """[server]
port = {port}
[metrics]
listen = "off"
"""


@dataclass(frozen=True)
class Start:
    """One start, in seconds: the line, the answer, the CPU. What a command does not have is None."""

    ready: float | None
    answered: float | None
    cpu: float


def to_the_end(command: list[str]) -> Start:
    """A command that ends by itself: its whole life."""
    began = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return Start(time.monotonic() - began, None, used.ru_utime + used.ru_stime)


def to_the_answer(command: list[str], port: int, path: str, environment: dict[str, str] | None = None) -> Start:
    """A server on *port*: until it says ``ready`` and until *path* is answered over TLS with 200; then it is stopped."""
    began = time.monotonic()
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={**os.environ, **(environment or {})}
    )
    assert process.stdout is not None
    ready = answered = None
    open_output = True
    while answered is None and time.monotonic() - began < _PATIENCE:
        if open_output and select.select([process.stdout], [], [], _PAUSE)[0]:
            line = process.stdout.readline()
            open_output = bool(line)
            if line.startswith(b"ready https://"):
                ready = time.monotonic() - began
        elif not open_output:
            time.sleep(_PAUSE)
        if answers(port, path):
            answered = time.monotonic() - began
        elif process.poll() is not None:
            break
    # The line is printed after the port is open: a client may be the first to know.
    while answered is not None and ready is None and open_output:
        line = process.stdout.readline()
        open_output = bool(line)
        if line.startswith(b"ready https://"):
            ready = time.monotonic() - began
    process.terminate()
    process.stdout.close()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if answered is None:
        raise SystemExit(f"{' '.join(command)} answered nothing; it ended with {process.returncode}")
    return Start(ready, answered, used.ru_utime + used.ru_stime)


def answers(port: int, path: str) -> bool:
    """Whether a request over TLS is answered with 200 now."""
    connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=10, context=untrusting())
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def gateway(home: Path) -> Callable[[], Start]:
    """Starts the gateway over *home*, which is prepared here and used once."""
    port = free_port()
    config = home.with_suffix(".toml")
    config.write_text(CONFIG.format(port=port))
    where = ["--home", str(home), "--config", str(config)]
    command = [sys.executable, "-I", "-m", "chatwarden"]
    subprocess.run([*command, "init", *where], check=True, capture_output=True)
    return lambda: to_the_answer([*command, "up", *where], port, "/readyz")


def litellm(folder: Path) -> Callable[[], Start]:
    """Starts LiteLLM's proxy as the other benchmarks do."""
    port = free_port()
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
         "-keyout", folder / "k", "-out", folder / "c", "-subj", "/CN=localhost"],
        check=True, capture_output=True,
    )  # fmt: skip
    model = LITELLM_MODEL.format(name="plain", url="http://127.0.0.1:9")
    (folder / "llm.yaml").write_text(LITELLM_CONFIG.format(models=model))
    (folder / "llm.py").write_text(LITELLM_MAIN.format(port=port, d=folder))
    environment = {
        "CONFIG_FILE_PATH": str(folder / "llm.yaml"),
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        "LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY": "true",
    }
    return lambda: to_the_answer([str(BENCH_PYTHON), str(folder / "llm.py")], port, "/health/liveliness", environment)


def cell(values: list[float | None], digits: int = 0) -> str:
    """Median and range in milliseconds, or nothing."""
    known = [1000 * value for value in values if value is not None]
    if not known:
        return ""
    return f"{statistics.median(known):.{digits}f} ({min(known):.{digits}f}-{max(known):.{digits}f})"


def table(rows: dict[str, list[Start]]) -> str:
    """What was measured, as a table."""
    lines = ["| command | ready or ended ms (min-max) | first answered request ms | CPU ms |", "|---|---|---|---|"]
    for name, starts in rows.items():
        cells = [cell([getattr(one, column) for one in starts]) for column in ("ready", "answered", "cpu")]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> int:
    """One run."""
    p = argparse.ArgumentParser(prog="bench start")
    p.add_argument("--rounds", type=int, default=9)
    p.add_argument("--litellm", action="store_true", help="beside it LiteLLM's proxy, which takes its time")
    a = p.parse_args()
    if a.litellm and not BENCH_PYTHON.exists():
        sys.stderr.write("error: there is no .venv-bench\nhint: scripts/bench start --litellm prepares it\n")
        return 3
    with world("start") as place:
        ours = "chatwarden up"
        contenders: dict[str, Callable[[], Start]] = {
            "python -c pass": lambda: to_the_end([sys.executable, "-I", "-c", "pass"]),
            "chatwarden --version": lambda: to_the_end([sys.executable, "-I", "-m", "chatwarden", "--version"]),
            ours: gateway(place.folder / "home"),
        }
        if a.litellm:
            contenders["litellm"] = litellm(place.folder)
        for start in contenders.values():
            start()  # the files are in memory and compiled from here on
        rows: dict[str, list[Start]] = {name: [] for name in contenders}
        for _ in range(a.rounds):
            for name, start in contenders.items():
                rows[name].append(start())
    sys.stdout.write(table(rows) + "\n\n")
    median = statistics.median(one.answered or _PATIENCE for one in rows[ours])
    sys.stdout.write(f"- The gateway answers {median:.2f} s after its exec (aim: under {AIM:g} s).\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
