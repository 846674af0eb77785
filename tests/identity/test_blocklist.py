"""Common passwords and names of this place are refused, also decorated; ordinary sentences are not."""

import pytest

from chatwarden.identity.blocklist import refused

PLACE = ["chatwarden", "chat", "examplebank", "org", "helpdesk", "anna.schmidt"]


@pytest.mark.parametrize(
    "password",
    [
        "123456", "password", "Password1!", "P@ssw0rd", "passwordpassword", "letmeinletmein!!", "qwertyuiopqwertyuiop",
        "aaaaaaaaaaaaaaaa", "abababababababab", "12345678901234567", "abcdefghijklmnopq", "dragondragondragon2024",
        "asdfghjklasdfghjkl", "098765432109876543", "ｐａｓｓｗｏｒｄ",
    ],
)  # fmt: skip
def test_common_passwords_are_refused_however_they_are_dressed(password: str) -> None:
    assert "common" in refused(password, PLACE)


@pytest.mark.asvs("6.2.11")
@pytest.mark.parametrize(
    "password",
    [
        "chatwardenchatwarden",
        "ExampleBank2026!!",
        "anna.schmidt-anna",
        "Anna-Schmidt-Helpdesk1",
        "Chatwarden-Examplebank",
    ],
)
def test_names_of_this_place_are_refused(password: str) -> None:
    assert "names" in refused(password, PLACE)


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery staple", "the password of my grandmother", "tulips are red in april", "8392x10293847561",
        "a long password of mine", "chatwarden watches the gate at night", "ich mag blauen käse sehr", "🐘🐘 walk over bridges",
        "a long password",
    ],
)  # fmt: skip
def test_ordinary_sentences_are_taken(password: str) -> None:
    assert refused(password, PLACE) == ""
