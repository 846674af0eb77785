"""Which sessions a logout means."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from chatwarden.identity.company.model import Arrived, LoggedOut
from chatwarden.identity.company.store import CompanySessions
from chatwarden.identity.model import User
from chatwarden.principal import Role
from chatwarden.storage.model import Database, Stale

ACME, RIVAL = "https://login.acme.example", "https://login.rival.example"
ANNA = User("usr_1", "acme+anna", Role.CUSTOMER, enabled=True, password=None)


@dataclass
class Living:
    id: str
    absolute_deadline: int = 1_000


def came(issuer: str, subject: str, sid: str) -> Arrived:
    return Arrived(ANNA, (), ("company",), "acme", issuer, subject, sid, 0)


def out(issuer: str = ACME, subject: str = "", sid: str = "") -> LoggedOut:
    return LoggedOut("acme", issuer, subject, sid)


@pytest.fixture
async def sessions(database: Database) -> CompanySessions:
    made = CompanySessions(database)
    for name, arrived in {
        "one": came(ACME, "anna", "phone"),
        "two": came(ACME, "anna", "desk"),
        "three": came(ACME, "bert", "desk-of-bert"),
        "four": came(RIVAL, "anna", "phone"),
        "five": came(ACME, "anna", ""),
    }.items():
        await database.commit(made.bind(arrived, Living(name)))
    return made


@pytest.mark.parametrize(
    ("who", "found"),
    [
        (out(subject="anna"), {"one", "two", "five"}),
        (out(sid="phone"), {"one"}),
        (out(subject="anna", sid="desk"), {"two"}),
        (out(subject="bert", sid="desk"), set()),
        (out(RIVAL, subject="anna"), {"four"}),
        (out(subject="nobody"), set()),
        (out("https://login.acme.example/", subject="anna"), set()),
    ],
)
async def test_a_logout_means_a_person_or_a_session_of_one_issuer(
    sessions: CompanySessions, who: LoggedOut, found: set[str]
) -> None:
    assert set(await sessions.of(who)) == found


async def test_a_session_that_takes_over_is_found_too(sessions: CompanySessions, database: Database) -> None:
    await database.commit(sessions.follow("one", Living("six")))
    await database.commit(sessions.follow("never-a-company's", Living("seven")))
    assert set(await sessions.of(out(sid="phone"))) == {"one", "six"}


async def test_a_session_came_from_one_login(sessions: CompanySessions, database: Database) -> None:
    with pytest.raises(Stale):
        await database.commit(sessions.bind(came(RIVAL, "anna", "x"), Living("one")))


async def test_what_is_over_is_forgotten(sessions: CompanySessions, database: Database) -> None:
    await database.commit(sessions.bind(came(ACME, "anna", "long"), Living("late", 2_000)))
    await sessions.forget(1_000)
    assert await sessions.of(out(subject="anna")) == ["late"]
