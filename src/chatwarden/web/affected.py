"""Whom something concerns, for a breach notice (GDPR articles 33 and 34): from the log.

Persons are those whose data entries are about: the object, or on whose behalf somebody acted. Data classes are those that
detection found in their messages, as far as these were not destroyed before the span began. Names stand there only where
an account still has that pseudonym. What nobody recorded cannot be told from here: reading by whoever copied the disk.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from chatwarden.audit.filter import EVER, Filter
from chatwarden.audit.model import Entry, Event
from chatwarden.clock import Instant, rfc3339
from chatwarden.conversations.model import Conversation
from chatwarden.errors import InvalidRequest, NotFound
from chatwarden.web.chosen import matching, wanted
from chatwarden.web.context import Services

_PEOPLE = ("usr_", "vis_")
_WITH_CLASSES = frozenset({Event.MESSAGE_RECEIVED, Event.MESSAGE_HELD, Event.MESSAGE_ANSWERED, Event.MESSAGE_SHORTENED})


@dataclass(slots=True)
class _Person:
    entries: int = 0
    first: Instant = EVER
    last: Instant = 0
    events: set[str] = field(default_factory=set)
    conversations: set[str] = field(default_factory=set)
    classes: set[str] = field(default_factory=set)


async def audit_affected(services: Services, args: dict[str, Any]) -> object:
    """The persons and data classes that the chosen entries concern."""
    only = await wanted(services, args)
    if only == Filter():
        raise InvalidRequest("say of what: --from and --to, --actor, --event or --lane")
    search = _Search(services)
    async for record in matching(services, only):
        await search.count(record.entry)
    await search.look_for_classes(only)
    names = {user.id: user.name for user in await services.identity.all()}
    persons = [
        {
            "person": person, "name": names.get(person), "entries": found.entries, "events": sorted(found.events),
            "conversations": len(found.conversations), "first": rfc3339(found.first), "last": rfc3339(found.last),
            "classes": sorted(found.classes),
        }
        for person, found in sorted(search.persons.items())
    ]  # fmt: skip
    return {"persons": persons, "classes": sorted(set().union(*(one.classes for one in search.persons.values())))}


class _Search:
    def __init__(self, services: Services) -> None:
        self._services = services
        self.persons: dict[str, _Person] = {}
        self._conversations: dict[int | str, Conversation | None] = {}

    async def count(self, entry: Entry) -> None:
        """One entry that is meant."""
        conversation = await self._conversation(entry.object)
        concerned = {one for one in (entry.object, *entry.act) if one.startswith(_PEOPLE)}
        if conversation is not None:
            concerned.add(conversation.subject)
        for one in concerned:
            person = self.persons.setdefault(one, _Person())
            person.entries += 1
            person.first, person.last = min(person.first, entry.at), max(person.last, entry.at)
            person.events.add(entry.event)
            if conversation is not None and conversation.subject == one:
                person.conversations.add(conversation.id)

    async def look_for_classes(self, only: Filter) -> None:
        """What was in the messages of those concerned that still lived when the span began."""
        found: dict[str, tuple[str, set[str]]] = {}
        async for record in self._services.records.all():
            entry = record.entry
            if entry.at >= only.end:
                continue
            if entry.event is Event.MESSAGE_DESTROYED and entry.at <= only.begin:
                found.pop(entry.object, None)
            elif entry.event in _WITH_CLASSES and entry.reason:
                conversation = await self._conversation(entry.object)
                if conversation is not None and conversation.subject in self.persons:
                    words = {word.partition(":")[0] for word in entry.reason.split()}
                    found.setdefault(entry.object, (conversation.subject, set()))[1].update(words)
        for subject, words in found.values():
            self.persons[subject].classes |= words & self._known

    @property
    def _known(self) -> set[str]:
        return {one.value for one in self._services.config.policy}

    async def _conversation(self, about: str) -> Conversation | None:
        """The conversation that an object is, or belongs to."""
        key: int | str | None = about if about.startswith("cnv_") else self._services.conversations.rows.number(about)
        if key is None:
            return None
        if key not in self._conversations:
            find = (
                self._services.conversations.find if isinstance(key, str) else self._services.conversations.find_message
            )
            try:
                self._conversations[key] = await find(about)
            except NotFound:
                self._conversations[key] = None
        return self._conversations[key]
