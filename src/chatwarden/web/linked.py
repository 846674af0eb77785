"""Modules of ours joined into one script, so that a page loads one file under one hash (W3C Subresource Integrity).

Each module becomes a function that returns what it exports, in the order in which they need each other. Only the forms
that this house writes are known: ``import { a, b as c } from "./x.js"``, ``import "./x.js"``, and ``export`` before a
const, a function or a class; anything else is refused. It shortens nothing but comments that fill their lines.
"""

from __future__ import annotations

import re
from importlib.resources.abc import Traversable

_IMPORT = re.compile(r'^import (?:\{([^{}]*)\} from )?"(\.{1,2}/[\w./-]+\.js)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async function|function|const|class) (\w+))", re.MULTILINE)
_OTHER = re.compile(r"^\s*(?:import\b(?!\.meta)|export\b).*|\bimport\s*\(.*", re.MULTILINE)
_AS = re.compile(r"(\w+) as (\w+)")
_COMMENT = re.compile(r"^[ \t]*(?://.*|/\*\*(?:.|\n)*?\*/)\n", re.MULTILINE)


def linked(folder: Traversable, entry: str) -> bytes:
    """The script that *entry* and all that it needs become; *folder* is where the paths of imports start. Raises
    ValueError for a form that is not known, and for a circle.
    """
    done: dict[str, str] = {}  # name of a module -> its function
    _link(folder, entry, done, ())
    return ('(() => {\n"use strict";\n' + "".join(done.values()) + "})();\n").encode()


def _link(folder: Traversable, path: str, done: dict[str, str], open_: tuple[str, ...]) -> None:
    if path in open_:
        raise ValueError(f"a circle of imports: {' '.join((*open_, path))}")
    if path in done:
        return
    text = _COMMENT.sub("", folder.joinpath(*path.split("/")).read_text(encoding="utf-8"))
    head = []
    for names, target in _IMPORT.findall(text):
        needed = _resolved(path, target)
        _link(folder, needed, done, (*open_, path))
        if names.strip():
            head.append(f"const {{ {_taken(names)} }} = {_name(needed)};\n")
    exported = _EXPORT.findall(text)
    body = _EXPORT.sub("", _IMPORT.sub("", text))
    if other := _OTHER.search(body):
        raise ValueError(f"{path}: this form is not known here: {other[0].strip()[:80]}")
    back = f"return {{ {', '.join(exported)} }};\n" if exported else ""
    done[path] = "".join((f"const {_name(path)} = (() => {{\n", *head, body.strip(), "\n", back, "})();\n"))


def _resolved(path: str, target: str) -> str:
    parts = path.split("/")[:-1]
    for part in target.split("/"):
        if part == "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


def _taken(names: str) -> str:
    return _AS.sub(r"\1: \2", names.strip())


def _name(path: str) -> str:
    return "m_" + re.sub(r"\W", "_", path.removesuffix(".js"))
