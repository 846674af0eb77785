"""Modules joined into one script: it does what they do, and what is not understood is refused."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from chatwarden.web.linked import linked

MODULES = {
    "a/entry.js": 'import { name, greet as hello } from "../b/words.js";\nimport "./side.js";\n\n'
    "console.log(hello(name), done);\nvar done = 1;\n",
    "a/side.js": 'import {\n  name,\n} from "../b/words.js";\n// a comment\nconsole.log("side", name);\n',
    "b/words.js": "/** Says\n * hello.\n */\nexport function greet(who) {\n  return `hello ${who}`; // https://x.example\n}\n"
    'export const name = "you";\nexport class Thing {}\nexport async function later() {}\nconst own = 1;\n',
}


def put(folder: Path, modules: dict[str, str]) -> Path:
    for name, text in modules.items():
        (folder / name).parent.mkdir(exist_ok=True, parents=True)
        (folder / name).write_text(text)
    return folder


def test_it_does_what_the_modules_do_each_once_and_in_their_order(tmp_path: Path) -> None:
    script = linked(put(tmp_path, MODULES), "a/entry.js")
    (tmp_path / "out.js").write_bytes(script)
    done = subprocess.run(["node", tmp_path / "out.js"], capture_output=True, text=True, check=True)
    assert done.stdout == "side you\nhello you undefined\n"
    assert script.count(b"function greet") == 1
    assert b"a comment" not in script
    assert b"// https://x.example" in script  # behind code a comment stays: it could be part of a text


def test_the_same_modules_are_the_same_bytes(tmp_path: Path) -> None:
    folder = put(tmp_path, MODULES)
    assert linked(folder, "a/entry.js") == linked(folder, "a/entry.js")


@pytest.mark.parametrize(
    "line",
    [
        "export default 1;",
        'export * from "./x.js";',
        "export let changing = 1;",
        "export { one };",
        'import all from "./x.js";',
        'import * as all from "./x.js";',
        'import { x } from "https://cdn.example/x.js";',
        'import { x } from "/demo/x.js";',
        'const later = import("./x.js");',
    ],
)
def test_a_form_that_is_not_known_is_refused(tmp_path: Path, line: str) -> None:
    with pytest.raises(ValueError, match="not known here"):
        linked(put(tmp_path, {"m.js": f"{line}\n", "x.js": ""}), "m.js")


def test_a_circle_is_refused(tmp_path: Path) -> None:
    circle = {
        "a.js": 'import { b } from "./b.js";\nexport const a = 1;\n',
        "b.js": 'import { a } from "./a.js";\nexport const b = 1;\n',
    }
    with pytest.raises(ValueError, match="circle"):
        linked(put(tmp_path, circle), "a.js")
