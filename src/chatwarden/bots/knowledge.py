"""A folder of Markdown as knowledge: sections, ranked by BM25 (Robertson and Zaragoza, 2009; k1 = 1.2, b = 0.75).

A section is a second-level heading with what stands below it; the first-level heading names the article. ``Also:`` lines
list other words for the same thing and are searched, not shown.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from chatwarden.errors import ConfigurationError

_K1, _B = 1.2, 0.75
_WORD = re.compile(r"[^\W_]+")
_FILES_MAX, _FILE_MAX = 500, 262_144
_STOP = frozenset(
    [
        "a",
        "about",
        "an",
        "and",
        "any",
        "are",
        "as",
        "at",
        "be",
        "been",
        "but",
        "by",
        "can",
        "could",
        "do",
        "does",
        "for",
        "from",
        "had",
        "has",
        "have",
        "hello",
        "hey",
        "hi",
        "how",
        "i",
        "if",
        "in",
        "into",
        "is",
        "it",
        "its",
        "just",
        "know",
        "let",
        "like",
        "may",
        "me",
        "my",
        "need",
        "of",
        "on",
        "or",
        "our",
        "out",
        "please",
        "say",
        "should",
        "so",
        "tell",
        "than",
        "thanks",
        "that",
        "the",
        "their",
        "them",
        "then",
        "there",
        "these",
        "they",
        "this",
        "to",
        "up",
        "us",
        "want",
        "was",
        "we",
        "were",
        "what",
        "when",
        "where",
        "which",
        "who",
        "why",
        "will",
        "with",
        "would",
        "you",
        "your",
    ]
)


@dataclass(frozen=True, slots=True)
class Section:
    """One answer: its text, where it stands, and how it is called."""

    article: str
    title: str
    text: str
    file: str


class Knowledge:
    """A searchable set of sections."""

    def __init__(self, sections: list[tuple[Section, str]]) -> None:
        self.sections = [section for section, _ in sections]
        self._counts = [Counter(words(f"{s.title} {s.title} {s.article} {extra} {s.text}")) for s, extra in sections]
        self._lengths = [sum(counts.values()) for counts in self._counts]
        self._mean = sum(self._lengths) / max(len(self._lengths), 1)
        seen = Counter(word for counts in self._counts for word in counts)
        total = len(sections)
        self._weights = {word: math.log(1 + (total - n + 0.5) / (n + 0.5)) for word, n in seen.items()}

    def search(self, question: str) -> list[tuple[float, Section]]:
        """Sections that share words with *question*, best first, with the share of its weight that they cover."""
        asked = [word for word in dict.fromkeys(words(question)) if word not in _STOP]
        unknown = math.log(1 + len(self.sections) + 0.5)
        whole = sum(self._weights.get(word, unknown) for word in asked)
        found = []
        for counts, length, section in zip(self._counts, self._lengths, self.sections, strict=True):
            known = [word for word in asked if word in counts]
            if not known:
                continue
            norm = _K1 * (1 - _B + _B * length / self._mean)
            score = sum(self._weights[word] * counts[word] * (_K1 + 1) / (counts[word] + norm) for word in known)
            cover = sum(self._weights[word] for word in known) / whole
            found.append((score, cover, section))
        found.sort(key=lambda one: -one[0])
        return [(cover, section) for _, cover, section in found]


def load(folder: Path) -> Knowledge:
    """Reads every ``*.md`` in *folder*. Raises ConfigurationError."""
    try:
        files = sorted(path for path in folder.rglob("*.md") if path.is_file())
    except OSError as error:
        raise ConfigurationError(f"cannot read the knowledge in {folder}: {error.strerror}") from error
    if not files or len(files) > _FILES_MAX:
        raise ConfigurationError(
            f"{folder} holds {len(files)} Markdown files", hint=f"1 to {_FILES_MAX} files named *.md"
        )
    sections: list[tuple[Section, str]] = []
    for path in files:
        try:
            with path.open("rb") as file:
                data = file.read(_FILE_MAX + 1)
            if len(data) > _FILE_MAX:
                raise ConfigurationError(f"{path} is too large", hint="split it into several files")
            text = data.decode()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(f"cannot read {path} as UTF-8 text") from error
        sections += split(text, path.name)
    return Knowledge(sections)


def split(markdown: str, file: str) -> list[tuple[Section, str]]:
    """The sections of one file, each with its other words."""
    article = file.removesuffix(".md")
    found: list[tuple[str, list[str], list[str]]] = []
    for line in markdown.splitlines():
        if line.startswith("# "):
            article = line[2:].strip()
        elif line.startswith("## "):
            found.append((line[3:].strip(), [], []))
        elif line.startswith("Also:") and found:
            found[-1][2].append(line[5:])
        else:
            if not found:
                found.append(("", [], []))
            found[-1][1].append(line)
    made = []
    for title, lines, extra in found:
        text = "\n".join(lines).strip()
        if text:
            made.append((Section(article, title or article, text, file), " ".join(extra)))
    return made


def words(text: str) -> list[str]:
    """Words as they are compared: folded, without accents, with the commonest English endings off."""
    plain = text.casefold()
    if not plain.isascii():
        plain = "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    return [_stem(word) for word in _WORD.findall(plain)]


def _stem(word: str) -> str:
    for ending in ("ings", "ing", "ies", "es", "ed", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)]
            word += "y" if ending == "ies" else ""
            break
    return word[:-1] if word.endswith("e") and len(word) > 3 else word
