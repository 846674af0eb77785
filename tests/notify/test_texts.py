"""What is said: everything that is needed, and nothing that is somebody's own."""

import re
import shlex
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwarden.cli.main import parser
from chatwarden.clock import SECOND
from chatwarden.notify.model import NOBODY, Account, NotSent, Receiver
from chatwarden.notify.texts import REASONS, TELLINGS, shown, words
from chatwarden.principal import Role

SOURCE = Path(__file__).parents[2] / "src" / "chatwarden"
AT = 1_800_000_000 * SECOND
BEA = Account("bea", Role.AGENT)


def test_everything_that_is_told_anywhere_has_its_text() -> None:
    told = {
        event
        for path in SOURCE.rglob("*.py")
        for event in re.findall(r"\btell\(\s*tx, \"([a-z-]+)\"", path.read_text())
    }
    assert {"password-changed", "enrolment-issued", "many-wrong-attempts", "contact-changed"} <= told
    assert told <= set(TELLINGS)


def test_every_reason_has_its_text() -> None:
    given = {
        reason
        for path in (SOURCE / "notify").glob("*.py")
        for reason in re.findall(r"NotSent\(\s*\"([a-z-]+)\"", path.read_text())
    }
    assert given | {"certificate"} == set(REASONS)
    assert str(NotSent("login", "535")) == "login 535"


@pytest.mark.parametrize("event", TELLINGS)
@pytest.mark.parametrize("receiver", [Receiver.PERSON, Receiver.ADMINISTRATORS])
def test_a_text_says_what_when_to_whom_and_what_to_do(event: str, receiver: Receiver) -> None:
    subject, text = words(event, receiver, BEA, AT, "chat.example.org")
    telling = TELLINGS[event]
    flat = " ".join(text.split())
    assert telling.happened in flat
    assert "2027-01-15 08:00:00 UTC" in text
    assert "chat.example.org" in text
    assert re.search(r"account +bea", text)
    assert (telling.person if receiver is Receiver.PERSON else telling.staff.replace("NAME", "bea")) in flat
    assert "://" not in text
    assert all(line.isascii() and len(line) < 78 for line in (subject, *text.splitlines()))
    assert ("(agent)" in text) is (receiver is Receiver.ADMINISTRATORS)


def test_who_tells_a_person_something_tells_them_what_to_do() -> None:
    told = [event for event, telling in TELLINGS.items() if telling.person]
    of_nobody = {
        "hostile-token", "bot-copied", "bot-unused", "bot-expiring", "credential-misplaced", "credential-echoed",
        "lease-not-revoked", "audit-damaged", "witness-refused", "test",
    }  # fmt: skip
    assert set(TELLINGS) - set(told) == of_nobody
    assert all(telling.staff for telling in TELLINGS.values())


@pytest.mark.parametrize("event", TELLINGS)
def test_every_command_that_is_named_is_one(event: str) -> None:
    for line in re.findall(r"chatwarden ([a-z][^.]*)$", TELLINGS[event].staff.rstrip(".")):
        assert callable(parser().parse_args(shlex.split(line)).run)


def test_commands_are_named() -> None:
    assert sum("chatwarden " in telling.staff for telling in TELLINGS.values()) > 3


def test_what_is_about_nobody_names_nobody() -> None:
    _, text = words("hostile-token", Receiver.ADMINISTRATORS, NOBODY, AT, "chat.example.org")
    assert "account  " not in text


@given(st.text())
def test_a_name_stays_on_its_line(name: str) -> None:
    _, plain = words("password-changed", Receiver.ADMINISTRATORS, BEA, AT, "chat.example.org")
    _, text = words(
        "password-changed", Receiver.ADMINISTRATORS, Account(name or "x", Role.AGENT), AT, "chat.example.org"
    )
    assert len(re.findall(r"account  ", text)) == len(re.findall(r"account  ", plain)) == 1
    assert text.split("\n\n")[1].count("\n") == 2


@pytest.mark.parametrize("wrong", ["", "a\nb", "a\r\nBcc: eve@example.org", "a\u2028b", "a\u202eb", "a" * 129])
def test_a_name_that_could_pretend_something_is_not_shown(wrong: str) -> None:
    assert shown(wrong) == "(a name that cannot be shown)"
    assert shown("ada@example.org") == "ada@example.org"
