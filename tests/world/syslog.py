"""rsyslog with TLS, as docs/audit-export.md configures it, on a port of its own; it can be killed and started again."""

from __future__ import annotations

import contextlib
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.world.mailbox import Authority
from tests.world.proxies import PATH

PAGE = Path(__file__).parents[2] / "docs" / "audit-export.md"


@dataclass
class Rsyslog:
    """A receiver that others wrote."""

    folder: Path
    authority: Authority
    port: int
    process: subprocess.Popen[bytes] | None = field(default=None)

    @property
    def lines(self) -> list[str]:
        """What it has written so far."""
        file = self.folder / "taken.log"
        return file.read_text().splitlines() if file.exists() else []

    def start(self) -> None:
        """Returns when it listens."""
        match = re.search(r"```rsyslog\n(.*?)```", PAGE.read_text(), re.DOTALL)
        assert match is not None
        config = match[1]
        for written, here in {
            "/etc/ssl/siem-ca.pem": str(self.authority.ca),
            "/etc/ssl/siem.pem": str(self.authority.pair.chain),
            "/etc/ssl/siem.key": str(self.authority.pair.key),
            "/var/log/chatwarden.log": str(self.folder / "taken.log"),
            'port="6514"': f'port="{self.port}" address="127.0.0.1"',
        }.items():
            assert written in config, written
            config = config.replace(written, here)
        file = self.folder / "rsyslog.conf"
        file.write_text(config)
        program = shutil.which("rsyslogd", path=PATH)
        assert program is not None, "rsyslog is not installed: scripts/test does that"
        with (self.folder / "output").open("ab") as output:
            self.process = subprocess.Popen(
                [program, "-n", "-f", str(file), "-i", str(self.folder / "pid")], stdout=output, stderr=output,
                cwd=self.folder,
            )  # fmt: skip
        until = time.monotonic() + 20
        while time.monotonic() < until:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            assert self.process.poll() is None, (self.folder / "output").read_text()
            time.sleep(0.05)
        raise AssertionError((self.folder / "output").read_text())

    def stop(self, number: int = signal.SIGTERM) -> None:
        """Ends it, by this signal."""
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait(20)
            self.process = None
        (self.folder / "pid").unlink(missing_ok=True)


@contextlib.contextmanager
def rsyslog(folder: Path, authority: Authority) -> Iterator[Rsyslog]:
    """One that listens, until the block is left."""
    folder.mkdir(exist_ok=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    made = Rsyslog(folder, authority, port)
    made.start()
    try:
        yield made
    finally:
        made.stop(signal.SIGKILL)
