"""What may be used once, and what may be used no longer: remembered by its id until it is over by itself.

Keyed by who made it and its ``jti``, never by its bytes: a token can be spelled in two ways. Durable before the use that
it permits: of two at once, or one before and one after a crash, one wins.
"""

from __future__ import annotations

from chatwarden.clock import Instant
from chatwarden.errors import NotAccepted
from chatwarden.storage.model import Database, Stale, Transaction

REVOKED = "revoked"  # under this name stand our own tokens that were taken back


class SpentTokens:
    """The table ``spent_tokens``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def spend(self, maker: str, token_id: str, ends: Instant) -> None:
        """Uses it up. Raises NotAccepted when it was used before."""
        tx = Transaction()
        tx.add("INSERT INTO spent_tokens (issuer, jti, ends) VALUES (?, ?, ?)", (maker, token_id, ends))
        try:
            await self._database.commit(tx)
        except Stale:
            raise NotAccepted("replayed") from None

    def revoke(self, tx: Transaction, token_id: str, ends: Instant) -> None:
        """Takes one of our own back, with *tx*; again is the same as once."""
        tx.add(
            "INSERT INTO spent_tokens (issuer, jti, ends) VALUES (?, ?, ?) ON CONFLICT (issuer, jti) DO NOTHING",
            (REVOKED, token_id, ends),
        )

    async def is_revoked(self, token_id: str) -> bool:
        """Whether one of our own was taken back."""
        rows = await self._database.fetch(
            "SELECT 1 FROM spent_tokens WHERE issuer = ? AND jti = ?", (REVOKED, token_id)
        )
        return bool(rows)

    async def forget(self, now: Instant) -> None:
        """Removes what nobody would take any more."""
        tx = Transaction()
        tx.add("DELETE FROM spent_tokens WHERE ends <= ?", (now,))
        await self._database.commit(tx)
