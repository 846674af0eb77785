"""Rates: the generic cell rate algorithm, one number per key (the theoretical arrival time of the next act).

Contract: ``take`` returns 0 when the act is allowed, and charges it, or the microseconds to wait, and charges nothing.
In any span of time a key is never allowed more than ``burst + elapsed / interval``. There is no window whose edge could
be played. ``peek`` asks the same without charging. Login failures are charged before the password is checked, so that
parallel guesses cannot share one attempt, and forgiven when it was right.
Keys hold what is counted and by whom, for example ``login:203.0.113.7``; one key always comes with the same rate.

``MemoryThrottle`` is bounded. When it is full it forgets the key unused for longest, so somebody with very many
addresses can make it forget: it fails open there, and the ceilings on connections stand behind it.
"""

from __future__ import annotations

import ipaddress
from collections import OrderedDict
from functools import lru_cache
from typing import Protocol

from chatwarden.clock import Duration, Instant
from chatwarden.config.model import Rate


class Throttle(Protocol):
    """The port: counters in memory, or shared by many nodes."""

    def take(self, key: str, rate: Rate, now: Instant, cost: int = 1) -> Duration:
        """0 and charged, or how long to wait and not charged. A cost above the burst is never allowed."""
        ...

    def peek(self, key: str, rate: Rate, now: Instant, cost: int = 1) -> Duration:
        """What ``take`` would return; nothing is charged."""
        ...

    def forgive(self, key: str) -> None:
        """Takes back everything that was charged to *key*: a login succeeded."""
        ...


class MemoryThrottle:
    """Counters of one process. A restart forgets them."""

    def __init__(self, capacity: int = 100_000) -> None:
        self._capacity = capacity
        self._arrivals: OrderedDict[str, Instant] = OrderedDict()

    def __len__(self) -> int:
        return len(self._arrivals)

    def take(self, key: str, rate: Rate, now: Instant, cost: int = 1) -> Duration:
        """0 and charged, or how long to wait and not charged."""
        wait = self.peek(key, rate, now, cost)
        if wait:
            return wait
        arrivals = self._arrivals
        arrivals[key] = max(arrivals.get(key, now), now) + cost * rate.interval
        arrivals.move_to_end(key)
        if len(arrivals) > self._capacity:
            arrivals.popitem(last=False)
        return 0

    def forgive(self, key: str) -> None:
        """Takes back everything that was charged to *key*."""
        self._arrivals.pop(key, None)

    def peek(self, key: str, rate: Rate, now: Instant, cost: int = 1) -> Duration:
        """What ``take`` would return; nothing is charged."""
        arrival = self._arrivals.get(key, now)
        if arrival > now:
            self._arrivals.move_to_end(key)
        return max(0, max(arrival, now) + (cost - rate.burst) * rate.interval - now)


@lru_cache(maxsize=4096)
def peer_key(address: str) -> str:
    """What counts as one peer: an IPv4 address, or the /64 of an IPv6 address (one household or host owns it all)."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.IPv6Network((int(parsed) >> 64 << 64, 64)))
    return str(parsed)
