"""What must be written down is written down, and is what the gateway does: pages beside the code that they speak of."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from chatwarden.challenge import Means
from chatwarden.config.parse import parse
from chatwarden.config.values import shown_duration
from chatwarden.errors import InvalidRequest
from chatwarden.identity import factors, service
from chatwarden.identity.blocklist import refused
from chatwarden.identity.model import PASSWORD_MAX
from chatwarden.identity.policy import PasswordPolicy
from chatwarden.principal import Role
from chatwarden.web import openapi
from chatwarden.web.reference import page
from chatwarden.web.routes import Access
from chatwarden.web.site import ROUTES
from chatwarden.web.views import SessionStarted

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "who-comes-in.md").read_text()
SOURCE = sorted((ROOT / "src" / "chatwarden").rglob("*.py"))


@pytest.mark.asvs("6.1.1")
def test_the_limits_of_guessing_are_those_that_are_written() -> None:
    assert f"After {service.FAILURES_MAX} wrong passwords" in PAGE
    assert service.KNOWN_FOR == 90 * 86_400_000_000
    assert f"After {factors.FAILURES_MAX} in a row" in PAGE
    for name in ("limits.login_failures", "limits.logins"):
        assert name in PAGE
        assert f"`{name}`" in (ROOT / "docs" / "settings.md").read_text()


@pytest.mark.asvs("6.1.2")
@pytest.mark.parametrize(
    "name", ["chatwardenchatwarden", "examplebank-example", "helpdesk helpdesk", "annika.schmidt-annika"]
)
def test_the_names_that_are_written_as_refused_are_refused(name: str) -> None:
    assert "names of the product, of the host in `server.public_url`, of bots and of the\nperson" in PAGE
    config = parse('[server]\npublic_url = "https://chat.examplebank.example"\n')
    with pytest.raises(InvalidRequest):
        PasswordPolicy(config, ROOT).check(name, Role.CUSTOMER, "annika.schmidt")


@pytest.mark.asvs("6.1.3", "6.3.4")
def test_every_route_that_gives_a_session_is_written_down() -> None:
    giving = {r.path for r in ROUTES if any(kind is SessionStarted for _, kind in r.responses)}
    giving |= {
        r.path for r in ROUTES if r.path.startswith(("/oauth/token", "/login/{company}")) and "{company}/" not in r.path
    }
    assert giving == {"/api/v1/session", "/api/v1/challenges/{id}/answer", "/oauth/token", "/login/{company}"}
    assert [path for path in giving if path not in PAGE] == []
    # A new credential is given out nowhere else: whoever adds a route that does must write it down.
    assert {r.path for r in ROUTES if r.access is Access.ANYBODY and r.method == "POST"} <= {
        "/api/v1/session", "/api/v1/session/passkey", "/api/v1/enrolments", "/login/{company}/backchannel-logout",
        "/oauth/token", "/oauth/introspect", "/oauth/revoke",
    }  # fmt: skip


@pytest.mark.asvs("6.2.4")
def test_the_most_common_passwords_are_refused() -> None:
    listed = (ROOT / "src/chatwarden/identity/common_passwords.txt").read_text().splitlines()
    common = [line for line in listed if line and not line.startswith("#!")]
    assert len(common) == 30_000
    assert [one for one in common[:3_000] if not refused(one, ())] == []
    assert [one for one in common if len(one) >= 12 and not refused(one.upper(), ())] == []


@pytest.mark.asvs("6.3.6", "6.4.2")
def test_there_are_no_hints_and_no_secret_questions() -> None:
    words = re.findall(r'"(\w+)":', str(openapi.document(ROUTES)).replace("'", '"'))
    words = [word for word in words if word != "token_type_hint"]  # RFC 7009, and no hint to a person
    assert [word for word in words if re.search(r"hint|secret_question|security_question|maiden", word)] == []
    assert {kind.value for kind in Means} == {"passkey", "totp", "password", "recovery"}


@pytest.mark.asvs("6.5.3")
def test_all_randomness_comes_from_the_system() -> None:
    imported = {
        name.split(".")[0]
        for path in SOURCE
        for node in ast.walk(ast.parse(path.read_text()))
        for name in (
            [alias.name for alias in node.names] if isinstance(node, ast.Import)
            else [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        )
    }  # fmt: skip
    assert not imported & {"random", "numpy"}
    assert any("os.urandom" in path.read_text() for path in SOURCE)


@pytest.mark.asvs("7.1.1")
@pytest.mark.parametrize(
    ("profile", "role", "row"),
    [
        ("general", Role.CUSTOMER, "`general`, visitors and customers"),
        ("general", Role.VISITOR, "`general`, visitors and customers"),
        ("bank", Role.CUSTOMER, "`bank`, customers"),
        ("general", Role.AGENT, "agents, trainers"),
        ("general", Role.AUDITOR, "administrators, auditors"),
    ],
)
def test_the_limits_of_sessions_are_those_that_are_written(profile: str, role: Role, row: str) -> None:
    policy = parse(f'[session]\nprofile = "{profile}"\n').session.roles[role]
    idle, absolute = (shown_duration(value).strip('"') for value in (policy.idle, policy.absolute))
    absolute = absolute if profile == "general" else "60m"
    assert f"| {row} | {idle} | {absolute} |" in PAGE


@pytest.mark.asvs("8.1.1", "8.1.2", "8.1.3", "8.1.4")
def test_the_page_of_who_may_do_what_is_made_from_the_routes() -> None:
    assert (ROOT / "docs" / "roles.md").read_text() == page()


def test_the_longest_password_is_as_written() -> None:
    assert f"up to {PASSWORD_MAX}" in PAGE
