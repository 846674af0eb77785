"""The words that inquiries are looked at with: read from ``words/*.toml`` once, matched in one pass.

A *feature* is something that a text has or has not, with a name that people understand, what it is evidence about, and its
weight. The files of the package are the only place where features and weights stand; topics of the configuration add to
them. In the files ``<name>`` stands for the words of a list. Matching is one pass of an RE2 set over the folded text: its time
is linear in the text, whatever is looked for. Not here: what the evidence leads to (triage.py).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import re2

from chatwarden.config.inquiries import Topic
from chatwarden.config.phrases import expression, folded
from chatwarden.errors import ConfigurationError

WORDS = Path(__file__).parent / "words"
_LIST = re.compile("<([a-z-]+)>")  # in the package's own files: the words of a list
PHRASE_MAX = 4_000  # with lists in their places
_MEMORY = 1 << 26  # of the automaton; as much is never needed
_SHOUT_LETTERS, _SHOUT_SHARE = 10, 0.7
_CAPITALS = re.compile(r"[A-ZÀ-ÖØ-Þ]{3}")
_SENTENCE = re.compile(r"[.!?;\n]+")


class Feature(NamedTuple):
    """``about``: a reason, or ``topic:`` and a topic's name."""

    about: str
    name: str
    weight: float


FAILED = Feature("hostile", "the words could not be looked at", 1.0)
_PULSE = Feature("", "", 0.0)


@dataclass(frozen=True, slots=True)
class _Row:
    feature: Feature
    phrases: tuple[str, ...]
    measure: str


class Lexicon:
    """Features of some languages and of the topics of a configuration. ``stop``: words without meaning of their own. Raises
    ConfigurationError.
    """

    def __init__(self, languages: Iterable[str], topics: Mapping[str, Topic]) -> None:
        rows = [row for name in ("common", *languages) for row in _rows(name)]
        rows += [row for name, topic in topics.items() for row in _own(name, topic)]
        rows = [row for row in rows if not row.feature.about.startswith("topic:") or row.feature.about[6:] in topics]
        self.stop = frozenset(
            folded(word).strip() for name in ("common", *languages) for word in words_of(name)["stop"]
        )
        self._measured = [(_MEASURES[row.measure], row.feature) for row in rows if row.measure]
        self._asked = _Set([row for row in rows if row.feature.about != "bot-did-not-know"])
        self._answered = _Set([row for row in rows if row.feature.about == "bot-did-not-know"])

    def of_text(self, text: str) -> list[Feature]:
        """The features of what a person wrote."""
        return self._asked.found(text) + [feature for measure, feature in self._measured if measure(text)]

    def of_answer(self, text: str) -> list[Feature]:
        """Those of what a bot said."""
        return self._answered.found(text)


def lexicon_of(languages: tuple[str, ...], topics: Mapping[str, Topic]) -> Lexicon:
    """The lexicon of a configuration. Raises ConfigurationError."""
    return _made(languages, tuple(topics.items()))


@lru_cache(maxsize=4)
def _made(languages: tuple[str, ...], topics: tuple[tuple[str, Topic], ...]) -> Lexicon:
    return Lexicon(languages, dict(topics))


class _Set:
    """Phrases that are looked for at once."""

    def __init__(self, rows: Iterable[_Row]) -> None:
        options = re2.Options()
        options.max_mem = _MEMORY
        options.never_capture = True
        self._set = re2.Set.SearchSet(options)
        self._set.Add("^ ")  # how every folded text begins: who does not find it has failed
        self._features = [_PULSE]
        for row in rows:
            for phrase in row.phrases:
                self._set.Add(expression(phrase, most=PHRASE_MAX))
                self._features.append(row.feature)
        try:
            self._set.Compile()
        except re2.error as error:
            raise ConfigurationError(
                "there are too many words in [triage]", hint="shorten triage.topic.*.words"
            ) from error

    def found(self, text: str) -> list[Feature]:
        """Each feature once. A text that the engine fails on is one for people."""
        found = dict.fromkeys(self._features[at] for at in sorted(self._set.Match(folded(text)) or ()))
        if _PULSE not in found:
            return [FAILED]
        del found[_PULSE]
        return list(found)


def words_of(name: str) -> dict[str, Any]:
    """A file of the package, its lists put in their places."""
    found = tomllib.loads((WORDS / f"{name}.toml").read_text(encoding="utf-8"))
    lists = found.get("lists", {})
    for feature in found["feature"]:
        feature["words"] = [_LIST.sub(lambda at: lists[at[1]], phrase) for phrase in feature.get("words", ())]
    return found


def _rows(name: str) -> list[_Row]:
    return [
        _Row(
            Feature(one["about"], one["name"], float(one["weight"])),
            tuple(one["words"]),
            one.get("measure", ""),
        )
        for one in words_of(name)["feature"]
    ]


def _own(name: str, topic: Topic) -> list[_Row]:
    about = f"topic:{name}"
    return [
        _Row(Feature(about, "words of the configuration", 1.0), topic.words, ""),
        _Row(Feature(about, "words of the configuration against it", -1.0), topic.unless, ""),
    ]


def _shouts(text: str) -> bool:
    """Whether a sentence is written in capitals for the most part. A short one may be a name or an abbreviation."""
    return _CAPITALS.search(text) is not None and any(
        (upper := sum(map(str.isupper, one))) >= _SHOUT_LETTERS and upper >= _SHOUT_SHARE * sum(map(str.isalpha, one))
        for one in _SENTENCE.split(text)
    )


def _exclaims(text: str) -> bool:
    return text.count("!") >= 2 or "?!" in text or "??" in text


_MEASURES = {"capitals": _shouts, "exclamations": _exclaims}
