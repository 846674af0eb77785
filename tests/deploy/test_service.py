"""The unit for systemd: what it starts exists, what it promises fits the code, and systemd itself finds it tight."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from chatwarden import run
from chatwarden.cli import commands, main
from chatwarden.clock import SECOND
from chatwarden.config.home import Home
from chatwarden.config.model import Config
from chatwarden.ephemeral import keeper

ROOT = Path(__file__).parents[2]
UNIT = ROOT / "deploy" / "systemd" / "chatwarden.service"
KEEPER = UNIT.with_name("chatwarden-keeper.service")
BROKER = UNIT.with_name("chatwarden-broker.service")
GUIDE = ROOT / "docs" / "as-a-service.md"
EXPOSURE_MAX = 15  # tenths, in systemd-analyze's own weights: 0 is shut in, 100 is free


def settings(unit: Path = UNIT) -> dict[str, str]:
    """The settings of the unit; one that stands twice keeps both, in lines."""
    found: dict[str, str] = {}
    for line in unit.read_text().splitlines():
        if line and line[0] not in "#[":
            name, _, value = line.partition("=")
            found[name] = f"{found[name]}\n{value}" if name in found else value
    return found


def seconds(text: str) -> float:
    """systemd.time(7), as far as the unit goes."""
    number, unit = re.fullmatch(r"([0-9]+)(s|min)", text).groups()  # type: ignore[union-attr]
    return float(number) * {"s": 1, "min": 60}[unit]


def analyze(*args: str) -> str:
    done = subprocess.run(["systemd-analyze", *args], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.mark.parametrize("unit", [UNIT, KEEPER, BROKER], ids=lambda path: path.stem)
def test_systemd_understands_every_line(tmp_path: Path, unit: Path) -> None:
    copy = tmp_path / unit.name
    # The program must exist where systemd looks; the rest stays as it is.
    copy.write_text(unit.read_text().replace("/opt/chatwarden/.venv-run/bin/python", sys.executable))
    said = analyze("verify", str(copy))
    assert not re.search(r"unknown|ignoring|failed to parse|deprecated", said, re.IGNORECASE), said


@pytest.mark.parametrize("unit", [UNIT, KEEPER, BROKER], ids=lambda path: path.stem)
def test_the_service_is_shut_in(unit: Path) -> None:
    analyze("security", "--offline=true", f"--threshold={EXPOSURE_MAX}", str(unit))


def test_the_keeper_outlives_the_gateway_and_serves_the_same_home() -> None:
    python, *flags, module, name, folder, idle = shlex.split(settings(KEEPER)["ExecStart"])
    assert (python, flags, module, name) == (shlex.split(settings()["ExecStart"])[0], ["-I"], "-m", keeper.__name__)
    assert folder == str(Home(Path(f"/var/lib/{settings()['StateDirectory']}")).run)
    assert float(idle) == 0
    assert KEEPER.name in settings()["Wants"]
    assert settings(KEEPER)["User"] == settings()["User"]
    room = keeper._REGION * keeper._REGIONS_MAX >> 20
    assert int(settings(KEEPER)["LimitMEMLOCK"].removesuffix("M")) > room


def test_the_broker_is_another_user_that_listens_to_the_gateways_only() -> None:
    python, *flags, module, name, folder, path, option, user, idle, never = shlex.split(settings(BROKER)["ExecStart"])
    assert (python, flags, module, name) == (
        shlex.split(settings()["ExecStart"])[0], ["-I"], "-m", "chatwarden.broker.process"
    )  # fmt: skip
    assert (option, user, idle, never) == ("--gateway", settings()["User"], "--idle", "0")
    assert settings(BROKER)["User"] != settings()["User"]
    assert folder == f"/var/lib/{settings(BROKER)['StateDirectory']}"
    assert path == f"/run/{settings(BROKER)['RuntimeDirectory']}/broker.sock"
    # A user namespace would hide from each who the other is.
    assert "PrivateUsers" not in settings(BROKER)
    guide = GUIDE.read_text()
    assert f'socket = "{path}"' in guide
    assert f'user = "{settings(BROKER)["User"]}"' in guide
    assert "PrivateUsers=no" in guide


def test_what_it_starts_is_a_command_of_ours() -> None:
    python, *flags, module, name, command = shlex.split(settings()["ExecStart"])
    assert (python, flags, module, name) == ("/opt/chatwarden/.venv-run/bin/python", ["-P"], "-m", "chatwarden")
    assert main.parser().parse_args([command]).run is commands.up
    assert settings()["ExecReload"].split()[1:] == ["-HUP", "$MAINPID"]
    assert settings()["Environment"] == f"CHATWARDEN_HOME=/var/lib/{settings()['StateDirectory']}"
    assert settings()["RestartPreventExitStatus"] == str(main.WRONG_USE)


def test_its_patience_fits_the_gateway() -> None:
    assert seconds(settings()["TimeoutStopSec"]) > Config().server.drain / SECOND
    assert seconds(settings()["WatchdogSec"]) > 3 * run._KEEP_ALIVE


def test_it_may_open_as_many_connections_as_the_gateway_allows() -> None:
    assert int(settings()["LimitNOFILE"]) > 4 * int(Config().limits.connections)


def test_the_guide_installs_what_the_unit_expects() -> None:
    text = GUIDE.read_text()
    for word in ("/opt/chatwarden", "/var/lib/chatwarden", "--system", "deploy/systemd/chatwarden.service"):
        assert word in text
    assert settings()["User"] == settings()["Group"] == "chatwarden"
