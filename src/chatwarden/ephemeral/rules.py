"""When a message dies: pure arithmetic on bucket edges."""

from __future__ import annotations

from chatwarden.clock import Duration, Instant


def destroy_at(now: Instant, lifetime: Duration, bucket: Duration) -> Instant:
    """The instant at which something that may live for *lifetime* is destroyed: a bucket edge, never later than asked
    and less than one bucket earlier, and always after *now*. Raises ValueError when *lifetime* is below one bucket.
    """
    if not 0 < bucket <= lifetime:
        raise ValueError("a lifetime is at least one bucket")
    return (now + lifetime) // bucket * bucket
