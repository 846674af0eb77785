"""RFC 7239 from the right: what a proxy of ours said, and nothing that anybody else may have written before it."""

from __future__ import annotations

import contextlib
from ipaddress import ip_address, ip_network

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chatwarden.edge.forwarded import BYTES, HOPS, Trusted, client_of
from chatwarden.edge.head import Refusal

PEER = "10.0.0.5"
TRUSTED = Trusted([ip_network("10.0.0.0/24"), ip_network("2001:db8::/64")])


def client(*fields: str) -> str:
    return client_of(PEER, [field.encode("latin-1") for field in fields], TRUSTED)


@pytest.mark.parametrize(
    ("value", "found"),
    [
        # RFC 7239 section 4, and the notations that proxies write
        ("for=192.0.2.60;proto=http;by=203.0.113.43", "192.0.2.60"),
        ('For="[2001:db8:cafe::17]:4711"', "2001:db8:cafe::17"),
        ('for="192.0.2.43:47011"', "192.0.2.43"),
        ('for="[2001:DB8:CAFE::17]"', "2001:db8:cafe::17"),
        ('for="192.0.2.43:_port"', "192.0.2.43"),
        ("proto=https ; for=192.0.2.43 ;host=chat.example", "192.0.2.43"),
        ('host="a,b;for=1.2.3.4";for=192.0.2.43', "192.0.2.43"),
        ('for="192\\.0.2.43"', "192.0.2.43"),
        ('for="[::ffff:192.0.2.43]"', "192.0.2.43"),
        (", ,for=192.0.2.43,", "192.0.2.43"),
        ("for=192.0.2.43;", "192.0.2.43"),
    ],
)
def test_the_client_of_one_proxy_is_found(value: str, found: str) -> None:
    assert client(value) == found


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        (("for=192.0.2.43, for=198.51.100.17",), "198.51.100.17"),
        (("for=192.0.2.43", "for=198.51.100.17"), "198.51.100.17"),
        (("for=192.0.2.43, for=198.51.100.17, for=10.0.0.9",), "198.51.100.17"),
        (('for=192.0.2.43, for="[2001:db8::1]:80", for=10.0.0.9',), "192.0.2.43"),
        (("for=10.0.0.7, for=10.0.0.9",), "10.0.0.7"),
    ],
)
def test_the_rightmost_address_that_is_no_proxy_of_ours_is_the_client(fields: tuple[str, ...], found: str) -> None:
    assert client(*fields) == found


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("for=unknown", PEER),
        ("for=_hidden", PEER),
        ('for="_a.b:_c"', PEER),
        ("proto=https", PEER),
        ("", PEER),
        ("for=192.0.2.43, for=unknown", PEER),
        ("for=192.0.2.43, for=UNKNOWN, for=10.0.0.9", "10.0.0.9"),
    ],
)
def test_a_hop_that_does_not_tell_ends_the_reading(value: str, found: str) -> None:
    assert client(value) == found


@pytest.mark.parametrize(
    "value",
    [
        "for",
        "for=",
        "=192.0.2.1",
        "for =192.0.2.1",
        "for= 192.0.2.1",
        "for=192.0.2.1:80",
        "for=2001:db8::1",
        'for="2001:db8::1"',
        "for=[2001:db8::1]",
        'for="[2001:db8::1"',
        'for="[fe80::1%eth0]"',
        'for="[192.0.2.1]"',
        'for="192.0.2.1',
        'for="192.0.2.1\\"',
        "for=192.0.2.256",
        "for=192.0.2",
        "for=192.0.2.01",
        'for="192.0.2.1:123456"',
        'for="192.0.2.1 "',
        "for=client.example",
        "for=192.0.2.1;for=192.0.2.2",
        "for=192.0.2.1;For=192.0.2.1",
        "for=192.0.2.1 for=192.0.2.2",
        "for=192.0.2.1\xa0",
        # a client's quotation mark must not swallow what the proxy adds
        'x=", for=192.0.2.1',
        "for=" + "1" * BYTES,
        ",".join(["for=192.0.2.1"] * (HOPS + 1)),
    ],
)
def test_a_malformed_field_is_refused(value: str) -> None:
    with pytest.raises(Refusal) as refused:
        client(value)
    assert (refused.value.status, refused.value.reason) == (400, "forwarded")
    assert "192" not in refused.value.detail


ADDRESSES = st.ip_addresses(v=4).map(str) | st.ip_addresses(v=6).map(lambda one: f'"[{one}]"')


@given(st.lists(st.text('forunkw=;,"\\[]:._ 0123456789abd\t', max_size=24), max_size=3), st.integers(1, 254))
def test_what_a_client_writes_never_hides_what_the_proxy_adds(forged: list[str], last: int) -> None:
    told = f"198.51.100.{last}"
    with contextlib.suppress(Refusal):  # the other safe answer
        assert client(*forged, f"for={told}") == told


@given(st.lists(ADDRESSES, min_size=1, max_size=5))
@example(['"[::ffff:0:0]"'])
def test_whoever_is_found_was_named_and_no_trusted_hop_was_passed_over(hops: list[str]) -> None:
    found = client(", ".join(f"for={hop}" for hop in hops))
    parsed = [ip_address(hop.strip('"[]')) for hop in hops]
    named = [str(getattr(one, "ipv4_mapped", None) or one) for one in parsed]
    assert found in named
    if named[-1] not in TRUSTED:
        assert found == named[-1]


def test_trust_is_held_by_network_and_by_nothing_that_is_no_address() -> None:
    assert not Trusted()
    assert PEER in TRUSTED
    assert "::ffff:10.0.0.5" in TRUSTED
    assert "2001:db8::7%eth0" in TRUSTED
    assert [one for one in ("10.0.1.5", "2001:db8:0:1::1", "", "local") if one in TRUSTED] == []
