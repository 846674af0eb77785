"""What a crash or a power cut leaves of a home, at each call that tests/world/tracer.py stopped at."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.world.gateway import Gateway, running
from tests.world.tracer import WATCHED

MODULE = "tests.world.tracer"
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Image:
    """A home as it may lie there: hashes of the watched files, after how many answers, and at which stop."""

    files: tuple[tuple[str, str], ...]
    answers: int
    stop: str


@dataclass
class Traced:
    """A gateway under the tracer."""

    gateway: Gateway
    notes: Path

    def arm(self) -> None:
        """From now on it is stopped."""
        self._tell(signal.SIGUSR1, (self.notes / "calls").exists)

    def disarm(self) -> None:
        """It is stopped no more."""
        self._tell(signal.SIGUSR2, lambda: any(one["call"] == "end" for one in self.stops()))

    def stops(self) -> list[dict[str, object]]:
        """Every stop so far."""
        lines = (self.notes / "calls").read_text().split("\n")[:-1]
        return [json.loads(line) for line in lines]

    def _tell(self, number: signal.Signals, so: Callable[[], bool]) -> None:
        os.kill(self.gateway.process.pid, number)
        until = time.monotonic() + 20
        while not so():
            assert time.monotonic() < until
            time.sleep(0.01)

    def images(self, stride: int = 1) -> Iterator[Image]:
        """Every home that a kill or a power cut may leave, each once: of each file what is there, or what was waited for.
        With a *stride*, of many calls alike in a row only some.
        """
        answers, seen, last = 0, set(), ("", "")
        for number, stop in enumerate(self.stops()):
            answers += stop["call"] == "answer"
            last, alike = (str(stop["call"]), str(stop["path"])), last == (stop["call"], stop["path"])
            if alike and number % stride:
                continue
            now, synced = stop["now"], stop["synced"]
            assert isinstance(now, dict)
            assert isinstance(synced, dict)
            choices = [sorted({held for held in (now.get(name), synced.get(name)) if held}) for name in WATCHED]
            for held in itertools.product(*choices):
                image = Image(
                    tuple(zip(WATCHED, held, strict=True)), answers, f"{stop['n']} {stop['call']} {stop['path']}"
                )
                if (image.files, answers) not in seen:
                    seen.add((image.files, answers))
                    yield image

    def laid_out(self, image: Image, to: Path) -> Path:
        """A home as the image has it; all else is as it is in the gateway's."""
        if to.exists():
            shutil.rmtree(to)
        shutil.copytree(self.gateway.home, to, ignore=lambda _, names: {"run", "ring"}.intersection(names) | {
            name for name in names if name.startswith("chatwarden.db")
        })  # fmt: skip
        for name, held in image.files:
            shutil.copy(self.notes / "objects" / held, to / name)
        (to / "keys" / "ring").chmod(0o600)
        return to


@contextmanager
def traced(home: Path, toml: str = "", kill_at: int = 0) -> Iterator[Traced]:
    """A gateway that can be stopped at its calls, or is killed at one of them."""
    notes = home.parent / f"{home.name}.notes"
    notes.mkdir()
    under = [sys.executable, "-P", "-m", MODULE, str(home.resolve()), str(notes), str(kill_at)]
    with running(
        home.resolve(), toml, env={"PYTHONPATH": f"{os.environ.get('PYTHONPATH', '')}:{ROOT}"}, under=under
    ) as gateway:
        yield Traced(gateway, notes)
