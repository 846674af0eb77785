"""The contenders of one run: what they are, how they start, where they listen, what they cost.

Everybody speaks TLS with the same kind of key, runs on processor 0 and asks the same upstream, which runs on processor 1
beside the load generator. A bot named ``plain`` answers whole, ``streamed`` in events that all come at once, ``paced``
token by token.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.world.postgres import USER, Cluster, cluster

ROOT = Path(__file__).parent.parent
BENCH_PYTHON = ROOT / ".venv-bench" / "bin" / "python"
UPSTREAM, UPSTREAM_TLS, PACED, PACED_TLS, PROXY, OURS, LITELLM = 19080, 19081, 19082, 19083, 19443, 19444, 19445
OURS_POSTGRESQL = 19446
WORDS = ["Your ", "order ", "has ", "left ", "our ", "house. "]
KINDS = {"plain": "", "streamed": "/s", "paced": "/p"}  # what a bot is called, and its path at the upstream
TOKENS, GAP_MS = 24, 5
BODY = {"model": "plain", "messages": [{"role": "user", "content": "Where is my order?"}]}
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
events {{ worker_connections 8192; }}
http {{ access_log off; client_body_temp_path {d}; proxy_temp_path {d}; fastcgi_temp_path {d};
uwsgi_temp_path {d}; scgi_temp_path {d}; keepalive_requests 100000000; {body} }}
"""
CONFIG = """[server]
port = {port}
[metrics]
listen = "off"
[limits]
messages = "10000/s burst 10000"
visitors = "off"
new_connections = "off"
new_connections_per_peer = "off"
connections_per_peer = 10000
{extra}
"""
BOT = """[bots.{name}]
connector = "openai"
url = "{url}/v1"
model = "m"
who = ["visitor"]
"""
LITELLM_CONFIG = """model_list:
{models}litellm_settings: {{telemetry: false}}
"""
LITELLM_MODEL = """  - model_name: {name}
    litellm_params: {{model: openai/m, api_base: "{url}/v1", api_key: x}}
"""
LITELLM_MAIN = """import uvicorn
from litellm.proxy.proxy_server import app
uvicorn.run(app, host="127.0.0.1", port={port}, http="httptools", loop="uvloop", log_level="error", access_log=False,
            ssl_keyfile="{d}/k", ssl_certfile="{d}/c")
"""


@dataclass
class Contender:
    """Something that answers completions over TLS."""

    name: str
    pid: int
    port: int
    tokens: list[str] = field(default_factory=lambda: ["x"])

    def path(self, kind: str) -> str:
        """Where a completion of this kind is asked for."""
        if self.name.startswith("chatwarden"):
            return f"/bots/{kind}/openai/v1/chat/completions"
        if self.name == "litellm":
            return "/v1/chat/completions"
        return f"{KINDS[kind]}/v1/chat/completions"

    def body(self, kind: str) -> dict[str, object]:
        """The request of this kind."""
        return {**BODY, "model": kind, **({} if kind == "plain" else {"stream": True})}

    def url(self, kind: str) -> str:
        """Scheme and authority."""
        port = PACED_TLS if (self.name, kind) == ("direct", "paced") else self.port
        return f"https://127.0.0.1:{port}"


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


def untrusting() -> ssl.SSLContext:
    """TLS that checks no certificate: the contenders' own are minutes old."""
    return ssl._create_unverified_context()


def event(delta: dict[str, str], finish: str | None = None) -> str:
    """One server-sent event of a streamed completion."""
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    chunk = {"id": "r", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
    return f"data: {json.dumps(chunk)}\n\n"


@dataclass
class World:
    """A folder and the processes that were started in it."""

    folder: Path
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)
    beside: ExitStack = field(default_factory=ExitStack)

    def start(self, core: int, *command: str, **environment: str) -> int:
        """A process on one processor."""
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(
                ["taskset", "-c", str(core), *command], stdout=log, stderr=log, env={**os.environ, **environment}
            )
        self.started.append(process)
        return process.pid

    def log(self) -> str:
        """The end of what they said."""
        return (self.folder / "log").read_text()[-1500:]

    def upstream(self) -> Contender:
        """nginx with fixed answers, and the paced bot beside it."""
        d = self.folder
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
             "-keyout", d / "k", "-out", d / "c", "-subj", "/CN=localhost"],
            check=True, capture_output=True,
        )  # fmt: skip
        events = (
            "".join(event({"content": WORDS[n % len(WORDS)]}) for n in range(TOKENS))
            + event({}, "stop")
            + "data: [DONE]\n\n"
        )
        (d / "s").mkdir()
        (d / "s" / "events").write_text(events)
        body = f"""server {{ listen 127.0.0.1:{UPSTREAM}; listen 127.0.0.1:{UPSTREAM_TLS} ssl; {self.tls}
            location / {{ default_type application/json; return 200 '{json.dumps(REPLY)}'; }}
            location /s/ {{ default_type text/event-stream; root {d}; error_page 405 =200 /s/events; try_files /s/events =404; }}
            location /p/ {{ proxy_buffering off; proxy_pass http://127.0.0.1:{PACED}/; }} }}"""
        (d / "u.conf").write_text(NGINX.format(d=d, n="u", body=body))
        paced = [sys.executable, "-m", "tests.world.upstream", "--tokens", str(TOKENS), "--gap-ms", str(GAP_MS)]
        self.start(1, *paced, "--port", str(PACED))
        self.start(1, *paced, "--port", str(PACED_TLS), "--certificate", f"{d}/c", "--key", f"{d}/k")
        return Contender("direct", self.start(1, "nginx", "-c", str(d / "u.conf")), UPSTREAM_TLS)

    @property
    def tls(self) -> str:
        return f"ssl_certificate {self.folder}/c; ssl_certificate_key {self.folder}/k;"

    def nginx(self) -> Contender:
        """nginx `proxy_pass` with connection reuse."""
        d = self.folder
        to = "proxy_http_version 1.1; proxy_set_header Connection ''; proxy_buffering off;"
        body = f"""upstream u {{ server 127.0.0.1:{UPSTREAM}; keepalive 256; }}
            upstream p {{ server 127.0.0.1:{PACED}; keepalive 256; }}
            server {{ listen 127.0.0.1:{PROXY} ssl; {self.tls}
            location / {{ {to} proxy_pass http://u; }} location /p/ {{ {to} proxy_pass http://p; }} }}"""
        (d / "p.conf").write_text(NGINX.format(d=d, n="p", body=body))
        return Contender("nginx", self.start(0, "nginx", "-c", str(d / "p.conf")), PROXY)

    def chatwarden(
        self, name: str = "chatwarden", port: int = OURS, users: int = 64, extra: str = "", profile: str = "",
        **environment: str,
    ) -> Contender:  # fmt: skip
        """The gateway with everything on, and as many open visitor sessions."""
        d = self.folder
        config = d / f"{name}.toml"
        bots = "".join(BOT.format(name=kind, url=upstream_of(kind)) for kind in KINDS)
        config.write_text(CONFIG.format(port=port, extra=extra) + bots)
        profiler = ["-m", "cProfile", "-o", profile] if profile else []
        where = ["--home", str(self.home(name)), "--config", str(config)]
        pid = self.start(0, sys.executable, *profiler, "-m", "chatwarden", *where, "up", **environment)
        got = Contender(name, pid, port, [])
        for _ in range(80):
            time.sleep(0.25)
            try:
                got.tokens.append(session(port))
                break
            except OSError:
                continue
        else:
            raise SystemExit(f"{name} did not start:\n{self.log()}")
        got.tokens += [session(port) for _ in range(users - 1)]
        return got

    def postgres(self) -> Cluster:
        """A PostgreSQL server on processor 1, beside the upstream; what it spends is not in our figures."""
        server = self.beside.enter_context(cluster())
        subprocess.run(["taskset", "-a", "-p", "-c", "1", str(server.process.pid)], check=True, capture_output=True)
        return server

    def storage(self, server: Cluster) -> str:
        """The table ``[storage]`` for that server."""
        secret = self.folder / "database-password"
        secret.write_text(server.password)
        url = f"postgresql://{USER}@127.0.0.1:{server.port}/postgres"
        return f'[storage]\nurl = "{url}"\npassword_file = "{secret}"'

    def home(self, name: str) -> Path:
        """The home of a gateway of ours."""
        return self.folder / f"home-{name}"

    def litellm(self) -> Contender:
        """LiteLLM proxy, one worker, no guardrails, no database."""
        d = self.folder
        models = "".join(LITELLM_MODEL.format(name=kind, url=upstream_of(kind)) for kind in KINDS)
        (d / "llm.yaml").write_text(LITELLM_CONFIG.format(models=models))
        (d / "llm.py").write_text(LITELLM_MAIN.format(port=LITELLM, d=d))
        pid = self.start(
            0, str(BENCH_PYTHON), str(d / "llm.py"), CONFIG_FILE_PATH=str(d / "llm.yaml"),
            LITELLM_LOCAL_MODEL_COST_MAP="True", LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY="true",
        )  # fmt: skip
        got = Contender("litellm", pid, LITELLM)
        if not answers(got, 90):
            raise SystemExit("litellm did not start:\n" + self.log())
        return got


def upstream_of(kind: str) -> str:
    """Where a contender asks for answers of this kind."""
    return f"http://127.0.0.1:{PACED}/p" if kind == "paced" else f"http://127.0.0.1:{UPSTREAM}{KINDS[kind]}"


def session(port: int) -> str:
    """A new visitor's token."""
    c = http.client.HTTPSConnection("127.0.0.1", port, context=untrusting(), timeout=10)
    c.request("POST", "/api/v1/session", "{}", {"Content-Type": "application/json"})
    answer = c.getresponse()
    text = answer.read()
    c.close()
    if answer.status >= 300:
        raise SystemExit(f"no session: {answer.status} {text[:300]!r}")
    return str(json.loads(text)["token"])


def answers(contender: Contender, seconds: float) -> bool:
    """Whether a completion comes back within *seconds*."""
    until = time.monotonic() + seconds
    fields = {"Content-Type": "application/json", "Authorization": f"Bearer {contender.tokens[0]}"}
    while time.monotonic() < until:
        try:
            c = http.client.HTTPSConnection("127.0.0.1", contender.port, context=untrusting(), timeout=10)
            c.request("POST", contender.path("plain"), json.dumps(contender.body("plain")), fields)
            if c.getresponse().status == 200:
                return True
        except OSError:
            time.sleep(0.5)
    return False


@contextmanager
def world(prefix: str) -> Iterator[World]:
    """A world that is gone when the block is left."""
    made = World(Path(tempfile.mkdtemp(prefix=f"bench-{prefix}-")))
    try:
        yield made
    finally:
        for process in made.started:
            process.send_signal(2)
        for process in made.started:
            try:
                process.wait(8)
            except subprocess.TimeoutExpired:
                process.kill()
        made.beside.close()
        shutil.rmtree(made.folder, ignore_errors=True)
