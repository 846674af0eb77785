"""The SQL of bots' accounts: tables ``bot_accounts``, ``bot_instances``, ``bot_credentials`` and ``bot_tokens``.

What must hold at the commit is said in the statement: whoever changed an instance meanwhile makes a sign-in stale.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple, cast

from chatwarden.bots.accounts.model import Account, Credential, Instance, Method, State
from chatwarden.clock import Instant
from chatwarden.storage.model import Database, Row, Transaction

_ACCOUNT = "a.id, a.name, a.level, a.state, a.created_at"
_INSTANCE = "i.id, i.account, i.label, i.plain, i.state, i.reason, i.created_at, i.since, i.used_at"
_CREDENTIAL = "c.number, c.method, c.material, c.generation, c.moved_at, c.expires_at, c.warned"
_JOINED = "FROM bot_instances i JOIN bot_accounts a ON a.id = i.account"


class Shown(NamedTuple):
    """A token on record, with whose it is. The instance has the one credential that signed in for it."""

    account: Account
    instance: Instance
    generation: int
    used: bool
    replaced: bool
    expires_at: Instant

    @property
    def ends(self) -> Instant:
        """With itself or with the credential that signed in, whichever comes first."""
        return min(self.expires_at, self.instance.credentials[0].expires_at)


# -- looking


async def all_accounts(database: Database) -> list[Account]:
    """Every account by name, with instances and credentials."""
    credentials: dict[str, list[Credential]] = {}
    for row in await database.fetch(f"SELECT c.instance, {_CREDENTIAL} FROM bot_credentials c ORDER BY c.number"):  # noqa: S608
        credentials.setdefault(cast("str", row[0]), []).append(_credential(row[1:]))
    instances: dict[str, list[Instance]] = {}
    for row in await database.fetch(f"SELECT {_INSTANCE} FROM bot_instances i ORDER BY i.label"):  # noqa: S608
        found = _instance(row)
        own = replace(found, credentials=tuple(credentials.get(found.id, ())))
        instances.setdefault(found.account, []).append(own)
    rows = await database.fetch(f"SELECT {_ACCOUNT} FROM bot_accounts a ORDER BY a.name")  # noqa: S608
    return [replace(one, instances=tuple(instances.get(one.id, ()))) for one in map(_account, rows)]


async def instance(database: Database, instance_id: str) -> tuple[Account, Instance] | None:
    """One instance with its credentials and its account. Both questions are always asked: an id that nobody has costs
    what a known one does.
    """
    rows = await database.fetch(f"SELECT {_ACCOUNT}, {_INSTANCE} {_JOINED} WHERE i.id = ?", (instance_id,))
    credentials = await database.fetch(
        f"SELECT {_CREDENTIAL} FROM bot_credentials c WHERE c.instance = ? ORDER BY c.number",  # noqa: S608
        (instance_id,),
    )
    if not rows:
        return None
    return _account(rows[0][:5]), replace(_instance(rows[0][5:]), credentials=tuple(map(_credential, credentials)))


async def token(database: Database, token_hash: bytes) -> Shown | None:
    """What is behind a token."""
    rows = await database.fetch(
        f"SELECT {_ACCOUNT}, {_INSTANCE}, {_CREDENTIAL}, t.generation, t.used, t.replaced, t.expires_at {_JOINED} "
        "JOIN bot_tokens t ON t.instance = i.id "
        "JOIN bot_credentials c ON c.instance = t.instance AND c.number = t.credential WHERE t.hash = ?",
        (token_hash,),
    )
    if not rows:
        return None
    row = rows[0]
    generation, used, replaced, expires = cast("tuple[int, int, int, int]", row[21:])
    owner = replace(_instance(row[5:14]), credentials=(_credential(row[14:21]),))
    return Shown(_account(row[:5]), owner, generation, bool(used), bool(replaced), expires)


async def last_is_unused(database: Database, owner: Instance, credential: Credential) -> bool:
    """Whether nobody showed the token that the last sign-in with this credential gave."""
    rows = await database.fetch(
        "SELECT 1 FROM bot_tokens WHERE instance = ? AND credential = ? AND generation = ? AND replaced = 0 AND used = 0",
        (owner.id, credential.number, credential.generation),
    )
    return bool(rows)


# -- writing


def add_account(tx: Transaction, account: Account) -> None:
    """A new account; its name must be free."""
    tx.add(
        "INSERT INTO bot_accounts (id, name, level, state, created_at) VALUES (?, ?, ?, ?, ?)",
        (account.id, account.name, account.level, account.state.value, account.created_at),
    )


def add_instance(tx: Transaction, owner: Instance) -> None:
    """A new instance; its label must be free in the account."""
    tx.add(
        "INSERT INTO bot_instances (id, account, label, plain, state, reason, created_at, since) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            owner.id,
            owner.account,
            owner.label,
            int(owner.plain),
            owner.state.value,
            owner.reason,
            owner.created_at,
            owner.since,
        ),
    )


def add_credential(tx: Transaction, instance_id: str, new: Credential) -> None:
    """A new credential; of two that are made at once, one wins."""
    tx.add(
        "INSERT INTO bot_credentials (instance, number, method, material, generation, moved_at, expires_at, warned) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, 0)",
        (instance_id, new.number, new.method.value, new.material, new.generation, new.moved_at, new.expires_at),
    )


def shorten(tx: Transaction, instance_id: str, until: Instant) -> None:
    """Every credential of an instance ends at *until* at the latest."""
    tx.add(
        "UPDATE bot_credentials SET expires_at = ? WHERE instance = ? AND expires_at > ?", (until, instance_id, until)
    )


def drop_credential(tx: Transaction, instance_id: str, number: int) -> None:
    """Removes what counts no more, and its tokens."""
    tx.add("DELETE FROM bot_tokens WHERE instance = ? AND credential = ?", (instance_id, number))
    tx.add("DELETE FROM bot_credentials WHERE instance = ? AND number = ?", (instance_id, number))


def note_warned(tx: Transaction, instance_id: str, number: int) -> None:
    """Administrators were told that this one runs out."""
    tx.add("UPDATE bot_credentials SET warned = 1 WHERE instance = ? AND number = ?", (instance_id, number))


def set_account_state(tx: Transaction, account_id: str, state: State) -> None:
    """Enables or disables an account."""
    tx.add("UPDATE bot_accounts SET state = ? WHERE id = ?", (state.value, account_id), expect=1)


def set_level(tx: Transaction, account_id: str, level: str) -> None:
    """Gives an account another level."""
    tx.add("UPDATE bot_accounts SET level = ? WHERE id = ?", (level, account_id), expect=1)


def set_state(tx: Transaction, owner: Instance, state: State, reason: str) -> None:
    """Moves an instance on from the state that it was read in."""
    tx.add(
        "UPDATE bot_instances SET state = ?, reason = ? WHERE id = ? AND state = ?",
        (state.value, reason, owner.id, owner.state.value), expect=1,
    )  # fmt: skip


def restart_use(tx: Transaction, instance_id: str, now: Instant) -> None:
    """Somebody wants it used: the time without a sign-in begins anew."""
    tx.add("UPDATE bot_instances SET since = ? WHERE id = ?", (now, instance_id))


def disable_if_still_unused(tx: Transaction, owner: Instance) -> None:
    """The same for one that nobody used, if nobody did so meanwhile."""
    tx.add(
        "UPDATE bot_instances SET state = 'disabled', reason = 'unused' WHERE id = ? AND state = 'enabled' "
        "AND COALESCE(used_at, 0) = ?",
        (owner.id, owner.used_at or 0), expect=1,
    )  # fmt: skip


def end_tokens(tx: Transaction, instance_id: str) -> None:
    """Every token of an instance is over."""
    tx.add("DELETE FROM bot_tokens WHERE instance = ?", (instance_id,))


def note_use(tx: Transaction, owner: Instance, now: Instant) -> None:
    """A sign-in of an instance that may: neither it nor its account was stopped since it was read."""
    tx.add(
        "UPDATE bot_instances SET used_at = ? WHERE id = ? AND state = 'enabled' "
        "AND EXISTS (SELECT 1 FROM bot_accounts WHERE id = bot_instances.account AND state = 'enabled')",
        (now, owner.id), expect=1,
    )  # fmt: skip


def advance(tx: Transaction, instance_id: str, credential: Credential, now: Instant) -> None:
    """The next generation; of two sign-ins with the same one, one wins. Its earlier token is over."""
    tx.add(
        "UPDATE bot_credentials SET generation = generation + 1, moved_at = ? WHERE instance = ? AND number = ? "
        "AND generation = ?",
        (now, instance_id, credential.number, credential.generation), expect=1,
    )  # fmt: skip
    tx.add("DELETE FROM bot_tokens WHERE instance = ? AND credential = ?", (instance_id, credential.number))


def replace_last(tx: Transaction, instance_id: str, credential: Credential) -> None:
    """The token of the last sign-in counts no more, if nobody showed it yet; whoever shows it is noticed."""
    tx.add(
        "UPDATE bot_tokens SET replaced = 1 WHERE instance = ? AND credential = ? AND generation = ? AND used = 0 "
        "AND replaced = 0",
        (instance_id, credential.number, credential.generation), expect=1,
    )  # fmt: skip


def add_token(
    tx: Transaction, token_hash: bytes, instance_id: str, number: int, generation: int, expires_at: Instant
) -> None:
    """A token."""
    tx.add(
        "INSERT INTO bot_tokens (hash, instance, credential, generation, used, replaced, expires_at) "
        "VALUES (?, ?, ?, ?, 0, 0, ?)",
        (token_hash, instance_id, number, generation, expires_at),
    )


def note_shown(tx: Transaction, token_hash: bytes) -> None:
    """Somebody showed this token; not, if it was replaced meanwhile."""
    tx.add("UPDATE bot_tokens SET used = 1 WHERE hash = ? AND replaced = 0", (token_hash,), expect=1)


def remove_token(tx: Transaction, token_hash: bytes) -> None:
    """Takes one token back."""
    tx.add("DELETE FROM bot_tokens WHERE hash = ?", (token_hash,))


def forget_tokens(tx: Transaction, now: Instant) -> None:
    """Removes the tokens that are over by themselves."""
    tx.add("DELETE FROM bot_tokens WHERE expires_at <= ?", (now,))


def _account(row: Row) -> Account:
    id_, name, level, state, created = row
    return Account(
        cast("str", id_), cast("str", name), cast("str", level), State(cast("str", state)), cast("int", created)
    )


def _instance(row: Row) -> Instance:
    id_, account, label, plain, state, reason, created, since, used = row
    return Instance(
        cast("str", id_), cast("str", account), cast("str", label), bool(plain), State(cast("str", state)), cast("str", reason),
        cast("int", created), cast("int", since), cast("int | None", used),
    )  # fmt: skip


def _credential(row: Row) -> Credential:
    number, method, material, generation, moved, expires, warned = row
    return Credential(
        cast("int", number), Method(cast("str", method)), cast("bytes", material), cast("int", generation), cast("int", moved),
        cast("int", expires), bool(warned),
    )  # fmt: skip
