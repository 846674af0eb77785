"""What the documentation shows is what works: configuration parses, commands are understood, the README's curl runs."""

from __future__ import annotations

import re
import shlex
import subprocess
from itertools import takewhile
from pathlib import Path

import pytest

from chatwarden.cli.main import parser
from chatwarden.config.parse import parse
from tests.world.gateway import Gateway

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_COMMAND = re.compile(r"(?:\$ |\| |\$\(|^)(?:scripts/)?chatwarden ([a-z][^|)\n#]*)", re.MULTILINE)
_BOT = re.compile(r"\[+bots\.([a-z]+)")


def blocks(*kinds: str) -> list[tuple[str, str]]:
    """``(page and line, text)`` of every block of these kinds."""
    return [
        (f"{page.name}:{text.count(chr(10), 0, match.start()) + 1}", match[2])
        for page in PAGES
        for text in [page.read_text()]
        for match in _BLOCK.finditer(text)
        if match[1] in kinds
    ]


def complete(toml: str) -> str:
    """A part that shows rules of a bot, as it stands in a file that says what the bot is."""
    for name in dict.fromkeys(_BOT.findall(toml)):
        if f"[bots.{name}]" not in toml:
            toml = f'[bots.{name}]\nconnector = "builtin"\n{toml}'
        elif not re.search(rf"\[bots\.{name}\][^\[]*connector", toml):
            toml = toml.replace(f"[bots.{name}]", f'[bots.{name}]\nconnector = "builtin"')
    return toml


@pytest.mark.parametrize("toml", [pytest.param(text, id=place) for place, text in blocks("toml")])
def test_every_configuration_that_is_shown_is_sound(toml: str) -> None:
    parse(complete(toml))


def shown() -> list[tuple[str, str]]:
    return [(place, line) for place, text in blocks("sh", "console") for line in _COMMAND.findall(text)]


@pytest.mark.parametrize("line", [pytest.param(line, id=f"{place} {line}"[:60]) for place, line in shown()])
def test_every_command_that_is_shown_is_understood(line: str) -> None:
    words = [word.strip("…") for word in takewhile(lambda word: word != ">", shlex.split(line))]
    assert callable(parser().parse_args(words).run)


def test_commands_are_shown() -> None:
    assert len(shown()) > 6


def test_the_commands_of_the_readme_run_as_they_stand(gateway: Gateway) -> None:
    (script,) = [text for _, text in blocks("sh") if "GATEWAY=" in text]
    script = script.replace("https://127.0.0.1:8443", gateway.url).replace("var/tls", str(gateway.home / "tls"))
    done = subprocess.run(["sh", "-eu", "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert '"class": "payment-card"' in done.stdout
    assert "4111 1111 1111 1111" not in done.stdout
