"""Where the broker may connect: public addresses, and others only for an application that was added with ``--private``.

Pure. What counts is what a name resolved to, each address of it, and that very address is then connected to: a name that
resolves anew cannot lead elsewhere (DNS rebinding). Addresses that carry another one inside (IPv4-mapped, 6to4, Teredo,
NAT64) count as the inner one too.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_OUTSIDE = ipaddress.IPv6Network("2000::/3")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def allowed(address: str, *, private: bool) -> bool:
    """Whether to connect to *address*. With *private* any unicast address will do."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return all(_allowed(one, private=private) for one in _meant(parsed))


def _allowed(address: Address, *, private: bool) -> bool:
    if address.is_multicast or address.is_unspecified:
        return False
    if private:
        return True
    # Of IPv6, the addresses of the outside are those that IANA gives out; site-local ones, for one, are not.
    outside = address.version == 4 or address in _OUTSIDE
    return outside and address.is_global and not address.is_reserved


def _meant(address: Address) -> Iterator[Address]:
    """*address* and those that it carries."""
    if isinstance(address, ipaddress.IPv4Address):
        yield address
        return
    if address.ipv4_mapped is not None:  # no addresses of their own: only the inner one is reached
        yield address.ipv4_mapped
        return
    if address in _NAT64:
        yield ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        return
    yield from (one for one in (address.sixtofour, *(address.teredo or ())) if one is not None)
    yield address
