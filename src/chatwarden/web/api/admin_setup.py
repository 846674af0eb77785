"""How this gateway is set up: applications and grants, the policy of each bot, the settings in force. Only to look at.

No credential is in any answer: those of applications are kept where nobody reads them, and the settings name files.
"""

from __future__ import annotations

from typing import Any

import msgspec

from chatwarden.classes import NEVER, SECRETS, STRICT, DataClass
from chatwarden.clock import SECOND
from chatwarden.config.in_force import InForce, in_force
from chatwarden.config.model import BotConfig, SessionPolicy
from chatwarden.detection.policy import action_of
from chatwarden.errors import Unavailable
from chatwarden.sessions.model import Session
from chatwarden.web import applications as broker
from chatwarden.web.api.admin import BASE, READERS, REFUSALS, act, asked
from chatwarden.web.context import Services
from chatwarden.web.http import Reply, Request, json_reply
from chatwarden.web.routes import Access, Route


class ApplicationsView(msgspec.Struct):
    """Applications, grants, where a grant is wider than its bot's level, and leases. ``broker``: why they are not told."""

    applications: list[dict[str, Any]]
    grants: list[dict[str, Any]]
    drift: list[dict[str, Any]]
    leases: list[dict[str, Any]]
    broker: str | None = None


class ClassPolicy(msgspec.Struct):
    """What is done with a class: towards the bot's people and the bot. Times are seconds; 0 is never written. ``keep``: what
    the law wants kept at least.
    """

    # "class" is the field's name outside.
    data_class: str = msgspec.field(name="class")
    action: str
    lifetime: int
    level: str
    keep: int | None


class BotPolicy(msgspec.Struct):
    """The policy of one bot. ``mode`` is ``protect`` or ``observe``; ``default``: a message in which nothing is found."""

    bot: str
    mode: str
    default: int
    keep: int | None
    classes: list[ClassPolicy]


class PolicyView(msgspec.Struct):
    """Class by class, what is done and how long it lives, for every bot."""

    bots: list[BotPolicy]


class RoleView(msgspec.Struct):
    """How long the sessions of a role live and how its people are asked, in seconds; a ``recheck`` of 0 is off."""

    role: str
    idle: int
    answer_within: int
    absolute: int
    attempts: int
    confirmation: str
    recheck: int
    recheck_on_change: bool
    second_factor: str


class SettingsView(msgspec.Struct):
    """The settings in force. ``file`` is where they are written."""

    file: str | None
    profile: str
    lab: bool
    settings: list[InForce]
    roles: list[RoleView]


async def applications(services: Services, request: Request, session: Session) -> Reply:
    """Applications with grants and leases."""
    asked(request)
    act(services, session)
    try:
        told: Any = await broker.app_list(services, {})
        drift: Any = await broker.app_drift(services, {})
        leases: Any = await broker.app_leases(services, {})
    except Unavailable as gone:  # what is known here is shown all the same
        grants = [broker.grant_view(one) for one in services.errands.applications.grants]
        return json_reply(ApplicationsView([], grants, [], [], str(gone)))
    return json_reply(ApplicationsView(told["applications"], told["grants"], drift["drift"], leases["leases"]))


async def policy(services: Services, request: Request, session: Session) -> Reply:
    """The policy tables."""
    asked(request)
    act(services, session)
    return json_reply(PolicyView([_bot(services, bot.config) for bot in services.bots.all()]))


def _bot(services: Services, bot: BotConfig) -> BotPolicy:
    retention = services.config.retention
    rules = services.config.bots.get(bot.name, bot)  # as a reload left them
    treatments = {**services.config.policy, **rules.policy}
    kept = rules.keep

    def least(life: int, data_class: DataClass) -> int:
        return max(life, *(kept.get(one, 0) for one in (None, data_class))) if life else 0

    classes = [
        ClassPolicy(
            one.value, "allowed" if rules.mode == "observe" and one not in SECRETS else action_of(one, treatments).value,
            least(min(retention.default, retention.classes[one]), one) // SECOND, _level(one),
            kept[one] // SECOND if one in kept else None,
        )
        for one in DataClass
    ]  # fmt: skip
    default = max(retention.default, kept.get(None, 0)) // SECOND
    return BotPolicy(bot.name, rules.mode, default, kept[None] // SECOND if None in kept else None, classes)


def _level(data_class: DataClass) -> str:
    """The erasure level that messages with this class reach (docs/self-destruct.md)."""
    return "never" if data_class in NEVER else "E3" if data_class in STRICT else "E1"


async def settings(services: Services, request: Request, session: Session) -> Reply:
    """The settings as they are in force."""
    asked(request)
    act(services, session)
    config = services.config
    roles = [_role(role.value, policy) for role, policy in services.sessions.config.roles.items()]
    return json_reply(
        SettingsView(
            str(config.source) if config.source else None, config.session.profile, config.server.lab, in_force(config), roles
        )
    )  # fmt: skip


def _role(role: str, policy: SessionPolicy) -> RoleView:
    return RoleView(
        role, policy.idle // SECOND, policy.answer_within // SECOND, policy.absolute // SECOND, policy.attempts,
        policy.confirmation, policy.recheck // SECOND, policy.recheck_on_change, policy.second_factor,
    )  # fmt: skip


ROUTES = [
    Route("GET", BASE + "/applications", "Applications, grants and leases", Access.ACTIVE, applications, None,
          ((200, ApplicationsView),), REFUSALS, roles=READERS),
    Route("GET", BASE + "/policy", "What is done with each data class", Access.ACTIVE, policy, None, ((200, PolicyView),),
          REFUSALS, roles=READERS),
    Route("GET", BASE + "/settings", "The settings in force", Access.ACTIVE, settings, None, ((200, SettingsView),),
          REFUSALS, roles=READERS),
]  # fmt: skip
