"""Which session came from which login at a company's provider: what a logout there ends here."""

from __future__ import annotations

from typing import Protocol, cast

from chatwarden.clock import Instant
from chatwarden.identity.company.model import Arrived, LoggedOut
from chatwarden.storage.model import Database, Transaction


class Living(Protocol):
    """What is asked of a session here."""

    @property
    def id(self) -> str:
        """Its id."""
        ...

    @property
    def absolute_deadline(self) -> Instant:
        """When it is over in any case."""
        ...


class CompanySessions:
    """The table ``company_sessions``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def bind(self, arrived: Arrived, session: Living) -> Transaction:
        """Together with the session, or neither: no session lives that a logout would not find."""
        tx = Transaction()
        tx.add(
            "INSERT INTO company_sessions (session_id, issuer, subject, sid, ends) VALUES (?, ?, ?, ?, ?)",
            (session.id, arrived.issuer, arrived.subject, arrived.sid, session.absolute_deadline),
        )
        return tx

    def follow(self, earlier: str, session: Living) -> Transaction:
        """*session* takes over from an *earlier* one, wherever that came from."""
        tx = Transaction()
        tx.add(
            "INSERT INTO company_sessions (session_id, issuer, subject, sid, ends) "
            "SELECT ?, issuer, subject, sid, ? FROM company_sessions WHERE session_id = ?",
            (session.id, session.absolute_deadline, earlier),
        )
        return tx

    async def of(self, who: LoggedOut) -> list[str]:
        """The ids of the sessions that a logout means."""
        where, params = "issuer = ?", [who.issuer]
        for name, value in (("subject", who.subject), ("sid", who.sid)):
            if value:
                where += f" AND {name} = ?"
                params.append(value)
        rows = await self._database.fetch(f"SELECT session_id FROM company_sessions WHERE {where}", params)  # noqa: S608
        return [cast("str", row[0]) for row in rows]

    async def forget(self, now: Instant) -> None:
        """Removes what is over."""
        tx = Transaction()
        tx.add("DELETE FROM company_sessions WHERE ends <= ?", (now,))
        await self._database.commit(tx)
