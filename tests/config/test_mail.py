"""One mailbox, one server, one address: nothing that is two, and no line of a header."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwarden.config.mail import address, host_and_port, optional_address, server, user, webhook


@pytest.mark.parametrize("right", ["ada@example.org", "a.b+c@x", "o'neil@mail.example.co.uk", "a@" + "b" * 63 + ".org"])
def test_an_address_is_one_mailbox(right: str) -> None:
    assert address(right) == optional_address(right) == right


@pytest.mark.parametrize(
    "wrong",
    [
        7, None, "ada", "@example.org", "ada@", "ada@@example.org", "ada@example.org\r\nBcc: eve@example.org",
        "ada@example.org, eve@example.org", "Ada <ada@example.org>", "ada @example.org", '"ada"@example.org',
        "ada@example.org\n", "ada@-example.org", "ada@example..org", "ad\u00e4@example.org", "ada@ex\u00e4mple.org",
        "a" * 65 + "@example.org", "a@" + ".".join(["b" * 60] * 5), "ada@[127.0.0.1]",
    ],
)  # fmt: skip
def test_what_is_no_single_mailbox_is_refused(wrong: object) -> None:
    with pytest.raises(ValueError, match="mail address"):
        address(wrong)


def test_no_address_may_be_left_out() -> None:
    assert optional_address("") == ""
    with pytest.raises(ValueError, match="mail address"):
        address("")


@given(st.text())
def test_what_is_accepted_is_one_word_of_ascii(text: str) -> None:
    try:
        accepted = address(text)
    except ValueError:
        return
    assert accepted.isascii()
    assert accepted.count("@") == 1
    assert not set(accepted) & set(' \t\r\n,;:<>()[]\\"')


@pytest.mark.parametrize(
    ("written", "parts"),
    [
        ("mail.example.org:587", ("mail.example.org", 587)),
        ("[::1]:25", ("::1", 25)),
        ("127.0.0.1:2525", ("127.0.0.1", 2525)),
    ],
)
def test_a_server_is_a_host_and_a_port(written: str, parts: tuple[str, int]) -> None:
    assert host_and_port(str(server(written))) == parts


@pytest.mark.parametrize(
    "wrong", [25, "mail", "mail:", ":25", "mail:0", "mail:65536", "mail:+5", "smtp://mail:25", "a b:25"]
)
def test_what_is_no_server_is_refused(wrong: object) -> None:
    with pytest.raises(ValueError, match="mail server"):
        server(wrong)


def test_a_user_is_a_line_of_ascii() -> None:
    assert user("gateway@example.org") == "gateway@example.org"
    for wrong in ("a\nb", "\u00e4", "a" * 257, 7):
        with pytest.raises(ValueError, match="ASCII"):
            user(wrong)


def test_a_webhook_is_an_address_on_the_web() -> None:
    assert webhook("") == ""
    assert webhook("https://alarms.example.org/x") == "https://alarms.example.org/x"
    for wrong in ("alarms.example.org", "ftp://a/x", "https://user:pass@a/x", "https://a/ x", 7):
        with pytest.raises(ValueError, match=r"address has no spaces|alarms\.example\.org/chatwarden"):
            webhook(wrong)
