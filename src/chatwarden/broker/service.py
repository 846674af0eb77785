"""What the broker does when it is asked: keeps, signs in, asks applications, cleans their answers, takes tokens back.

A credential is added to a request here, after everything else was decided, and every answer is searched for it before
anybody else sees it. No answer of this service has a place for a credential. An answer may be made to take long to
search: it is searched beside the loop, one of each application at a time, so that only its own application waits for it.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from chatwarden.broker import echo
from chatwarden.broker.check import Faulty, check, credential
from chatwarden.broker.http import Answer, Origin, Unreached
from chatwarden.broker.leases import Leases
from chatwarden.broker.sign_in import basic, client_credentials, header, oauth, private_key_jwt, token_exchange
from chatwarden.broker.sign_in.model import Means, NotSignedIn, Shown
from chatwarden.broker.vault import Kept, Vault
from chatwarden.broker.wire import (
    ANSWER_FIELDS,
    GIVEN,
    REQUEST_FIELDS,
    Add,
    Answered,
    Application,
    Asked,
    Call,
    End,
    Hello,
    Lease,
    Remove,
    Rotate,
)  # fmt: skip
from chatwarden.clock import Clock, Duration
from chatwarden.ids import Randomness

_SIGN_IN: dict[str, Callable[[Means], Awaitable[Shown]]] = {
    "basic": basic.sign_in,
    "bearer": header.sign_in,
    "api-key": header.sign_in,
    "client-credentials": client_credentials.sign_in,
    "private-key-jwt": private_key_jwt.sign_in,
    "token-exchange": token_exchange.sign_in,
}
# The client was accepted where only the grant was not: a trial has no person.
_GOOD_ENOUGH = {"token-exchange": {"invalid_grant", "invalid_target"}}

_SHORT = 4_096  # bytes that are searched within milliseconds, whatever is in them
_SEARCHES = 8  # applications whose answers are searched at the same time


class Service:
    """Over the folder of one broker."""

    def __init__(self, folder: Path, clock: Clock, random: Randomness, base: Duration) -> None:
        self._clock = clock
        self._random = random
        self._vault = Vault(folder, random)
        self._kept = self._vault.load()
        self.leases = Leases(folder, self._vault, random, base)
        self._origins: dict[tuple[str, str], Origin] = {}
        self._signing: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._tasks: set[asyncio.Task[Shown]] = set()
        self._revoking: set[str] = set()  # applications
        self._searching: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        # Of its own: the loop's threads resolve names, and must not wait for this.
        self._threads = ThreadPoolExecutor(_SEARCHES, "search")

    async def answer(self, asked: Asked, body: bytes) -> tuple[Answered, bytes]:
        """What is answered, with the body of an application's answer where there is one."""
        try:
            match asked:
                case Hello():
                    return Answered(applications=self._applications()), b""
                case Add():
                    return await self._add(asked, body.decode("utf-8")), b""
                case Rotate():
                    return await self._rotate(asked, body.decode("utf-8")), b""
                case Remove():
                    return self._remove(asked.name), b""
                case Call():
                    return await self._call(asked, body)
                case End():
                    for lease in asked.leases:
                        self.leases.end(lease, self._clock.now())
                    return Answered(), b""
            for lease in asked.told:
                self.leases.told(lease)
            return Answered(leases=self.leases.listed(asked.after)), b""
        except (Faulty, Unreached, NotSignedIn) as error:
            return Answered(failed=str(error)), b""
        except UnicodeDecodeError:
            return Answered(failed="a credential is text"), b""

    def _applications(self) -> list[Application]:
        # Without their authorities, which are long: many of them would not fit into an answer.
        return [
            msgspec.structs.replace(kept.application, ca=kept.application.ca and GIVEN)
            for kept in self._kept.values()
            if not kept.removed
        ]

    # -- what is kept

    async def _add(self, asked: Add, secret: str) -> Answered:
        secret = secret.strip()
        application = msgspec.structs.replace(asked.application, generation=1, at=self._clock.now())
        check(application, secret)
        if application.name in self._kept:
            raise Faulty(f"there is an application {application.name} already")
        await self._trial(application, secret, asked.subject)
        self._keep(Kept(application=application, secret=secret))
        return Answered(applications=[application])

    async def _rotate(self, asked: Rotate, secret: str) -> Answered:
        secret = secret.strip()
        kept = self._known(asked.name)
        credential(kept.application, secret)
        await self._trial(kept.application, secret, asked.subject)
        following = msgspec.structs.replace(
            kept.application, generation=kept.application.generation + 1, at=self._clock.now()
        )
        self._keep(Kept(application=following, secret=secret))
        return Answered(applications=[following])

    def _remove(self, name: str) -> Answered:
        kept = self._known(name)
        for lease in self.leases.of(name):
            self.leases.end(lease, self._clock.now())
        self._keep(msgspec.structs.replace(kept, removed=True))
        self._purge()
        return Answered(applications=[kept.application])

    def _keep(self, kept: Kept) -> None:
        self._vault.put(kept)
        self._kept[kept.application.name] = kept

    def _purge(self) -> None:
        for name in [name for name, kept in self._kept.items() if kept.removed and not self.leases.of(name)]:
            self._vault.remove(name)
            del self._kept[name]
            self._searching.pop(name, None)
            for place in [place for place in self._origins if place[0] == name]:
                self._origins.pop(place).close()

    def _known(self, name: str) -> Kept:
        kept = self._kept.get(name)
        if kept is None or kept.removed:
            raise Faulty(f"there is no application {name}")
        return kept

    async def _trial(self, application: Application, secret: str, subject: str) -> None:
        """A real sign-in. Raises Faulty where it fails, or where nothing is proved by it."""
        means = self._means(application, secret, subject)
        try:
            shown = await _SIGN_IN[application.sign_in](means)
        except NotSignedIn as refused:
            if str(refused) in _GOOD_ENOUGH.get(application.sign_in, ()):
                return
            raise Faulty(f"the application does not accept it: {refused}") from None
        except Unreached as failed:
            raise Faulty(f"the address for signing in cannot be used: {failed}") from None
        if shown.token:
            await self._given_back(means, shown.token)
            return
        origin = self._origin(application, application.url)
        target = _joined(application, application.check)
        try:
            bare = await origin.fetch("GET", target, [], b"")
            signed_in = await origin.fetch("GET", target, [shown.header], b"")
        except Unreached as failed:
            raise Faulty(f"the application cannot be used: {failed}") from None
        if bare.status not in {401, 403}:
            raise Faulty(
                f"{application.check} answers {bare.status} without a credential, so nothing is proved by it: "
                "name a path with --check that only answers who signs in"
            )
        if not 200 <= signed_in.status < 300:
            raise Faulty(f"the application does not accept it: {application.check} answers {signed_in.status}")

    async def _given_back(self, means: Means, token: str) -> None:
        if means.application.revoke_url:
            try:
                await oauth.revoke(means, token)
            except (NotSignedIn, Unreached) as error:
                raise Faulty(f"a token cannot be taken back at the address for that: {error}") from None

    # -- asking an application

    async def _call(self, asked: Call, body: bytes) -> tuple[Answered, bytes]:
        kept = self._known(asked.application)
        held = self.leases.shown(asked.lease, self._clock.now())
        shown = held or await self._signed_in(kept, asked)
        answer = await self._fetch(kept.application, asked, shown, body)
        if answer.status == 401 and held is not None:  # it was taken back over there: once more, with a new one
            self.leases.forget_token(asked.lease, held.token)
            shown = await self._signed_in(kept, asked)
            answer = await self._fetch(kept.application, asked, shown, body)
        wanted = echo.needles(shown.secrets)
        alias = f"app:{kept.application.name}"
        data, echoes = await self._searched(kept.application.name, answer.body, wanted, alias.encode())
        headers = []
        for name, value in answer.headers:
            if name in ANSWER_FIELDS:
                plain, found = echo.cleaned(value.encode("latin-1"), wanted, alias.encode())
                headers.append((name, plain.decode("latin-1")))
                echoes += found
        return Answered(status=answer.status, headers=headers, echoes=echoes), data

    async def _searched(
        self, application: str, body: bytes, wanted: dict[bytes, bool], alias: bytes
    ) -> tuple[bytes, int]:
        if len(body) <= _SHORT:
            return echo.cleaned(body, wanted, alias)
        async with self._searching[application]:
            return await asyncio.get_running_loop().run_in_executor(self._threads, echo.cleaned, body, wanted, alias)

    async def _fetch(self, application: Application, asked: Call, shown: Shown, body: bytes) -> Answer:
        headers = [(name, value) for name, value in asked.headers if name in REQUEST_FIELDS]
        target = _joined(application, asked.target)
        # The credential comes last: nothing of what was asked can stand behind it.
        return await self._origin(application, application.url).fetch(
            asked.method, target, [*headers, shown.header], body
        )

    async def _signed_in(self, kept: Kept, asked: Call) -> Shown:
        """Shielded: who goes away in the middle leaves no token behind that nobody knows."""
        task = asyncio.get_running_loop().create_task(self._sign_in(kept, asked))
        self._tasks.add(task)
        task.add_done_callback(self._settle)
        return await asyncio.shield(task)

    def _settle(self, task: asyncio.Task[Shown]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # who waited for it was told

    async def _sign_in(self, kept: Kept, asked: Call) -> Shown:
        lock = self._signing[asked.lease]
        try:
            async with lock:
                return await self._freshly_signed_in(kept, asked)
        finally:
            if not lock.locked():
                self._signing.pop(asked.lease, None)

    async def _freshly_signed_in(self, kept: Kept, asked: Call) -> Shown:
        now = self._clock.now()
        found = self.leases.shown(asked.lease, now)
        if found is not None:
            return found
        if self.leases.is_over(asked.lease):
            raise NotSignedIn("over")
        application = kept.application
        shown = await _SIGN_IN[application.sign_in](self._means(application, kept.secret, asked.subject))
        lease = Lease(id=asked.lease, application=application.name, session=asked.session, bot=asked.bot, opened_at=now)
        self.leases.hold(lease, shown, self._clock.now())
        if self.leases.is_over(asked.lease):
            raise NotSignedIn("over")
        return shown

    def _means(self, application: Application, secret: str, subject: str) -> Means:
        async def post(url: str, headers: list[tuple[str, str]], form: bytes) -> Answer:
            parts = urlsplit(url)
            return await self._origin(application, url).fetch("POST", parts.path or "/", headers, form)

        return Means(application, secret, subject, post, self._clock.now(), self._random)

    def _origin(self, application: Application, url: str) -> Origin:
        parts = urlsplit(url)
        place = application.name, f"{parts.scheme}://{parts.netloc}"
        if place not in self._origins:
            self._origins[place] = Origin(place[1], private=application.private, ca=application.ca)
        return self._origins[place]

    # -- as time passes

    async def tend(self) -> None:
        """Takes back what is to be taken back, and forgets what is no longer needed. An application that is slow makes the
        tokens of no other one wait: while it is asked, this may be called again.
        """
        due: defaultdict[str, list[Lease]] = defaultdict(list)
        for lease in self.leases.due(self._clock.now()):
            if lease.application not in self._revoking:
                due[lease.application].append(lease)
        self._revoking.update(due)
        async with asyncio.TaskGroup() as group:
            for name, leases in due.items():
                group.create_task(self._revoke_all(name, leases))
        self._purge()

    async def _revoke_all(self, application: str, leases: list[Lease]) -> None:
        try:
            for lease in leases:
                await self._revoke(lease)
        finally:
            self._revoking.discard(application)

    async def _revoke(self, lease: Lease) -> None:
        kept, token = self._kept.get(lease.application), self.leases.token(lease.id)
        if not token:
            return
        if kept is None or not kept.application.revoke_url:
            self.leases.settled(lease.id)  # there is no way but to wait: its token is in no use from here
            return
        try:
            await oauth.revoke(self._means(kept.application, kept.secret, ""), token)
        except (NotSignedIn, Unreached):
            self.leases.failed(lease.id, self._clock.now())
        else:
            self.leases.settled(lease.id)

    def close(self) -> None:
        """Lets go."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        for origin in self._origins.values():
            origin.close()


def _joined(application: Application, target: str) -> str:
    """*target* behind the path of the application's own address."""
    return urlsplit(application.url).path.rstrip("/") + target
