"""The container recipe and the compose file: not root, nothing writable, packages by hash; and the health check asks."""

from __future__ import annotations

import fnmatch
import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.world.gateway import Gateway

from chatwarden.cli import commands
from chatwarden.cli.main import parser
from chatwarden.clock import SECOND
from chatwarden.config.model import Config
from chatwarden.config.parse import parse

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy" / "container"
HEALTH = FOLDER / "health.py"
USER = "10001:10001"
Instruction = tuple[str, str]


def instructions() -> list[Instruction]:
    """What the recipe does, in order, with continued lines joined."""
    text = re.sub(r"^\s*#.*\n", "", (FOLDER / "Containerfile").read_text(), flags=re.MULTILINE)
    lines = text.replace("\\\n", " ").splitlines()
    return [(line.split(None, 1)[0], line.split(None, 1)[1]) for line in lines if line.strip()]


def last_stage() -> list[Instruction]:
    found = instructions()
    return found[max(number for number, (word, _) in enumerate(found) if word == "FROM") :]


def only(name: str) -> str:
    """The one instruction of that name in the last stage."""
    (value,) = [value for word, value in last_stage() if word == name]
    return value


def service() -> Any:
    (one,) = yaml.safe_load((FOLDER / "compose.yaml").read_text())["services"].values()
    return one


def test_the_base_is_an_argument_and_no_registry_is_named() -> None:
    assert [value for word, value in instructions() if word == "FROM"] == ["${BASE} AS build", "${BASE}"]
    (base,) = [value for word, value in instructions() if word == "ARG" and value.startswith("BASE=")]
    assert "/" not in base
    assert not base.endswith(":latest")
    for name in ("Containerfile", "compose.yaml", "chatwarden.toml"):
        assert set(re.findall(r"https?://([^/\s\"]+)", (FOLDER / name).read_text())) <= {
            "127.0.0.1:8443",
            "bot.example.org",
        }


def test_packages_are_installed_by_hash_in_a_stage_of_their_own() -> None:
    (install,) = [value for word, value in instructions() if word == "RUN" and "pip install" in value]
    assert {"--require-hashes", "--only-binary"} <= set(install.split())
    assert not [value for word, value in last_stage() if word in {"RUN", "ADD"}], "the image only takes over"


def test_it_is_never_root() -> None:
    assert only("USER") == USER == service()["user"]
    owned = [value for word, value in last_stage() if word == "COPY" and "--chown" in value]
    assert owned == [f"--from=build --chown={USER} /opt/chatwarden/home {only('VOLUME')}"]


def test_what_it_starts_is_a_command_of_ours() -> None:
    assert json.loads(only("ENTRYPOINT")) == ["chatwarden"]
    for words in (json.loads(only("CMD")), service()["command"]):
        options = parser().parse_args(words)
        assert options.run is commands.up
        assert options.host == "0.0.0.0"
    assert only("EXPOSE") == str(Config().server.port)
    assert f"CHATWARDEN_HOME={only('VOLUME')}" in only("ENV").split()
    assert shlex.quote("exec /opt/chatwarden/venv/bin/python -P -m chatwarden")[1:-1] in " ".join(
        value for word, value in instructions() if word == "RUN"
    )


def test_only_what_it_needs_goes_into_the_build() -> None:
    ignored = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and line[0] != "#"]
    assert ignored[0] == "*"
    allowed = {line[1:] for line in ignored if line.startswith("!")}
    copied = {
        source
        for word, value in instructions()
        if word == "COPY" and "--from" not in value
        for source in value.split()[:-1]
    }
    assert {name for name in allowed if any(fnmatch.fnmatch(name, source.rstrip("/")) for source in copied)} == allowed
    assert all((ROOT / name).exists() for name in allowed - {"wheels"})


def test_the_composed_service_can_write_nothing_but_its_home() -> None:
    one = service()
    assert one["read_only"] is True
    assert one["cap_drop"] == ["ALL"]
    assert "cap_add" not in one
    assert "privileged" not in one
    assert one["security_opt"] == ["no-new-privileges:true"]
    home, config = one["volumes"]
    assert home == f"home:{only('VOLUME')}"
    assert config["read_only"] is True
    assert (FOLDER / config["source"]).is_file()
    assert config["target"] == one["command"][-1]
    assert all("noexec" in mount and "size=" in mount for mount in one["tmpfs"])
    assert all(port.startswith("127.0.0.1:") for port in one["ports"])
    assert one["pids_limit"]
    assert one["mem_limit"]
    assert one["ulimits"]["core"] == 0
    assert float(one["stop_grace_period"].removesuffix("s")) > Config().server.drain / SECOND


def test_both_ask_for_the_health_alike() -> None:
    check = only("HEALTHCHECK")
    options, _, command = check.partition("CMD ")
    assert ["CMD", *json.loads(command)] == service()["healthcheck"]["test"]
    assert json.loads(command)[-1] == f"/opt/chatwarden/{HEALTH.name}"
    told = {name.replace("-", "_"): value for name, value in re.findall(r"--([a-z-]+)=(\S+)", options)}
    shown = {name: str(value) for name, value in service()["healthcheck"].items() if name != "test"}
    assert told == shown


def test_the_configuration_of_the_container_is_sound() -> None:
    config = parse((FOLDER / "chatwarden.toml").read_text())
    assert config.server.public_url
    assert not config.server.lab


def health(address: str) -> int:
    return subprocess.run([sys.executable, "-I", str(HEALTH), address], check=False, timeout=30).returncode


def test_a_gateway_that_takes_messages_is_healthy(gateway: Gateway) -> None:
    assert health(f"{gateway.host}:{gateway.port}") == 0


@pytest.mark.parametrize("address", ["127.0.0.1:9", "not-a-host.invalid:8443"])
def test_where_no_gateway_answers_nobody_is_healthy(address: str) -> None:
    assert health(address) == 1
