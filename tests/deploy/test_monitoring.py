"""The dashboard and the alerts are held to what a running gateway serves, and every alert fires where it should."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import socket
import sqlite3
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families
from tests.world.gateway import running

from chatwarden import errors

ROOT = Path(__file__).parents[2]
ALERTS = ROOT / "deploy" / "prometheus" / "alerts.yaml"
DASHBOARD = ROOT / "deploy" / "grafana" / "dashboard.json"
RUNBOOK = ROOT / "docs" / "alerts.md"

TOML = """
[server]
port = 0
lab = true
[metrics]
listen = "127.0.0.1:{port}"
[bots.away]
connector = "openai"
url = "http://127.0.0.1:9/v1"
model = "m"
who = ["visitor"]
"""
FROM_PROMETHEUS = {"up"}  # what Prometheus itself knows about a target
FROM_TARGET = {"job", "instance", "le"}
_SELECTOR = re.compile(r"\b([a-z][a-z_]*)\{([^}]*)\}")
_MATCHER = re.compile(r'([a-z_]+)\s*(=~|!=|!~|=)\s*"([^"]*)"')
_BY = re.compile(r"\bby \(([^)]*)\)")


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, str]]]:
    """The labels of every sample of a gateway that saw good and bad days, by the sample's name."""
    home: Path = tmp_path_factory.mktemp("monitoring") / "home"
    port = free_port()
    with running(home, TOML.format(port=port), lab=False) as gateway:
        token = gateway.visitor()
        said = gateway.say(token, gateway.conversation(token), "My card is 4111 1111 1111 1111")
        gateway.command("erase", "--message", said.json["message"]["id"])
        gateway.say(token, gateway.conversation(token, "away"), "Is anybody there?")
        guess = gateway.call("POST", "/api/v1/session", {"username": "ada", "password": "a wrong one"})
        assert guess.problem == "invalid-credentials"
        with socket.create_connection((gateway.host, gateway.port)) as plain:
            plain.sendall(b"GET / HTTP/1.1\r\n\r\n")
            with contextlib.suppress(ConnectionResetError):
                plain.recv(64)
        with contextlib.closing(sqlite3.connect(home / "data" / "chatwarden.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            assert gateway.call("POST", "/api/v1/session", {}).problem == "unavailable"
        assert gateway.call("DELETE", "/api/v1/session", token=token).status == 204
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
            text = answer.read().decode()
    samples: dict[str, list[dict[str, str]]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            samples.setdefault(sample.name, []).append(dict(sample.labels))
        if not family.samples:  # counted, but nothing came yet
            samples.setdefault(family.name + ("_total" if family.type == "counter" else ""), [])
    return samples


def rules() -> list[dict[str, Any]]:
    """Every alert."""
    return [rule for group in yaml.safe_load(ALERTS.read_text())["groups"] for rule in group["rules"]]


def dashboard() -> Any:
    return json.loads(DASHBOARD.read_text())


def queries() -> Iterator[tuple[str, str]]:
    """Every expression of both files, with where it stands."""
    for rule in rules():
        yield rule["alert"], rule["expr"]
    for panel in dashboard()["panels"]:
        for target in panel.get("targets", []):
            yield f"{panel['title']} {target['refId']}", target["expr"]


def plain(expression: str) -> str:
    """The expression as Grafana sends it."""
    return expression.replace("$__rate_interval", "1m").replace("$instance", ".*")


ALL = list(queries())


@pytest.mark.parametrize(("where", "expression"), ALL, ids=[where for where, _ in ALL])
def test_every_metric_and_label_is_served(where: str, expression: str, served: dict[str, list[dict[str, str]]]) -> None:
    found = _SELECTOR.findall(expression)
    assert found, "every metric is written with a selector"
    labels = set(FROM_TARGET)
    for name, inside in found:
        matchers = _MATCHER.findall(inside)
        assert _MATCHER.sub("", inside).replace(",", "").strip() == ""
        assert ("job", "=", "chatwarden") in matchers
        if name in FROM_PROMETHEUS:
            continue
        assert name in served, f"no gateway serves {name}"
        samples = served[name]
        known = {label for one in samples for label in one}
        labels |= known
        for label, operator, value in matchers:
            if label in FROM_TARGET:
                continue
            assert label in known, f"{name} has no label {label}"
            assert operator in {"=", "=~"}
            if label != "problem":
                assert set(value.split("|")) <= {one[label] for one in samples}
    assert {label.strip() for group in _BY.findall(expression) for label in group.split(",")} <= labels


def test_the_problems_that_alerts_look_for_exist_and_are_counted(served: dict[str, list[dict[str, str]]]) -> None:
    looked_for = {
        value
        for _, expression in ALL
        for _, inside in _SELECTOR.findall(expression)
        for label, _, text in _MATCHER.findall(inside)
        if label == "problem"
        for value in text.split("|")
    }
    assert looked_for <= {errors.Problem.name} | {kind.name for kind in errors.Problem.__subclasses__()}
    assert {"unavailable", "invalid-credentials"} <= looked_for
    assert {"unavailable", "invalid-credentials"} <= {one["problem"] for one in served["chatwarden_refusals_total"]}


def test_everything_that_the_gateway_counts_is_on_the_dashboard(served: dict[str, list[dict[str, str]]]) -> None:
    shown = {
        re.sub(r"_(bucket|sum|count|total)$", "", name) for _, query in ALL for name, _ in _SELECTOR.findall(query)
    }
    shown.add("chatwarden_build_info")  # the variable at its top
    ours = {re.sub(r"_(bucket|sum|count|total|created)$", "", name) for name in served if name.startswith("chatwarden")}
    assert ours - shown == set(), "give it a panel in deploy/grafana/dashboard.json"


def test_the_dashboard_is_one_that_grafana_can_draw() -> None:
    panels = dashboard()["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        at = panel["gridPos"]
        assert at["x"] + at["w"] <= 24
        cells = {(at["x"] + x, at["y"] + y) for x in range(at["w"]) for y in range(at["h"])}
        assert not cells & taken, f"{panel['title']} lies over another panel"
        taken |= cells
    variables = {one["name"] for one in dashboard()["templating"]["list"]}
    assert set(re.findall(r"\$\{?([a-z]+)\b", DASHBOARD.read_text())) <= variables
    assert "http" not in DASHBOARD.read_text(), "nothing is fetched from elsewhere"


def promtool(*args: str, folder: Path) -> str:
    """Prometheus' own check; Debian has it in the package prometheus."""
    done = subprocess.run(["promtool", *args], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_prometheus_reads_the_alerts_and_every_query(tmp_path: Path) -> None:
    recorded = [{"record": f"query:{number}", "expr": plain(query)} for number, (_, query) in enumerate(ALL)]
    (tmp_path / "queries.yaml").write_text(yaml.safe_dump({"groups": [{"name": "queries", "rules": recorded}]}))
    assert f"{len(ALL)} rules found" in promtool("check", "rules", "queries.yaml", folder=tmp_path)
    assert f"{len(rules())} rules found" in promtool("check", "rules", str(ALERTS), folder=tmp_path)


def test_every_alert_fires_in_trouble_and_is_silent_in_a_house_in_order(tmp_path: Path) -> None:
    cases = Path(__file__).parent / "alerts.yaml"
    order, trouble, _ = yaml.safe_load(cases.read_text())["tests"]
    names = {rule["alert"] for rule in rules()}
    assert {one["alertname"] for one in order["alert_rule_test"]} == names
    fires = {re.findall(r'"(\w+)"', one["labels"])[0] for one in trouble["promql_expr_test"][0]["exp_samples"]}
    assert fires == names
    shutil.copy(ALERTS, tmp_path / "alerts-under-test.yaml")
    shutil.copy(cases, tmp_path / "alerts.yaml")
    assert "SUCCESS" in promtool("test", "rules", "alerts.yaml", folder=tmp_path)


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["alert"])
def test_every_alert_says_what_to_do(rule: dict[str, Any]) -> None:
    page, _, anchor = rule["annotations"]["runbook"].partition("#")
    assert ROOT / page == RUNBOOK
    assert anchor == rule["alert"].lower()
    assert f"\n### {rule['alert']}\n" in RUNBOOK.read_text()
    assert rule["annotations"]["summary"]
    assert rule["labels"]["severity"] in {"critical", "warning"}
