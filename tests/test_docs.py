"""The documentation is held to the code: settings, commands, problems."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import pytest

from chatwarden import errors
from chatwarden.cli.main import parser
from chatwarden.config.reference import page

DOCS = Path(__file__).parents[1] / "docs"


def commands(of: argparse.ArgumentParser, words: tuple[str, ...] = ()) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """Every command with its own parser."""
    groups = [action for action in of._actions if isinstance(action, argparse._SubParsersAction)]
    if not groups:
        yield " ".join(words), of
    for group in groups:
        for name, child in group.choices.items():
            yield from commands(child, (*words, name))


def problems(kind: type[errors.Problem]) -> Iterator[type[errors.Problem]]:
    """Every problem type."""
    for child in kind.__subclasses__():
        yield child
        yield from problems(child)


def test_the_page_of_settings_is_what_the_table_of_settings_makes() -> None:
    assert (DOCS / "settings.md").read_text() == page(), "python -m chatwarden.config.reference > docs/settings.md"


@pytest.mark.parametrize(("name", "command"), list(commands(parser())), ids=lambda value: str(value)[:30])
def test_every_command_and_option_is_documented(name: str, command: argparse.ArgumentParser) -> None:
    text = (DOCS / "commands.md").read_text()
    assert f"chatwarden {name}" in text
    options = {option for action in command._actions for option in action.option_strings if option.startswith("--")}
    assert [option for option in sorted(options) if option not in text] == []


@pytest.mark.parametrize("problem", [errors.Problem, *problems(errors.Problem)], ids=lambda problem: problem.name)
def test_every_problem_type_is_documented(problem: type[errors.Problem]) -> None:
    text = (DOCS / "problems.md").read_text()
    assert f"`{problem.name}`" in text
    assert str(problem.status) in text
