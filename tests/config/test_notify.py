"""``[notify]``: what belongs together, and nothing secret in the clear."""

from pathlib import Path

import pytest

from chatwarden.clock import DAY, HOUR
from chatwarden.config.model import NotifyConfig
from chatwarden.config.parse import parse
from chatwarden.errors import ConfigurationError

MAIL = '[notify]\nsmtp = "mail.example.org:587"\nfrom = "chat@example.org"\nto = "admin@example.org"\n'
HOOK = '[notify]\nwebhook = "https://alarms.example.org/x"\nwebhook_secret_file = "secrets/hook"\n'


def test_nobody_is_told_unless_it_is_written() -> None:
    assert parse("").notify == parse("[notify]\n").notify == NotifyConfig()
    assert NotifyConfig().give_up == 3 * DAY


def test_mail_and_webhook_are_read() -> None:
    config = parse(
        MAIL + 'smtp_user = "chat"\nsmtp_password_file = "secrets/mail"\nca_file = "house.pem"\ngive_up = "6h"\n'
    ).notify
    assert (config.smtp, config.smtp_tls, config.sender, config.to) == (
        "mail.example.org:587", "starttls", "chat@example.org", "admin@example.org"
    )  # fmt: skip
    assert (config.smtp_user, config.smtp_password_file) == ("chat", Path("secrets/mail"))
    assert (config.ca_file, config.give_up) == (Path("house.pem"), 6 * HOUR)
    assert parse(HOOK).notify.webhook_secret_file == Path("secrets/hook")


def test_what_stays_on_this_machine_needs_no_tls() -> None:
    assert parse(MAIL.replace("mail.example.org", "127.0.0.1") + 'smtp_tls = "off"\n').notify.smtp_tls == "off"
    assert parse(MAIL.replace("mail.example.org", "[::1]") + 'smtp_tls = "off"\n').notify.smtp_tls == "off"
    assert parse(HOOK.replace("https://alarms.example.org", "http://localhost:9000")).notify.webhook


@pytest.mark.parametrize(
    ("toml", "says"),
    [
        (MAIL + 'smtp_tls = "off"\n', "always goes over TLS"),
        (MAIL.replace("from", "#"), "needs notify.from"),
        (MAIL.replace("to =", "# ="), "needs notify.to"),
        (MAIL + 'smtp_user = "chat"\n', "go together"),
        (MAIL + 'smtp_password_file = "secrets/mail"\n', "go together"),
        (MAIL + 'smtp_password = "secret"\n', "there is no setting notify.smtp_password"),
        (MAIL.replace("chat@example.org", r"chat@example.org\\r\\nBcc: eve@example.org"), "mail address is written"),
        (MAIL.replace(":587", ""), "mail server is written"),
        ('[notify]\nto = "admin@example.org"\n', "notify.to needs notify.smtp"),
        ('[notify]\nsmtp_tls = "tls"\n', "notify.smtp_tls needs notify.smtp"),
        ('[notify]\nca_file = "house.pem"\n', "needs notify.smtp or notify.webhook"),
        (HOOK.replace("https", "http"), "plain http to another machine"),
        (HOOK.replace("webhook_secret_file", "#"), "go together"),
        ('[notify]\nwebhook_secret_file = "secrets/hook"\n', "go together"),
        (HOOK + 'give_up = "59s"\n', "below its floor"),
    ],
)
def test_what_is_impossible_or_unsafe_is_refused_with_its_line(toml: str, says: str) -> None:
    with pytest.raises(ConfigurationError, match=says) as refused:
        parse(toml)
    assert refused.value.line
