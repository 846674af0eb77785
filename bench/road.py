"""Measure one plain message through Chatwarden, nginx and directly, alternating in one run.

Contract: `python -m bench.road [--rounds N] [--seconds S] [--connections 1,32,256]`.
Every figure is a median with its range. Any answer other than 200 voids the run, and
so does a home that holds fewer messages than were acknowledged, or more than could be under way; then exit 1.
LiteLLM is driven when its environment (.venv-bench) is there: one worker, no guardrails, no database.
It does not measure streaming, a million messages or idle event streams.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import re
import shutil
import sqlite3
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

UPSTREAM, PROXY, OURS, LITELLM = 19080, 19443, 19444, 19445
FEWEST = 10  # answers a connection that a latency needs
PAGE = Path(__file__).parent.parent / "docs" / "performance.md"
REPLY = {
    "id": "r",
    "object": "chat.completion",
    "created": 1,
    "model": "m",
    "choices": [
        {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "Your order has left."}}
    ],
    "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
}
NGINX = """daemon off; master_process off; pid {d}/{n}.pid; error_log {d}/{n}.err;
events {{ worker_connections 4096; }}
http {{ access_log off; client_body_temp_path {d}; proxy_temp_path {d}; fastcgi_temp_path {d};
uwsgi_temp_path {d}; scgi_temp_path {d}; keepalive_requests 100000000; {body} }}
"""
LUA = """local t = {{{tokens}}}
local i = 0
local body = '{{"model":"m","messages":[{{"role":"user","content":"Where is my order?"}}]}}'
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
CONFIG = """[server]
port = {port}
[metrics]
listen = "off"
[limits]
messages = "10000/s burst 10000"
visitors = "off"
{extra}
[bots.bench]
connector = "openai"
url = "http://127.0.0.1:{up}/v1"
model = "m"
who = ["visitor"]
"""


LITELLM_CONFIG = """model_list:
  - model_name: m
    litellm_params: {{model: openai/m, api_base: "http://127.0.0.1:{up}/v1", api_key: x}}
litellm_settings: {{telemetry: false}}
"""
LITELLM_MAIN = """import uvicorn
from litellm.proxy.proxy_server import app
uvicorn.run(app, host="127.0.0.1", port={port}, http="httptools", loop="uvloop", log_level="error", access_log=False,
            ssl_keyfile="{d}/k", ssl_certfile="{d}/c")
"""
BENCH_PYTHON = Path(__file__).parent.parent / ".venv-bench" / "bin" / "python"


def answers(port: int, seconds: float) -> bool:
    """Whether a completion comes back from *port* within *seconds*."""
    until = time.monotonic() + seconds
    body = json.dumps({"model": "m", "messages": [{"role": "user", "content": "Where is my order?"}]})
    while time.monotonic() < until:
        try:
            c = http.client.HTTPSConnection("127.0.0.1", port, context=ssl._create_unverified_context(), timeout=10)
            c.request(
                "POST", "/v1/chat/completions", body, {"Content-Type": "application/json", "Authorization": "Bearer x"}
            )
            if c.getresponse().status == 200:
                return True
        except OSError:
            time.sleep(0.5)
    return False


def cpu(pid: int) -> float:
    """CPU seconds of one process."""
    f = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(f[11]) + int(f[12])) / os.sysconf("SC_CLK_TCK")


def pss(pid: int) -> float:
    """Proportional memory of one process, MiB."""
    found = re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0


def settle(pids: list[int]) -> None:
    """Waits until nobody works off what a load generator left behind when it stopped."""
    for _ in range(60):
        before = sum(cpu(pid) for pid in pids)
        time.sleep(0.5)
        if sum(cpu(pid) for pid in pids) - before < 0.05:
            return
    raise SystemExit("the contenders do not come to rest")


def kept(base: sqlite3.Connection) -> tuple[int, int]:
    """Stored messages: from clients, from bots."""
    found = dict(base.execute("select source, count(*) from messages group by source").fetchall())
    return found.get("client", 0), found.get("bot", 0)


def tokens(count: int) -> list[str]:
    """Open visitor sessions; each is its own user."""
    context = ssl._create_unverified_context()
    out = []
    for _ in range(count):
        c = http.client.HTTPSConnection("127.0.0.1", OURS, context=context, timeout=10)
        c.request("POST", "/api/v1/session", "{}", {"Content-Type": "application/json"})
        answer = c.getresponse()
        text = answer.read()
        if answer.status >= 300:
            raise SystemExit(f"no session: {answer.status} {text[:300]!r}")
        out.append(json.loads(text)["token"])
        c.close()
    return out


def wrk(url: str, script: Path, connections: int, seconds: float) -> tuple[int, float, float, float, int]:
    """Requests, seconds, p50 ms, p99 ms, errors."""
    done = subprocess.run(
        [
            "taskset",
            "-c",
            "1",
            "wrk",
            "-t1",
            f"-c{connections}",
            f"-d{seconds:g}s",
            "--timeout",
            "5s",
            "-s",
            str(script),
            url,
        ],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    r = next(x for x in done.splitlines() if x.startswith("R ")).split()
    return int(r[1]), int(r[2]) / 1e6, float(r[3]) / 1e3, float(r[4]) / 1e3, int(r[5])


def ratios(rows: dict[tuple[str, int], list[tuple[float, ...]]], say: Callable[[str], None]) -> None:
    """The aims beside what was reached."""

    def median(name: str, connections: int, column: int) -> float:
        return statistics.median(row[column] for row in rows[name, connections])

    say("")
    if ("litellm", 32) in rows:
        times = median("chatwarden", 32, 0) / median("litellm", 32, 0)
        say(f"- Throughput at 32 connections: {times:.1f} times LiteLLM's (aim: 40).")
    if ("nginx", 32) in rows:
        times = median("nginx", 32, 0) / median("chatwarden", 32, 0)
        say(f"- nginx's throughput at 32 connections is {times:.1f} times ours (aim: at most 12).")
    if ("litellm", 1) in rows:
        direct = median("direct", 1, 1)
        share = (median("chatwarden", 1, 1) - direct) / (median("litellm", 1, 1) - direct)
        say(f"- Added p50 at one connection: {share:.2f} of LiteLLM's (aim: under 0.10).")
    memory = max(row[4] for (name, _), got in rows.items() if name == "chatwarden" for row in got)
    say(f"- Memory (PSS): at most {memory:.0f} MiB in this run (aim: under 200).")


def page(a: argparse.Namespace, table: str) -> str:
    """docs/performance.md."""
    said = subprocess.run(["nginx", "-v"], capture_output=True, text=True, check=False).stderr.strip()
    versions = [f"Python {sys.version.split()[0]}", said, f"Linux {os.uname().release}", f"{os.cpu_count()} processors"]
    if BENCH_PYTHON.exists():
        code = "from importlib.metadata import version; print(version('litellm'))"
        version = subprocess.run([BENCH_PYTHON, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
        versions.append(f"litellm {version}")
    return f"""# Performance

Made by `scripts/bench road --rounds {a.rounds} --seconds {a.seconds:g} --write` on {time.strftime("%Y-%m-%d")}.
Versions: {", ".join(versions)}.

Every contender speaks TLS and runs on one processor; the load generator (wrk) and the upstream, which is nginx with one
fixed OpenAI-compatible reply, run on the other. Contenders alternate in one run. Chatwarden runs with everything on:
session, limits (set high), both directions scanned, sealed, two durable commits and two audit entries a message,
{a.users} users with a conversation each. LiteLLM runs one worker without guardrails and without a database, with
httptools and uvloop. Before each point everybody has come to rest. A run with an error in it, or whose home does not hold
what was acknowledged, is void and is not written here. Latencies with fewer than ten answers a connection are left out.
{table}

## How to read it

Compare within the table only, and as ratios: the machine is a small shared virtual machine whose speed drifts, and on
which waking another thread or process is dear. wrk is closed-loop, so p99 is optimistic under load.

## What it does not show

Streaming, memory after a million messages, memory per idle event stream. Some of what the CPU of a message goes to is
named in `docs/how-it-is-built.md`; a profile of the missed aims is still owed.
"""


def main() -> int:
    """Run the rounds and print the table."""
    p = argparse.ArgumentParser(prog="bench road")
    p.add_argument("--rounds", type=int, default=3)
    p.add_argument("--seconds", type=float, default=3)
    p.add_argument("--connections", default="1,32,256")
    p.add_argument("--users", type=int, default=64)
    p.add_argument("--extra", default="connections_per_peer = 1000", help="more lines for [limits]")
    p.add_argument("--write", action="store_true", help="write docs/performance.md")
    p.add_argument("--profile", help="run Chatwarden under cProfile, write here")
    a = p.parse_args()
    d = Path(tempfile.mkdtemp(prefix="bench-road-"))
    started: list[subprocess.Popen[bytes]] = []

    def start(core: int, *command: str) -> int:
        with (d / "log").open("ab") as log:
            started.append(subprocess.Popen(["taskset", "-c", str(core), *command], stdout=log, stderr=log))
        return started[-1].pid

    try:
        subprocess.run(
            [
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
                "-nodes",
                "-keyout",
                d / "k",
                "-out",
                d / "c",
                "-subj",
                "/CN=localhost",
            ],
            check=True,
            capture_output=True,
        )
        tls = f"ssl_certificate {d}/c; ssl_certificate_key {d}/k;"
        say = f"location / {{ default_type application/json; return 200 '{json.dumps(REPLY)}'; }}"
        (d / "u.conf").write_text(
            NGINX.format(
                d=d,
                n="u",
                body=(f"server {{ listen 127.0.0.1:{UPSTREAM}; listen 127.0.0.1:{UPSTREAM + 1} ssl; {tls} {say} }}"),
            )
        )
        (d / "p.conf").write_text(
            NGINX.format(
                d=d,
                n="p",
                body=(
                    f"upstream u {{ server 127.0.0.1:{UPSTREAM}; keepalive 256; }} server {{ listen 127.0.0.1:{PROXY} ssl; {tls}"
                    " location / { proxy_http_version 1.1; proxy_set_header Connection ''; proxy_pass http://u; } }"
                ),
            )
        )
        (d / "cw.toml").write_text(CONFIG.format(port=OURS, up=UPSTREAM, extra=a.extra))
        up = start(1, "nginx", "-c", str(d / "u.conf"))
        proxy = start(0, "nginx", "-c", str(d / "p.conf"))
        prof = ["-m", "cProfile", "-o", a.profile] if a.profile else []
        ours = start(
            0,
            sys.executable,
            *prof,
            "-m",
            "chatwarden",
            "--home",
            str(d / "home"),
            "--config",
            str(d / "cw.toml"),
            "up",
        )
        for _ in range(60):
            time.sleep(0.25)
            try:
                ts = tokens(1)
                break
            except OSError:
                continue
        else:
            raise SystemExit("chatwarden did not start:\n" + (d / "log").read_text()[-1500:])
        ts += tokens(a.users - 1)
        listed = ",".join(f'"{t}"' for t in ts)
        (d / "cw.lua").write_text(LUA.format(tokens=listed, path="/bots/bench/openai/v1/chat/completions"))
        (d / "raw.lua").write_text(LUA.format(tokens='"x"', path="/v1/chat/completions"))
        who = {"direct": (up, UPSTREAM + 1, "raw"), "nginx": (proxy, PROXY, "raw"), "chatwarden": (ours, OURS, "cw")}
        if BENCH_PYTHON.exists():
            (d / "llm.yaml").write_text(LITELLM_CONFIG.format(up=UPSTREAM))
            (d / "llm.py").write_text(LITELLM_MAIN.format(port=LITELLM, d=d))
            os.environ.update(
                CONFIG_FILE_PATH=str(d / "llm.yaml"),
                LITELLM_LOCAL_MODEL_COST_MAP="True",
                LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY="true",
            )
            litellm = start(0, str(BENCH_PYTHON), str(d / "llm.py"))
            if not answers(LITELLM, 90):
                raise SystemExit("litellm did not start:\n" + (d / "log").read_text()[-1500:])
            who["litellm"] = (litellm, LITELLM, "raw")
        for _, port, lua in who.values():  # warm
            wrk(f"https://127.0.0.1:{port}", d / f"{lua}.lua", 8, 1)
        base = sqlite3.connect(f"file:{d}/home/data/chatwarden.db?mode=ro", uri=True)
        pids = [pid for pid, _, _ in who.values()]
        settle(pids)
        clients_before, bots_before = kept(base)
        rows: dict[tuple[str, int], list[tuple[float, ...]]] = {}
        acknowledged = cut = 0
        for _ in range(a.rounds):
            for c in map(int, a.connections.split(",")):
                for name, (pid, port, lua) in who.items():
                    settle(pids)
                    before = cpu(pid)
                    n, s, p50, p99, bad = wrk(f"https://127.0.0.1:{port}", d / f"{lua}.lua", c, a.seconds)
                    if name == "chatwarden":
                        acknowledged += n - bad
                        cut += c  # at most so many were under way when wrk stopped
                    rows.setdefault((name, c), []).append(
                        (n / s, p50, p99, (cpu(pid) - before) / max(n, 1) * 1e6, pss(pid), bad)
                    )
        settle(pids)
        clients, bots = (now - then for now, then in zip(kept(base), (clients_before, bots_before), strict=True))
        out = [""]
        faults = 0
        print = out.append  # noqa: A001
        print(
            "| connections | contender | requests/s (min-max) | p50 ms | p99 ms | CPU us/message | PSS MiB | errors |"
        )
        print("|---|---|---|---|---|---|---|---|")
        for (name, c), got in sorted(rows.items(), key=lambda x: x[0][1]):
            col = list(zip(*got, strict=True))
            m = [statistics.median(x) for x in col]
            bad = int(sum(col[5]))
            faults += bad
            if m[0] * a.seconds < FEWEST * c:
                # Most connections saw no second answer: a latency of those that did would flatter.
                print(
                    f"| {c} | {name} | {m[0]:.0f} ({min(col[0]):.0f}-{max(col[0]):.0f}) | too few | too few "
                    f"| {m[3]:.0f} | {m[4]:.0f} | {bad} |"
                )
                continue
            print(
                f"| {c} | {name} | {m[0]:.0f} ({min(col[0]):.0f}-{max(col[0]):.0f}) | {m[1]:.3f} | {m[2]:.3f} "
                f"| {m[3]:.0f} | {m[4]:.0f} | {bad}{' VOID' if bad else ''} |"
            )
        print("")
        sound = not faults and all(acknowledged <= n <= acknowledged + cut for n in (clients, bots))
        print(
            f"Stored: {clients} messages of clients and {bots} of the bot for {acknowledged} acknowledged answers; at most "
            f"{cut} more were under way when a load stopped: {'holds' if sound else 'VOID'}."
        )
        ratios(rows, print)
        text = "\n".join(out)
        sys.stdout.write(text + "\n")
        if a.write and sound:
            PAGE.write_text(page(a, text))
        return 0 if sound else 1
    finally:
        for x in started:
            x.send_signal(2)
        for x in started:
            try:
                x.wait(8)
            except subprocess.TimeoutExpired:
                x.kill()
        shutil.rmtree(d, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
