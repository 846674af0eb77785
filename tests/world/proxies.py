"""Real nginx and HAProxy on loopback, with the configuration that the documentation recommends."""

from __future__ import annotations

import contextlib
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "behind-a-proxy.md"
PATH = "/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin"

NGINX = """\
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
events {{ }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
{snippet}
}}
"""
HAPROXY = """\
global
    log {folder}/log local0
defaults
    timeout connect 5s
    timeout client 60s
    timeout server 60s
    timeout check 2s
{snippet}
"""


def documented(heading: str, language: str) -> str:
    """The block in this *language* under this *heading* of the page."""
    section = PAGE.read_text().partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    match = re.search(rf"```{language}\n(.*?)```", section, re.DOTALL)
    assert match is not None, (heading, language)
    return match[1]


@contextlib.contextmanager
def running(
    heading: str, language: str, folder: Path, *, gateway: int, home: Path, pair: tuple[Path, Path]
) -> Iterator[int]:
    """The proxy of this section of the page before the gateway on port *gateway*; yields its own port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    both = folder / "both.pem"
    both.write_bytes(pair[0].read_bytes() + pair[1].read_bytes())
    snippet = documented(heading, language)
    for written, here in {
        "listen 443": f"listen 127.0.0.1:{port}",
        "bind :443": f"bind 127.0.0.1:{port}",
        "127.0.0.1:8443": f"127.0.0.1:{gateway}",
        "/srv/chatwarden/var/tls/ca.pem": str(home / "tls" / "ca.pem"),
        "/etc/ssl/chat.pem": str(pair[0]),
        "/etc/ssl/chat.key": str(pair[1]),
        "/etc/haproxy/chat.pem": str(both),
    }.items():
        snippet = snippet.replace(written, here)
    config = folder / f"{language}.conf"
    config.write_text((NGINX if language == "nginx" else HAPROXY).format(folder=folder, snippet=snippet))
    program = shutil.which(language, path=PATH)
    assert program is not None, f"{language} is not installed: scripts/test does that"
    options = ["-e", str(folder / "nginx.log"), "-p", str(folder), "-c"] if language == "nginx" else ["-db", "-f"]
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen([program, *options, str(config)], stdout=output, stderr=output)
    try:
        _listening(port, process, folder)
        yield port
    finally:
        process.terminate()
        process.wait(20)


def _listening(port: int, process: subprocess.Popen[bytes], folder: Path) -> None:
    until = time.monotonic() + 20
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert process.poll() is None, (folder / "output").read_text()
        assert time.monotonic() < until
        time.sleep(0.05)
