"""What names a device: RFC 791, RFC 4291, IEEE 802, 3GPP TS 23.003, ITU-T E.118."""

from __future__ import annotations

from chatwarden.classes import DataClass
from chatwarden.detection import validators as v
from chatwarden.detection.announced import MOST, Announced, Form
from chatwarden.detection.pattern import Pattern

DEVICE_NUMBERS = Announced(
    (
        Form("*", "hardware addresses without separators", "mac|mac address|mac-adresse|hardware address|wifi address|wlan-mac|ethernet address|bssid", "(?=[0-9A-F]*#)[0-9A-F]{12}", 0.2),
        Form("*", "IMEI", "imei|imei number|device id", "##[ \\-]?######[ \\-]?######[ \\-]?#(?:#)?", 0.2, v.luhn_of),
        Form("*", "ICCID of a SIM card", "iccid|sim number|sim card number|sim serial", "89#{16,18}|89##(?: ####){3,4}(?: #{1,3})?", 0.2, v.luhn_of),
        Form("*", "IMSI", "imsi", "#{15}", 0.15),
        Form("*", "advertising and device identifiers", "idfa|gaid|aaid|advertising id|device id|device identifier|android id|udid|werbe-id", "[0-9A-F]{8}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{12}|(?=[A-F]*#)[0-9A-F]{16}|[0-9A-F]{8}-[0-9A-F]{16}", 0.2),
    )
)  # fmt: skip

NETWORK: tuple[Pattern, ...] = (
    Pattern(DataClass.IP_ADDRESS, r"\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b", 0.64, v.public_ip, what="IPv4, without private ranges, loopback, netmasks and multicast"),
    Pattern(DataClass.IP_ADDRESS, r"(?i)\b[0-9A-F]{1,4}:(?:[0-9A-F]{0,4}:){1,6}[0-9A-F]{1,4}\b", 0.8, find=v.ipv6, what="IPv6, without private and documentation ranges"),
    Pattern(DataClass.MAC_ADDRESS, r"(?i)\b[0-9A-F]{2}(?::[0-9A-F]{2}){5,7}\b|\b[0-9A-F]{2}(?:-[0-9A-F]{2}){5,7}\b|\b[0-9A-F]{4}\.[0-9A-F]{4}\.[0-9A-F]{4}\b", 0.75, find=v.hardware_address, what="MAC addresses (EUI-48, EUI-64), not multicast"),
    Pattern(DataClass.MAC_ADDRESS, DEVICE_NUMBERS.regex, 0.95, keywords=DEVICE_NUMBERS.keywords, find=DEVICE_NUMBERS.find, digit=True, most=MOST),
)  # fmt: skip
