"""What changes about a session while it is used: address block, client, pace. Pure rules.

A stolen token is used from somewhere else, by something else, or faster than a person. None of this is a proof, so the
answer is a question: the person is asked for a factor (house plan, decision 1; NIST SP 800-63B-4, section 5.3).
"""

from __future__ import annotations

import hashlib
import ipaddress

from chatwarden.clock import SECOND, Duration
from chatwarden.sessions.model import Client, Pace, Why

SIZE = 8
_KEPT = 4
_MANY = 10
_FASTER = 8
_QUICK = 2 * SECOND  # no pace is sudden that a person could type


def block_of(address: str) -> str:
    """The network that one household or site uses: an IPv4 /24 or an IPv6 /48."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
    parsed = mapped or parsed
    return str(ipaddress.ip_network((parsed, 24 if parsed.version == 4 else 48), strict=False))


def fingerprint(key: bytes, client: Client) -> bytes:
    """Eight bytes: four of the address block and four of the client's name, under the home's key."""
    return _part(key, b"block", block_of(client.address)) + _part(key, b"agent", client.agent)


def _part(key: bytes, what: bytes, text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=SIZE // 2, key=key, person=what).digest()


def change(known: bytes, seen: bytes) -> Why:
    """What is new about *seen* beside the fingerprints that are *known*."""
    if not known or any(known[i : i + SIZE] == seen for i in range(0, len(known), SIZE)):
        return Why.NOTHING
    agents = {known[i + SIZE // 2 : i + SIZE] for i in range(0, len(known), SIZE)}
    return Why.ADDRESS if seen[SIZE // 2 :] in agents else Why.CLIENT


def with_known(known: bytes, seen: bytes) -> bytes:
    """*known* with *seen* in front; the one unused for longest goes."""
    others = [known[i : i + SIZE] for i in range(0, len(known), SIZE) if known[i : i + SIZE] != seen]
    return b"".join([seen, *others][:_KEPT])


def after(pace: Pace, gap: Duration) -> Pace:
    """The pace after an input that came *gap* after the one before."""
    if not pace.inputs:
        return Pace(gap, gap, 1)
    return Pace(pace.usual * 0.95 + gap * 0.05, pace.recent * 0.5 + gap * 0.5, pace.inputs + 1)


def sudden(pace: Pace) -> bool:
    """Whether the inputs come eight times as fast as they used to, and faster than one in two seconds."""
    return pace.inputs >= _MANY and pace.recent < _QUICK and pace.recent * _FASTER < pace.usual
