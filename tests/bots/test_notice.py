"""What people are told before they chat."""

from chatwarden.bots.notice import Lifetimes, notice, spoken
from chatwarden.classes import DataClass
from chatwarden.clock import DAY, HOUR, MINUTE, SECOND
from chatwarden.config.parse import parse


def told(toml: str = "") -> tuple[str, str, bool]:
    config = parse(toml)
    made = notice(config.bots["helpdesk"], config.retention)
    return made.machine, made.privacy, made.protects


def test_the_machine_says_so_and_the_lifetimes_are_those_configured() -> None:
    machine, privacy, protects = told('[retention]\ndefault = "14d"\n[retention.class]\npayment-card = "10m"\n')
    assert machine == "You are talking to a machine."
    assert privacy == (
        "Messages are destroyed after 14 days, those with a card number after 10 minutes, with a bank account after "
        "1 hour, with an identity number after 1 hour. Codes and passwords are never stored. You can destroy a message "
        "at any time."
    )
    assert protects


def test_what_the_law_wants_is_told_and_nothing_is_promised_against_it() -> None:
    _, privacy, _ = told('[bots.helpdesk.keep]\ndefault = "1825d"\n')
    assert privacy.startswith("Messages are destroyed after 1825 days. Codes")
    assert "at any time" not in privacy
    assert "cannot be destroyed earlier" in privacy


def test_an_operator_may_write_both_texts() -> None:
    toml = '[bots.helpdesk]\nmachine_line = ""\nprivacy_notice = "See our policy."\nmode = "observe"\n'
    assert told(toml) == ("", "See our policy.", False)
    config = parse(toml)
    assert notice(config.bots["helpdesk"], config.retention).made == ()


def test_what_no_operator_wrote_is_told_as_facts_too() -> None:
    config = parse('[retention]\ndefault = "14d"\n[retention.class]\npayment-card = "10m"\niban = "14d"\n')
    made = notice(config.bots["helpdesk"], config.retention)
    assert made.made == ("machine", "privacy")
    assert made.lifetimes == Lifetimes(
        14 * 86_400, {DataClass.PAYMENT_CARD: 600, DataClass.NATIONAL_ID: 3_600}, kept=False
    )


def test_a_duration_is_spoken_in_its_largest_unit() -> None:
    assert [spoken(one) for one in (DAY, 30 * DAY, HOUR, 90 * MINUTE, 15 * MINUTE, 45 * SECOND)] == [
        "1 day",
        "30 days",
        "1 hour",
        "90 minutes",
        "15 minutes",
        "45 seconds",
    ]
