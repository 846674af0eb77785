"""What a command loads: the line of commands answers quickly because the house is loaded only by who lives in it."""

import json
import subprocess
import sys

import pytest

# Each takes longer to load than the interpreter takes to start.
HEAVY = {
    "asyncio",
    "starlette",
    "uvicorn",
    "uvloop",
    "prometheus_client",
    "asyncpg",
    "re2",
    "phonenumbers",
    "cryptography.x509",
}
SHOW = "import json, sys\n{code}\nprint(json.dumps(sorted(sys.modules)))"


def loaded(code: str) -> set[str]:
    shown = subprocess.run([sys.executable, "-c", SHOW.format(code=code)], capture_output=True, text=True, check=True)
    return set(json.loads(shown.stdout.splitlines()[-1]))


@pytest.mark.parametrize(
    "code",
    [
        "import chatwarden.cli.main",
        "from chatwarden.cli.main import parser; parser().format_help()",
        "from chatwarden.cli.commands import control",
    ],
)
def test_a_command_that_asks_a_running_gateway_loads_nothing_heavy(code: str) -> None:
    assert loaded(code) & HEAVY == set()


def test_the_gateway_on_sqlite_does_not_load_the_client_of_postgresql() -> None:
    modules = loaded("import chatwarden.run")
    assert {"uvicorn", "re2"} <= modules
    assert "asyncpg" not in modules
