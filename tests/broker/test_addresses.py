"""Where the broker may connect."""

from __future__ import annotations

import pytest

from chatwarden.broker.addresses import allowed

INSIDE = [
    "127.0.0.1", "127.9.9.9", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
    "255.255.255.255", "198.18.0.1", "::1", "::", "fe80::1", "fd00::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
    "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2001:db8::1", "224.0.0.1", "ff02::1", "240.0.0.1",
    "fec0::1", "5f00::1", "64:ff9b:1::a00:1", "4000::1",
]  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_nothing_inside_is_reached_by_an_application_of_the_outside(address: str) -> None:
    assert not allowed(address, private=False)


@pytest.mark.parametrize(
    "address", ["93.184.215.14", "8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_public_addresses_are_reached(address: str) -> None:
    assert allowed(address, private=False)
    assert allowed(address, private=True)


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "fd00::1", "::1", "169.254.1.1", "::ffff:10.0.0.1"])
def test_an_application_that_was_added_as_private_may_stand_inside(address: str) -> None:
    assert allowed(address, private=True)


@pytest.mark.parametrize("address", ["224.0.0.1", "ff02::1", "0.0.0.0", "::", "::ffff:0.0.0.0", "no address", ""])
def test_what_is_nobodys_address_is_never_reached(address: str) -> None:
    assert not allowed(address, private=True)
