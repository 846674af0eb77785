"""Session policies, resolved: profiles, roles, what staff are bound by whatever was written."""

import pytest

from chatwarden.clock import HOUR, MINUTE, SECOND
from chatwarden.config.model import OPERATIONS, Config
from chatwarden.config.parse import parse
from chatwarden.config.span import Span
from chatwarden.errors import ConfigurationError
from chatwarden.principal import STAFF, Role


def test_a_bank_asks_again_and_wants_a_factor_for_each_operation() -> None:
    config = parse('[session]\nprofile = "bank"\n')
    customer = config.session.roles[Role.CUSTOMER]
    assert (customer.idle, customer.absolute) == (5 * MINUTE, 60 * MINUTE)
    assert customer.recheck == 20 * MINUTE
    assert customer.recheck_on_change
    assert {config.step_up[name].once for name in OPERATIONS} == {True}
    assert config.passwords.staff_digits


def test_staff_need_a_second_factor_and_are_asked_again_whatever_the_profile() -> None:
    for role, policy in parse("").session.roles.items():
        assert (policy.second_factor == "required") is (role in STAFF)
        assert policy.recheck == (2 * HOUR if role in STAFF else 0)


def test_operations_are_those_that_are_known_and_the_operators_own() -> None:
    config = parse('[step_up.transfer]\nonce = true\n[step_up.big-transfer]\nfresh = "30s"\nwithin = "1m"\n')
    assert config.step_up["transfer"].once
    assert config.step_up["big-transfer"].fresh == 30 * SECOND
    assert not config.step_up["reveal"].once
    assert config.step_up["applications"].once  # the grant says how long it counts
    assert Config().step_up == parse("").step_up
    assert {*OPERATIONS, "big-transfer"} == set(config.step_up)


def test_hours_and_rights_are_read() -> None:
    config = parse(
        '[session]\ntime_zone = "Europe/Berlin"\n[session.agent]\nhours = "Sat-Sun 08:00-12:30"\n'
        '[rights]\ncustomer = ["orders:read"]\n'
    )
    assert config.session.time_zone == "Europe/Berlin"
    assert config.session.roles[Role.AGENT].hours == (Span(5, 480, 750), Span(6, 480, 750))
    assert config.rights == {Role.CUSTOMER: ("orders:read",)}


@pytest.mark.parametrize(
    ("toml", "says"),
    [
        ('[session.admin]\nsecond_factor = "optional"\n', "staff always need a second factor"),
        ('[session.admin]\nidle = "11m"\n', "idle for at most 10m"),
        ('[session.agent]\nabsolute = "13h"\n', "at most 12h"),
        ('[session]\nidle = "60s"\n', "shorter than session.idle"),
        ('[session]\nhours = "Fri-Mon 08:00-12:00"\n', "a week begins with Mon"),
        ('[session]\nhours = "Fri 18:00-07:00"\n', "hours are written like"),
        ('[session]\nhours = "always"\n', "hours are written like"),
        ('[session]\ntime_zone = "Mars/Olympus"\n', "time zone like"),
        ('[rights]\ncustomer = ["Orders Read"]\n', "a list of names"),
        ('[rights]\nnobody = ["a"]\n', "there is no nobody"),
        ('[step_up.x]\nwithin = "1s"\n', "below its floor"),
    ],
)
def test_what_is_impossible_is_refused_with_its_line(toml: str, says: str) -> None:
    with pytest.raises(ConfigurationError, match=says) as refused:
        parse(toml)
    assert refused.value.line
