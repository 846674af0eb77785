"""What a new password must be, by role and profile."""

from pathlib import Path

import pytest

from chatwarden.config.parse import parse
from chatwarden.errors import ConfigurationError, InvalidRequest
from chatwarden.identity.policy import PasswordPolicy
from chatwarden.principal import Role

PLAIN = "abdgehjmrwxtzqk"  # fifteen letters that are no word


def policy(toml: str = "", home: Path = Path("/nowhere")) -> PasswordPolicy:
    return PasswordPolicy(parse(toml), home)


@pytest.mark.asvs("6.2.1")
@pytest.mark.parametrize(
    ("toml", "role", "least"),
    [
        ("", Role.CUSTOMER, 15),
        ('[session.customer]\nsecond_factor = "required"\n', Role.CUSTOMER, 10),
        ("", Role.AGENT, 12),
        ('[session]\nprofile = "bank"\n', Role.ADMIN, 12),
        ("[passwords]\nalone = 20\n", Role.CUSTOMER, 20),
    ],
)
def test_the_least_length_goes_by_use(toml: str, role: Role, least: int) -> None:
    found = policy(toml)
    text = "qzvbxkwmjhtprndlgfsc"[:least]
    suffix = "7" if role is not Role.CUSTOMER else "x"
    assert found.check(text[:-1] + suffix, role, "anna")
    with pytest.raises(InvalidRequest, match=f"at least {least}") as refused:
        found.check(text[1:], role, "anna")
    assert refused.value.status == 422


@pytest.mark.asvs("6.2.5")
@pytest.mark.parametrize(
    "text",
    [
        PLAIN,
        "1029384757463829",
        "r w q z p d k e u",
        "🐘🐫🐬🐭🐮🐯🐰🐱🐲🐳🐴🐵🐶🐷🐸",
        "x" + "éàö" * 5,
        "z" * 3 + PLAIN * 8,
    ],
)
def test_nothing_else_is_asked_of_a_customer(text: str) -> None:
    assert policy().check(text, Role.CUSTOMER, "anna") == text


@pytest.mark.asvs("6.2.9")
def test_a_password_may_be_long_and_not_endless() -> None:
    long = (PLAIN + " ") * 16
    assert policy().check(long, Role.CUSTOMER, "anna") == long
    with pytest.raises(InvalidRequest, match="at most 256"):
        policy().check(long + "x", Role.CUSTOMER, "anna")


def test_the_staff_of_a_bank_need_a_letter_and_a_digit() -> None:
    bank = policy('[session]\nprofile = "bank"\n')
    for text in (PLAIN, "102938475746"):
        with pytest.raises(InvalidRequest, match="letter and a digit"):
            bank.check(text, Role.AGENT, "anna")
    assert bank.check(PLAIN + "7", Role.AGENT, "anna")
    assert bank.check(PLAIN, Role.CUSTOMER, "anna")  # people outside are not the standard's business


@pytest.mark.asvs("6.2.11")
@pytest.mark.parametrize("text", ["examplebankexample", "helpdesk-helpdesk", "anna.schmidt.anna", "Chatwarden2026!!!!"])
def test_names_of_this_place_and_person_are_refused(text: str) -> None:
    found = policy('[server]\npublic_url = "https://chat.examplebank.example"\n')
    with pytest.raises(InvalidRequest, match=r"this place|common"):
        found.check(text, Role.CUSTOMER, "anna.schmidt")


@pytest.mark.asvs("6.2.12")
def test_the_operators_own_list_is_refused_too(tmp_path: Path) -> None:
    (tmp_path / "breached.txt").write_text("Tulips Are Red In April\n")
    found = policy('[passwords]\nrefused_file = "breached.txt"\n', tmp_path)
    with pytest.raises(InvalidRequest, match="breach"):
        found.check("tulips are red in april", Role.CUSTOMER, "anna")
    assert found.check("tulips are red in march", Role.CUSTOMER, "anna")


def test_a_list_that_cannot_be_read_refuses_to_start(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as refused:
        policy('[passwords]\nrefused_file = "none.txt"\n', tmp_path)
    assert refused.value.setting == "refused_file"
