"""``python -m tests.mutations.run`` switches each control of controls.toml off, one at a time, in a copy of the tree, and
shows that the test that is named for it fails then: a test that cannot fail holds nothing. It prints a table, and exits 1
when a test passes without its control or fails with it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
_COPIED = ("src", "tests", "docs", "bench", "examples", "scripts", "requirements", "pyproject.toml")
_PASSED, _FAILED = 0, 1  # pytest's exit codes: anything else is no answer
_SECONDS = 300


@dataclass(frozen=True)
class Control:
    """One control, and how it is switched off."""

    name: str
    rows: tuple[str, ...]
    file: str
    find: str
    replace: str
    test: str

    @property
    def places(self) -> int:
        """How often ``find`` stands in the source."""
        return (ROOT / self.file).read_text().count(self.find)


def controls() -> list[Control]:
    """The list."""
    listed = tomllib.loads((Path(__file__).parent / "controls.toml").read_text())["control"]
    return [Control(**{**one, "rows": tuple(one["rows"])}) for one in listed]


@dataclass(frozen=True)
class Outcome:
    """What pytest said."""

    code: int
    text: str

    @property
    def passed(self) -> bool:
        """Every test ran and passed."""
        return self.code == _PASSED

    def failed(self, test: str) -> bool:
        """*test* ran and failed; what could not be collected, or broke in its fixtures, shows nothing."""
        return self.code == _FAILED and f"\nFAILED {test}" in self.text


class Copy:
    """A copy of the tree in which controls can be switched off."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in _COPIED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, folder / name)

    def run(self, *tests: str) -> Outcome:
        """Runs *tests* here."""
        # Gateways that the tests start must be of this copy too, and no bytecode may outlive a change.
        env = {**os.environ, "PYTHONPATH": f"{self.folder / 'src'}:{self.folder}", "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run(
            [sys.executable, "-P", "-m", "pytest", "-x", "-p", "no:cacheprovider", "-p", "no:xdist", *tests],
            cwd=self.folder, env=env, capture_output=True, text=True, timeout=_SECONDS, check=False,
        )  # fmt: skip
        return Outcome(done.returncode, done.stdout.strip() or done.stderr.strip())

    def without(self, control: Control) -> Outcome:
        """Runs the test of *control* with it switched off."""
        path = self.folder / control.file
        before = path.read_text()
        if before.count(control.find) != 1:
            raise ValueError(f"{control.name}: its place is not there exactly once in {control.file}")
        path.write_text(before.replace(control.find, control.replace))
        try:
            return self.run(control.test)
        finally:
            path.write_text(before)


@contextmanager
def copied() -> Iterator[Copy]:
    """A copy that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="chatwarden-mutations-") as folder:
        yield Copy(Path(folder))


def main() -> int:
    """Runs all of them, or those of files in whose path one of the arguments occurs."""
    wanted = sys.argv[1:]
    listed = [one for one in controls() if not wanted or any(part in one.file for part in wanted)]
    print("| control | test without it | with it |\n| --- | --- | --- |")  # noqa: T201
    holds = True
    with copied() as copy:
        for control in listed:
            off, on = copy.without(control), copy.run(control.test)
            fails, passes = off.failed(control.test), on.passed
            holds = holds and fails and passes
            shown = "fails" if fails else "DOES NOT FAIL", "passes" if passes else "DOES NOT PASS"
            print(f"| {control.name} | {' | '.join(shown)} |", flush=True)  # noqa: T201
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
