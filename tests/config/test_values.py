import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwarden.clock import DAY, MINUTE, SECOND
from chatwarden.config import values as v
from chatwarden.config.alarms import Threshold
from chatwarden.config.model import Rate


@given(st.integers(1, 99_999), st.sampled_from("smhd"))
def test_a_duration_that_is_shown_is_read_as_the_same(number: int, unit: str) -> None:
    duration = v.duration(f"{number}{unit}")
    assert v.duration(v.shown_duration(duration).strip('"')) == duration


@pytest.mark.parametrize("wrong", ["", "5", "0s", "-1s", "1.5h", "5m ", "1w", "٣m", 5, None, True, [], "9999999s"])
def test_what_is_no_duration_refuses(wrong: object) -> None:
    with pytest.raises(ValueError, match="a duration is written like"):
        v.duration(wrong)


def test_never_is_a_lifetime_and_no_duration() -> None:
    assert v.lifetime("never") == 0
    assert v.shown_duration(0) == '"never"'


@pytest.mark.parametrize(
    ("text", "rate"),
    [("1/s burst 8", Rate(SECOND, 8)), ("5/15m", Rate(3 * MINUTE, 1)), ("1/d burst 2", Rate(DAY, 2)), ("off", None)],
)
def test_rates_are_read(text: str, rate: Rate | None) -> None:
    assert v.rate(text) == rate


@given(st.sampled_from([Rate(SECOND, 8), Rate(12 * SECOND, 10), Rate(3 * MINUTE, 5), Rate(2 * SECOND, 20)]))
def test_a_rate_that_is_shown_is_read_as_the_same(rate: Rate) -> None:
    assert v.rate(v.shown(rate).strip('"')) == rate


@pytest.mark.parametrize("wrong", ["1", "0/s", "1/s burst 0", "1/x", "1 / s", 1, None])
def test_what_is_no_rate_refuses(wrong: object) -> None:
    with pytest.raises(ValueError, match="a rate is written like"):
        v.rate(wrong)


@pytest.mark.parametrize("wrong", [1, "true", None])
def test_only_true_and_false_are_truth_values(wrong: object) -> None:
    with pytest.raises(ValueError, match="true or false"):
        v.boolean(wrong)


@pytest.mark.parametrize("wrong", ["http://a.example", "https://", "https://a.example/x", "https://a.example?q", 1])
def test_a_public_address_is_https_and_has_no_path(wrong: object) -> None:
    with pytest.raises(ValueError, match="is written like"):
        v.public_url(wrong)


@pytest.mark.parametrize(
    "wrong",
    ["x", "http://u:p@h/v1", "http://h/v1?k=1", "file:///etc", "http://h:x/", "http://h:99999/", "http://h/#a", None],
)
def test_an_upstream_address_holds_no_user_and_no_query(wrong: object) -> None:
    with pytest.raises(ValueError, match="is written like"):
        v.upstream_url(wrong)


@pytest.mark.parametrize("wrong", ["http://h/a b", "http://h/a\r\nx: y", "http://h/caf\u00e9", "http://h/\x7f"])
def test_an_upstream_address_smuggles_nothing_into_a_request(wrong: str) -> None:
    with pytest.raises(ValueError, match="has no spaces"):
        v.upstream_url(wrong)


def test_an_upstream_address_is_kept_as_it_is_written() -> None:
    assert [v.upstream_url(one) for one in ("http://[::1]:9/", "https://bot.example/hook/")] == [
        "http://[::1]:9/", "https://bot.example/hook/",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "wrong",
    ["proxy:3128", "https://proxy:3128", "http://proxy", "http://u@proxy:1", "http://proxy:1/x", "http://p:x", 1],
)
def test_a_proxy_is_a_plain_address_with_a_port(wrong: object) -> None:
    with pytest.raises(ValueError, match="is written like"):
        v.proxy_url(wrong)


def test_a_proxy_may_be_written_with_a_slash_or_not_at_all() -> None:
    assert [v.proxy_url(one) for one in ("", "http://proxy.example:3128/", "http://[::1]:3128")] == [
        "",
        "http://proxy.example:3128",
        "http://[::1]:3128",
    ]


@given(st.lists(st.ip_addresses() | st.ip_addresses(v=6), max_size=4))
def test_addresses_are_networks_of_one(addresses: list[object]) -> None:
    found = v.networks([str(one) for one in addresses])
    assert [one.network_address for one in found] == addresses
    assert all(one.num_addresses == 1 for one in found)


@pytest.mark.parametrize("wrong", ["", ":1", "a:", "a:99999", 9464])
def test_a_place_to_listen_has_an_address_and_a_port(wrong: object) -> None:
    with pytest.raises(ValueError, match="is written like"):
        v.listen(wrong)


@pytest.mark.parametrize("wrong", ["", "a\0b", 3])
def test_a_path_is_a_plain_text(wrong: object) -> None:
    with pytest.raises(ValueError, match="the path of a file"):
        v.path(wrong)


def test_defaults_are_shown_as_toml() -> None:
    assert [v.shown(x) for x in (True, ("a", "b"), "x", 3, None)] == ["true", '["a", "b"]', '"x"', "3", "not set"]


@pytest.mark.parametrize(
    ("text", "threshold"),
    [("50/10m", Threshold(50, 10 * MINUTE)), ("5/h", Threshold(5, 60 * MINUTE)), ("off", None)],
)
def test_thresholds_are_read(text: str, threshold: Threshold | None) -> None:
    assert v.threshold(text) == threshold


@given(st.integers(1, 9_999), st.integers(1, 999))
def test_a_threshold_that_is_shown_is_read_as_the_same(count: int, minutes: int) -> None:
    threshold = Threshold(count, minutes * MINUTE)
    assert v.threshold(v.shown(threshold).strip('"')) == threshold


@pytest.mark.parametrize(
    "wrong", ["", "50", "0/10m", "50/0m", "50/10", "50 per 10m", "50/10m burst 3", 50, None, ["5/h"]]
)
def test_what_is_no_threshold_refuses(wrong: object) -> None:
    with pytest.raises(ValueError, match="written like"):
        v.threshold(wrong)


@pytest.mark.parametrize(
    "wrong", ["tls://", "tls:///x", "tls://h:p", "tls://h ost", "tls://h\n", "tls://[::1", None, 7]
)
def test_what_is_no_receiver_refuses(wrong: object) -> None:
    with pytest.raises(ValueError, match="written like"):
        v.syslog_url(wrong)
