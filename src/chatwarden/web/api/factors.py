"""One's own credentials: password, passkeys, one-time codes, recovery codes.

Each change needs a fresh confirmation, ends the person's other sessions and is told to them. Who must have a second factor
and has none can come here and nowhere else.
"""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any, Literal

import msgspec

from chatwarden.clock import Instant
from chatwarden.errors import Forbidden, InvalidCredentials, InvalidRequest, NotFound, StepUpRequired, TooManyAttempts
from chatwarden.identity.model import User
from chatwarden.sessions import rules
from chatwarden.sessions.model import EndReason, Session
from chatwarden.sessions.service import ended
from chatwarden.web import qr
from chatwarden.web.api.login import Text
from chatwarden.web.context import Services
from chatwarden.web.http import Reply, Request, json_reply
from chatwarden.web.routes import Access, Route
from chatwarden.web.views import (
    FactorAdded,
    FactorBegun,
    FactorList,
    FactorView,
    RecoveryCodes,
    factor_view,
    session_view,
)

OPERATION = "credentials"


class NewFactor(msgspec.Struct, forbid_unknown_fields=True):
    """What is to be set up."""

    kind: Literal["totp", "passkey", "recovery"]
    name: Text = ""


class Proof(msgspec.Struct, forbid_unknown_fields=True):
    """A code, or the JSON of a new passkey: it shows that the factor works."""

    answer: Annotated[str, msgspec.Meta(max_length=512)] | dict[str, Any]


class Rename(msgspec.Struct, forbid_unknown_fields=True):
    """Another name."""

    name: Text


class PasswordChange(msgspec.Struct, forbid_unknown_fields=True):
    """The present password and the next one."""

    current: Text
    password: Text


_NEW = msgspec.json.Decoder(NewFactor)
_PROOF = msgspec.json.Decoder(Proof)
_RENAME = msgspec.json.Decoder(Rename)
_CHANGE = msgspec.json.Decoder(PasswordChange)


async def listing(services: Services, _request: Request, session: Session) -> Reply:
    """One's own factors."""
    user = await services.identity.of(session.principal)
    factors = await services.factors.of(user.id)
    needed = services.config.session.roles[user.role].second_factor == "required"
    left = await services.factors.recovery_left(user.id)
    return json_reply(FactorList(user.password is not None, needed, [factor_view(one) for one in factors], left))


async def begin(services: Services, request: Request, session: Session) -> Reply:
    """Begins to set up a factor, or makes new recovery codes."""
    wanted = await request.json(_NEW)
    now = services.clock.now()
    user = await _own(services, session, now)
    if wanted.kind == "recovery":
        if not await services.factors.means(user.id):
            raise InvalidRequest(
                "recovery codes stand in for a second factor: set one up first", status=422, reason="recovery-first"
            )
        codes = await services.factors.renew_recovery(user, now)
        await _others_end(services, session)
        return json_reply(RecoveryCodes(codes), 201)
    if wanted.kind == "totp":
        made = await services.factors.begin_totp(user, wanted.name, services.relying_party.name, now)
        return json_reply(FactorBegun(made["id"], made["secret"], made["uri"], qr.rows(made["uri"])))
    begun = await services.factors.begin_passkey(user, wanted.name, services.relying_party, now)
    return json_reply(FactorBegun(begun["id"], options=begun["options"]))


async def confirm(services: Services, request: Request, session: Session) -> Reply:
    """The factor works: it counts from now on."""
    given = await request.json(_PROOF)
    now = services.clock.now()
    user = await services.identity.of(session.principal)
    first = not await services.factors.means(user.id)
    factor = await services.factors.confirm(user, request.path["id"], given.answer, services.relying_party, now)
    await _others_end(services, session)
    added = FactorAdded(factor_view(factor))
    if first:
        added.recovery_codes = await services.factors.renew_recovery(user, now)
    session.means = await _means(services, user)
    services.sessions.record.moved(session)
    if session.incomplete:
        # Proved twice now: a new token for what is worth more than before, and the old one dies (ASVS 7.2.4).
        complete, token = await services.sessions.start(
            session.principal, factors=(*session.factors, factor.kind), now=services.clock.now(), means=session.means,
            origin=session.origin, bind=partial(services.companies.sessions.follow, session.id),
        )  # fmt: skip
        if session.end_reason is not None:  # meanwhile: nothing takes over from what has ended
            now = services.clock.now()
            await services.sessions.end(complete, session.end_reason, now, actor="system")
            raise ended(session, now)
        services.sessions.recognise(complete, request.client)
        await services.sessions.end(session, EndReason.REPLACED, services.clock.now(), actor=user.id)
        added.token, added.token_type = token, "Bearer"
        added.session = session_view(services.sessions, complete, services.clock.now(), services.relying_party)
    return json_reply(added, 201)


async def rename(services: Services, request: Request, session: Session) -> Reply:
    """Gives a factor another name."""
    wanted = await request.json(_RENAME)
    user = await services.identity.of(session.principal)
    return json_reply(
        factor_view(await services.factors.rename(user, request.path["id"], wanted.name, services.clock.now()))
    )


async def remove(services: Services, request: Request, session: Session) -> Reply:
    """Removes a factor. The last one stays where one is needed."""
    now = services.clock.now()
    user = await services.identity.of(session.principal)
    own = await services.factors.of(user.id)
    if all(one.id != request.path["id"] for one in own):
        raise NotFound
    if len(own) == 1 and services.config.session.roles[user.role].second_factor == "required":
        raise Forbidden("a second factor is needed here: set up another one first", reason="factor-last")
    await _own(services, session, now)
    await services.factors.remove(user, request.path["id"], now)
    await _others_end(services, session)
    session.means = await _means(services, user)
    services.sessions.record.moved(session)
    return Reply(204)


async def password(services: Services, request: Request, session: Session) -> Reply:
    """Changes one's own password."""
    wanted = await request.json(_CHANGE)
    now = services.clock.now()
    user = await services.identity.of(session.principal)
    if user.password is None:
        raise Forbidden("this account has no password here", reason="no-password")
    _guess(services, session, now)
    if not await services.identity.check_password(session.principal, wanted.current, now):
        raise InvalidCredentials("the present password is not right")
    services.throttle.forgive(f"password-change:{user.id}")
    services.identity.policy.check(wanted.password, user.role, user.name)  # before a factor is spent on it
    if set(rules.proof(session)) - {"password"}:
        services.answers.require_fresh(session, OPERATION, now)
    await services.identity.set_password(user, wanted.password, now)
    await _others_end(services, session)
    return Reply(204)


def _guess(services: Services, session: Session, now: Instant) -> None:
    rate = services.config.limits.login_failures
    wait = 0 if rate is None else services.throttle.take(f"password-change:{session.principal.id}", rate, now)
    if wait:
        raise TooManyAttempts(headers={"Retry-After": str(-(-wait // 1_000_000))})


async def _own(services: Services, session: Session, now: Instant) -> User:
    """The account of this session, freshly proved."""
    user = await services.identity.of(session.principal)
    services.answers.require_fresh(session, OPERATION, now)
    return user


async def _means(services: Services, user: User) -> tuple[str, ...]:
    return (*await services.factors.means(user.id), *(("password",) if user.password else ()))


async def _others_end(services: Services, session: Session) -> None:
    who = session.principal.id
    now = services.clock.now()
    await services.sessions.end_all_of(who, EndReason.CREDENTIAL_CHANGED, now, actor=who, but=session.id)


ROUTES = [
    Route("GET", "/api/v1/factors", "One's own factors", Access.SETTING_UP, listing, None, ((200, FactorList),),
          (NotFound,)),
    Route(
        "POST", "/api/v1/factors", "Begin to set up a factor, or make new recovery codes", Access.SETTING_UP, begin,
        NewFactor, ((200, FactorBegun), (201, RecoveryCodes)), (NotFound, StepUpRequired, Forbidden),
    ),
    Route(
        "POST", "/api/v1/factors/{id}/confirm", "Show that a factor works", Access.SETTING_UP, confirm, Proof,
        ((201, FactorAdded),), (NotFound,),
    ),
    Route("PATCH", "/api/v1/factors/{id}", "Rename a factor", Access.ACTIVE, rename, Rename, ((200, FactorView),),
          (NotFound,)),
    Route("DELETE", "/api/v1/factors/{id}", "Remove a factor", Access.ACTIVE, remove, None, ((204, None),),
          (NotFound, StepUpRequired, Forbidden)),
    Route(
        "PUT", "/api/v1/password", "Change one's own password", Access.SETTING_UP, password, PasswordChange,
        ((204, None),), (NotFound, InvalidCredentials, StepUpRequired, Forbidden, TooManyAttempts),
    ),
]  # fmt: skip
