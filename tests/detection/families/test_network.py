"""Addresses of devices: public ones, unicast, no part of a fingerprint."""

import pytest

from chatwarden.detection.families.network import NETWORK
from chatwarden.detection.scan import Scanner

SCANNER = Scanner(NETWORK)


@pytest.mark.parametrize(
    ("text", "data_class", "value"),
    [
        ("from 93.184.216.34", "ip-address", "93.184.216.34"), ("2003:d1:0:1:2:3:4:5 ok", "ip-address", "2003:d1:0:1:2:3:4:5"), ("00:1b:63:84:45:e6", "mac-address", "00:1b:63:84:45:e6"), ("00-1B-63-84-45-E6.", "mac-address", "00-1B-63-84-45-E6"),
        ("cisco 001b.6384.45e6", "mac-address", "001b.6384.45e6"), ("MAC address: 001B638445E6", "mac-address", "001B638445E6"), ("IMEI 490154203237518", "mac-address", "490154203237518"), ("ICCID 8944538523005678901", "mac-address", "8944538523005678901"),
        ("IDFA 6D92078A-8246-4BA4-AE5B-76104861E7DC", "mac-address", "6D92078A-8246-4BA4-AE5B-76104861E7DC"),
    ],
)  # fmt: skip
def test_a_device_is_found(text: str, data_class: str, value: str) -> None:
    assert [(f.data_class, text[f.start : f.end]) for f in SCANNER.scan(text).findings] == [(data_class, value)]


@pytest.mark.parametrize(
    "text",
    [
        "192.168.1.20", "10.0.0.1", "127.0.0.1", "203.0.113.7", "255.255.255.0", "version 1.2.3.4", "2001:db8::1", "fe80::1", "12:30:45", "ff:ff:ff:ff:ff:ff", "01:00:5e:00:00:fb", "00:00:00:00:00:00",
        "30:51:55:36:fc:bd:88:aa:b5:c0:30:51:55:36:fc:bd:88:aa:b5:c0", "IMEI 490154203237519", "490154203237518", "6d92078a-8246-4ba4-ae5b-76104861e7dc",
    ],
)  # fmt: skip
def test_what_is_nobodys_is_left_alone(text: str) -> None:
    assert SCANNER.scan(text).findings == ()
