"""From a folder of wheels to a running gateway, on a machine that reaches no package index."""

from __future__ import annotations

import os
import shutil
import ssl
import subprocess
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# What pip might find packages by: an index that refuses connections, and nothing else.
CUT_OFF = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_CONFIG_FILE": os.devnull, "PIP_RETRIES": "0"}


def cut_off(**more: str) -> dict[str, str]:
    """The environment of a machine without a network."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PIP_")} | CUT_OFF | more


def run(
    command: list[str | Path], env: dict[str, str] | None = None, cwd: Path = ROOT
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, env=env, cwd=cwd, capture_output=True, text=True, check=False, timeout=600)


@pytest.fixture
def trap(tmp_path: Path) -> Path:
    """A folder whose modules somebody would like to see loaded."""
    folder = tmp_path / "trap"
    folder.mkdir()
    for name in ("argparse", "compileall", "ensurepip", "pip", "ssl", "sysconfig", "venv"):
        (folder / f"{name}.py").write_text("raise SystemExit('caught')\n")
    return folder


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone without any environment, in a folder with a blank in its name."""
    made = tmp_path_factory.mktemp("a clone") / "chatwarden"
    for name in ("scripts", "requirements", "src"):
        shutil.copytree(ROOT / name, made / name, ignore=shutil.ignore_patterns("__pycache__"))
    return made


@pytest.fixture(scope="module")
def wheels(clone: Path) -> Path:
    """What scripts/wheels collects, where an index can be reached."""
    folder = clone.parent / "the wheels"
    done = run([clone / "scripts" / "wheels", folder])
    assert done.returncode == 0, done.stderr
    assert f"{len(list(folder.glob('*.whl')))} wheels in {folder}" in done.stderr
    return folder


def test_without_wheels_and_without_an_index_it_says_what_is_missing(clone: Path) -> None:
    done = run([clone / "scripts" / "up"], cut_off())
    assert done.returncode == 3
    assert done.stdout == ""
    assert done.stderr.endswith(
        "error: the packages in requirements/runtime.txt could not be installed\n"
        "hint: this machine must reach a package index, or have the wheels: docs/quickstart.md, offline install\n"
    )
    assert not (clone / ".venv-run").exists()


def test_a_folder_that_is_not_there_is_told(clone: Path) -> None:
    done = run([clone / "scripts" / "chatwarden", "--version"], cut_off(CHATWARDEN_WHEELS=str(clone / "nowhere")))
    assert done.returncode == 3
    assert "error: CHATWARDEN_WHEELS names no folder" in done.stderr
    assert not (clone / ".venv-run").exists()


@pytest.mark.parametrize("arguments", [[], ["--help"], ["one", "two"]])
def test_wheels_wants_one_folder(arguments: list[str]) -> None:
    done = run([ROOT / "scripts" / "wheels", *arguments])
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("usage: scripts/wheels FOLDER\nhint: ")


@pytest.mark.slow
def test_a_wheel_that_was_changed_on_the_way_is_not_installed(clone: Path, wheels: Path, tmp_path: Path) -> None:
    changed = shutil.copytree(wheels, tmp_path / "changed")
    victim = next(changed.glob("starlette-*.whl"))
    with victim.open("ab") as file:
        file.write(b"\0")
    done = run([clone / "scripts" / "chatwarden", "--version"], cut_off(CHATWARDEN_WHEELS=str(changed)))
    assert done.returncode == 3
    assert "DO NOT MATCH THE HASHES" in done.stderr
    assert f"could not be installed from {changed}" in done.stderr
    assert not (clone / ".venv-run").exists()


@pytest.mark.slow
def test_a_machine_without_a_network_comes_to_a_running_gateway(
    clone: Path, wheels: Path, tmp_path: Path, trap: Path
) -> None:
    home, config = tmp_path / "home", tmp_path / "c.toml"
    config.write_text('[server]\nport = 0\n[metrics]\nlisten = "off"\n')
    process = subprocess.Popen(
        [clone / "scripts" / "up", "--home", home, "--config", config],
        env=cut_off(CHATWARDEN_WHEELS=str(wheels)), cwd=trap, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    line = process.stdout.readline()
    try:
        assert line.startswith("ready https://127.0.0.1:"), process.stderr and process.stderr.read()
        trust = ssl.create_default_context(cafile=str(home / "tls" / "ca.pem"))
        with urllib.request.urlopen(line.split()[1] + "/readyz", context=trust) as answer:
            assert answer.status == 200
    finally:
        process.terminate()
        process.communicate(timeout=60)
    # Compiled beforehand: who runs the gateway may not be able to write here.
    assert list((clone / "src" / "chatwarden" / "storage" / "__pycache__").glob("postgresql.*.pyc"))
    # What was prepared is used again, without wheels.
    again = run([clone / "scripts" / "chatwarden", "--version"], cut_off(), cwd=trap)
    assert (again.returncode, again.stderr) == (0, "")
