"""``chatwarden audit verify`` and ``prove``: what shows that the log is whole, and that an entry is in it.

Both read the home themselves, so that what is checked is what lies there and not what a gateway says of it. Before, the
tree is brought up to what is committed, by the gateway that runs or else here.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

from chatwarden.cli.commands import ask, configured, say, show
from chatwarden.config.home import Home, write_private
from chatwarden.config.model import Config
from chatwarden.errors import CannotRun, ChatwardenError, NotFound
from chatwarden.storage.model import StorageFailed

if TYPE_CHECKING:  # heavy; loaded where it is used
    from chatwarden.audit.note import VerifierKey
    from chatwarden.audit.verify import Report

_STEP = 65_536


def verify(options: argparse.Namespace) -> int:
    """Checks the whole log; 1 and the first wrong entry where it is not what it was."""
    try:
        damaged = _integrate(options)
    except (CannotRun, StorageFailed) as error:  # what lies there can be checked all the same
        sys.stderr.write(f"the tree could not be brought up to date: {error}\n")
        damaged = ""
    home, config = configured(options)
    import asyncio  # noqa: PLC0415  a command that asks a gateway does not need it

    report = asyncio.run(_verify(home, config, quiet=options.json, lines=options.progress))
    result: dict[str, Any] = {
        "ok": report.wrong is None and not damaged,
        "years": [
            {
                "year": one.year, "origin": one.origin, "size": one.size, "root": one.root, "waiting": one.waiting,
                "cosigned_by": list(one.cosigned_by),
            }
            for one in report.years
        ],
    }  # fmt: skip
    if report.wrong is not None:
        wrong = report.wrong
        result |= {"year": wrong.year, "first_bad_index": max(wrong.index, -1), "reason": wrong.what}
    elif damaged:
        result |= {"year": 0, "first_bad_index": -1, "reason": damaged}
    show(options, result, _told)
    return 0 if result["ok"] else 1


def _told(result: dict[str, Any]) -> None:
    for one in result["years"]:
        waiting = f", {one['waiting']} not yet in the tree" if one["waiting"] else ""
        say(f"ok {one['origin']}: {one['size']} entries, root {one['root']}{waiting}")
        for name in one["cosigned_by"]:
            say(f"   cosigned by {name}")
    if "reason" in result:
        where = f"entry {result['first_bad_index']}" if result["first_bad_index"] >= 0 else "no single entry"
        of = f" of {result['year']}" if result["year"] else ""
        say(f"WRONG: {where}{of}: {result['reason']}")
    elif not result["years"]:
        say("ok: the log is empty")


def prove(options: argparse.Namespace) -> int:
    """Writes a proof of one entry."""
    _integrate(options)
    home, config = configured(options)
    from chatwarden.audit import prove as proofs  # noqa: PLC0415  only here
    from chatwarden.audit.folder import Folder  # noqa: PLC0415

    year = options.year or max((int(one.name) for one in home.audit.glob("[0-9]*")), default=0)
    folder = Folder(home.audit / str(year))
    try:
        proof, entry = proofs.prove(folder, options.index)
        vkey = folder.vkey
    except NotFound:
        raise
    except ChatwardenError as error:
        raise CannotRun(
            f"the log cannot prove it: {error}", hint="chatwarden audit verify says what is wrong"
        ) from error
    assert vkey is not None
    result = {
        "year": year, "index": proof.index, "entry": entry.decode(), "proof": str(proof),
        "policy": proofs.policy(vkey, _witnesses(config)),
    }  # fmt: skip
    if options.out is not None:
        try:
            write_private(options.out, str(proof).encode())
            write_private(options.out.with_name(options.out.name + ".entry"), entry)
        except OSError as error:
            raise CannotRun(f"cannot write {options.out}: {error.strerror}") from error
    return show(options, result, lambda shown: None if options.out else say(shown["proof"].removesuffix("\n")))


def _integrate(options: argparse.Namespace) -> str:
    return str(ask(options, "audit.integrate")["damaged"])


async def _verify(home: Home, config: Config, *, quiet: bool, lines: bool) -> Report:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415  heavy

    from chatwarden.audit.verify import verify as check  # noqa: PLC0415
    from chatwarden.storage.reader import reading  # noqa: PLC0415

    public = Ed25519PrivateKey.from_private_bytes(home.key("audit-sign", 32)).public_key().public_bytes_raw()
    told = 0

    def progress(year: int, done: int, of: int) -> None:
        nonlocal told
        if lines:
            sys.stderr.write(f'{{"year":{year},"done":{done},"of":{of}}}\n')
        elif of > _STEP and (done - told >= _STEP or done == of):
            told = done
            sys.stderr.write(f"\r{year}: {done} of {of} entries checked" + ("\n" if done == of else ""))
        sys.stderr.flush()

    async with reading(config.storage, home.path, home.database) as reader:
        return await check(
            reader, home.audit, home.audit_head, public, witnesses=_witnesses(config),
            progress=progress if lines or (sys.stderr.isatty() and not quiet) else lambda *_: None,
        )  # fmt: skip


def _witnesses(config: Config) -> list[VerifierKey]:
    from chatwarden.audit.note import VerifierKey  # noqa: PLC0415  heavy

    return [VerifierKey.parse(one.vkey) for one in config.witnesses]
