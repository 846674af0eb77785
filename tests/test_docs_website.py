"""The page about websites, done as it stands: keys by openssl, the configuration, the program, the questions by curl."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.world.gateway import running

PAGE = (Path(__file__).parents[1] / "docs" / "connect-a-website.md").read_text()


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def run(words: list[str], folder: Path, **env: str) -> str:
    done = subprocess.run(
        words, cwd=folder, capture_output=True, text=True, check=False, timeout=60, env={**os.environ, **env}
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_website_is_connected_as_the_page_says(tmp_path: Path) -> None:
    home, website = tmp_path / "home", tmp_path / "website"
    (home / "secrets").mkdir(parents=True)
    website.mkdir()
    keys, questions = blocks("sh")
    run(["sh", "-eu", "-c", keys], website)
    (website / "website.pub.pem").rename(home / "secrets" / "website.pub.pem")
    secret = home / "secrets" / "orders"
    secret.write_text("5" * 64 + "\n")
    secret.chmod(0o600)
    with running(home, "".join(blocks("toml"))) as gateway:
        authority = str(home / "tls" / "ca.pem")
        arrive, leave = (text.replace("https://chat.example.org", gateway.url) for text in blocks("python"))

        def program(text: str) -> str:
            return run([sys.executable, "-W", "ignore", "-c", text], website, REQUESTS_CA_BUNDLE=authority).strip()

        token = program(arrive)
        shown = gateway.call("GET", "/api/v1/session", token=token).json
        assert shown["principal"]["name"] == "website+customer-1042"
        told = run(
            ["sh", "-eu", "-c", questions.replace("var/tls/ca.pem", authority)], website,
            CHAT=gateway.url, TOKEN=token, SECRET="5" * 64,
        )  # fmt: skip
        asked, exchanged = (json.loads(part) for part in told.replace("}{", "}\n{").splitlines())
        assert (asked["active"], asked["scope"]) == (True, "orders:read")
        assert (exchanged["scope"], exchanged["token_type"]) == ("orders:read", "Bearer")
        program(f"{arrive}\n{leave}\nlog_out({token!r})")
        assert gateway.call("GET", "/api/v1/session", token=token).json["reason"] == "revoked"
        program(f"{arrive}\n{leave}\nlog_out({token!r})")  # again is no error
        wrong = program(f"CHAT = ''\n{arrive.replace('1042', '1043')}")
        assert gateway.call("GET", "/api/v1/session", token=wrong).json["principal"]["name"].endswith("1043")


@pytest.mark.parametrize(
    "reason", re.findall(r"`([a-z-]+)`", "".join(re.findall(r"^\| (`[^|]*)\|", PAGE, re.MULTILINE)))
)
def test_every_reason_on_the_page_is_one_that_is_recorded(reason: str) -> None:
    source = "\n".join(path.read_text() for path in (Path(__file__).parents[1] / "src").rglob("*.py"))
    made = re.sub(r"^no-.*", "no-", reason)
    assert f'"{reason}"' in source or f'f"{made}' in source
