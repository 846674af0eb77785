"""A witness as a process of its own: what it saw, it remembers in a folder."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from chatwarden.config.model import WitnessConfig
from tests.world.golang import built

NAME = "witness.example"
SEED = bytes(range(1, 33))


@dataclass(frozen=True)
class Witness:
    """One that runs."""

    url: str
    vkey: str
    state: Path

    @property
    def configured(self) -> WitnessConfig:
        return WitnessConfig(self.url, self.vkey)

    @property
    def seen(self) -> int:
        """The size of the tree it cosigned last."""
        latest = self.state / "latest"
        return int(latest.read_text().split()[0]) if latest.exists() else 0


@contextlib.contextmanager
def witnessing(state: Path, log_vkey: str, port: int = 0, name: str = NAME) -> Iterator[Witness]:
    """Runs a witness that knows the log of *log_vkey*."""
    state.mkdir(exist_ok=True)
    arguments = [str(built("witness")), str(state), SEED.hex(), name, log_vkey, str(port)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            word, address, vkey = process.stdout.readline().split()
            assert word == "listening"
            yield Witness(f"http://{address}", vkey, state)
        finally:
            process.terminate()
