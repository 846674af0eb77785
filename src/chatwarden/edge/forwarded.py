"""Whose request is it when a proxy in front passes it on? The field ``Forwarded`` (RFC 7239), read from the right.

Contract: only what a trusted proxy says is believed, and of that only what it added itself: the rightmost address that
is no trusted proxy is the client's, and what stands left of it may be anybody's invention (RFC 7239 section 8.1). A
hop without an address (``unknown``, a hidden name, no ``for``) ends the reading: the request then counts as the hop's
that said so, which is stricter and never looser. A malformed field is refused. Only ``for`` is read: neither scheme nor
host is taken from it. ``X-Forwarded-For`` and its kin are never read: they have no grammar that one could hold them to.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from functools import lru_cache

from chatwarden.config.model import Network
from chatwarden.edge.head import Refusal

BYTES = 2_048
HOPS = 32

_WORD = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_PAIR = re.compile(rf'({_WORD})=(?:({_WORD})|"((?:[\t !#-\[\]-~\x80-\xff]|\\[\t -~\x80-\xff])*)")')
_GAP = re.compile(r"[ \t]*([;,]|\Z)[ \t]*")
_ESCAPED = re.compile(r"\\(.)")
_NAME = r"_[0-9A-Za-z._\-]+"
_NODE = re.compile(
    rf"(?:\[([0-9A-Fa-f:.]+)\]|([0-9.]+)|(?:unknown|{_NAME}))(?::(?:[0-9]{{1,5}}|{_NAME}))?", re.IGNORECASE
)


class Trusted:
    """The proxies in front: addresses and networks. Falsy where there are none."""

    def __init__(self, networks: Iterable[Network] = ()) -> None:
        self._networks = tuple(networks)
        self._known = lru_cache(maxsize=4_096)(self._is_known)

    def __bool__(self) -> bool:
        return bool(self._networks)

    def __contains__(self, address: str) -> bool:
        return self._known(address)

    def _is_known(self, address: str) -> bool:
        try:
            parsed = ipaddress.ip_address(address.partition("%")[0])
        except ValueError:
            return False
        parsed = getattr(parsed, "ipv4_mapped", None) or parsed
        return any(parsed in network for network in self._networks)


def client_of(peer: str, fields: list[bytes], trusted: Trusted) -> str:
    """The address of the one whose request the trusted proxy *peer* passes on with these values of ``Forwarded``.
    Raises ``Refusal``.
    """
    client = peer
    for hop in reversed(_hops(fields)):
        if not hop:
            break
        client = hop
        if hop not in trusted:
            break
    return client


def _hops(fields: list[bytes]) -> list[str]:
    """The address of each hop, oldest first; empty where a hop does not tell."""
    text = b",".join(fields).decode("latin-1").strip(" \t")
    if len(text) > BYTES:
        raise _malformed("too long")
    hops: list[str] = []
    hop: dict[str, str] = {}
    at = 0
    while at < len(text):
        pair = _PAIR.match(text, at)
        if pair is not None:
            name = pair[1].lower()
            if name in hop:
                raise _malformed("ambiguous")
            hop[name] = pair[2] if pair[3] is None else _ESCAPED.sub(r"\1", pair[3])
            at = pair.end()
        gap = _GAP.match(text, at)
        if gap is None:
            raise _malformed("malformed")
        at = gap.end()
        if gap[1] != ";" and hop:
            hops.append(_address(hop.get("for", "unknown")))
            hop = {}
    if hop:
        hops.append(_address(hop.get("for", "unknown")))
    if len(hops) > HOPS:
        raise _malformed("too long")
    return hops


def _address(node: str) -> str:
    match = _NODE.fullmatch(node)
    if match is None:
        raise _malformed("malformed")
    text = match[1] or match[2]
    if text is None:
        return ""
    try:
        address = ipaddress.IPv6Address(text) if match[1] else ipaddress.IPv4Address(text)
    except ValueError:
        raise _malformed("malformed") from None
    return str(getattr(address, "ipv4_mapped", None) or address)


def _malformed(what: str) -> Refusal:
    return Refusal(400, "forwarded", f"the Forwarded field is {what}")
