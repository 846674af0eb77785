"""Whether a bot may ask an application for something on behalf of a person. Pure; default deny.

    allowed = a grant of the bot fits  AND  the bot's level has its right  AND  the person has the person's right
              AND  the person proved who they are recently enough  AND  the session lives

Every condition of a grant is always judged, so that an administrator is told all of them (``chatwarden app explain``); the
bot is told none (house plan, decision 13). The rate of a grant is charged afterwards, only for what is allowed.
"""

from __future__ import annotations

from collections.abc import Iterable

from chatwarden.bots.broker import paths
from chatwarden.bots.broker.model import Allow, Condition, Deny, Facts, Grant, Wish
from chatwarden.clock import SECOND


def judged(grant: Grant, wish: Wish, facts: Facts) -> tuple[Condition, ...]:
    """Every condition of *grant*, in the order in which they count."""
    fits = wish.parts is not None and any(paths.matches(one, wish.parts) for one in grant.paths)
    ago = "never" if facts.proved_ago is None else f"{facts.proved_ago // SECOND} s ago"
    fresh = not grant.step_up or (facts.proved_ago is not None and facts.proved_ago <= grant.step_up)
    has_right = not grant.person_right or grant.person_right in facts.person_rights
    return (
        Condition("application", bool(facts.origin), facts.origin or f"there is no application {wish.application}"),
        Condition("origin", facts.origin == grant.origin, f"the grant is for {grant.origin}"),
        Condition("method", wish.method in grant.methods, f"the grant is for {', '.join(grant.methods)}"),
        Condition("path", fits, f"the grant is for {', '.join(grant.paths)}"),
        Condition("right", grant.right in facts.rights, f"the bot's level needs {grant.right}"),
        Condition("turn", facts.own_turn, "the turn token is one of this bot"),
        Condition("session", facts.session, "the session lives and waits for no answer"),
        Condition("person-right", has_right, f"the person needs {grant.person_right or 'no right'}"),
        Condition(
            "step-up", fresh,
            f"the person proved who they are {ago}; the grant wants {grant.step_up // SECOND} s at most"
            if grant.step_up else "the grant asks for no fresh proof",
        ),
    )  # fmt: skip


def decide(grants: Iterable[Grant], wish: Wish, facts: Facts) -> Allow | Deny:
    """The grant by which *wish* is allowed, or why it is not: by the grant that came furthest."""
    nearest: tuple[int, str, Grant | None] = (-1, "no-grant", None)
    for grant in grants:
        if grant.bot != wish.bot or grant.application != wish.application:
            continue
        conditions = judged(grant, wish, facts)
        failing = next((at for at, one in enumerate(conditions) if not one.holds), None)
        if failing is None:
            return Allow(grant)
        if failing > nearest[0]:
            nearest = failing, conditions[failing].name, grant
    return Deny("unclear-path" if wish.parts is None else nearest[1], nearest[2])


def wider(grant: Grant, rights: frozenset[str]) -> bool:
    """Whether *grant* rests on a right that the bot's level does not have: it opens nothing, and drifted from the level."""
    return grant.right not in rights
