"""Notices to a real HTTP server, which believes what the reference library of Standard Webhooks believes."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from standardwebhooks.webhooks import WebhookVerificationError
from tests.world.hook import SECRET, Hook
from tests.world.mailbox import Authority
from tests.world.upstream import Asked, Upstream, Writer, never_answers, serving, whole

from chatwarden.clock import HOUR, Instant, SystemClock
from chatwarden.config.model import NotifyConfig
from chatwarden.errors import ConfigurationError
from chatwarden.notify import webhook
from chatwarden.notify.model import NOBODY, Account, NotSent
from chatwarden.notify.webhook import body
from chatwarden.principal import Role

OTHER = "whsec_" + base64.b64encode(b"another secret of the house!").decode()
Configured = Callable[[str], NotifyConfig]


def now() -> Instant:
    """The receiver believes five minutes: longer than a whole run of the tests takes."""
    return SystemClock().now()


SAID = body("password-changed", "usr_1", Account("ada", Role.CUSTOMER), SystemClock().now(), "chat.example.org")


def hook(configured: Configured, upstream: Upstream, tls: str = "", wait: float = 10) -> webhook.Hook:
    address = f"{'https' if tls else 'http'}://127.0.0.1:{upstream.port}/told"
    return webhook.Hook(configured(f'webhook = "{address}"\n%hook\n{tls}'), Path("/"), wait)


def test_what_is_known_is_said_and_what_is_not_is_left_out() -> None:
    said = json.loads(SAID)
    assert said["type"] == "notice.password-changed"
    assert said["timestamp"].endswith("Z")
    assert said["data"] == {"account": "ada", "user": "usr_1", "role": "customer", "gateway": "chat.example.org"}
    assert json.loads(body("hostile-token", "", NOBODY, now(), "chat.example.org"))["data"] == {
        "gateway": "chat.example.org"
    }


async def test_the_reference_library_believes_it_over_tls(configured: Configured, house_authority: Authority) -> None:
    told = Hook()
    async with serving(told, tls=house_authority.server()) as upstream:
        await hook(configured, upstream, f'ca_file = "{house_authority.ca}"').post("ntc_1", SAID, now())
        with pytest.raises(NotSent, match="certificate"):
            await hook(configured, upstream, " ").post("ntc_2", SAID, now())
    assert told.told == [("ntc_1", json.loads(SAID))]
    [asked] = upstream.asked
    assert (asked.path, asked.headers["content-type"], asked.headers["user-agent"]) == (
        "/told", "application/json", "chatwarden"
    )  # fmt: skip


async def test_while_a_secret_is_replaced_the_receiver_may_know_either(configured: Configured, tmp_path: Path) -> None:
    config = configured('webhook = "http://127.0.0.1:1/"\n%hook')
    (tmp_path / "hook").write_text(f"{OTHER}\n{SECRET}\n")
    for secret in (SECRET, OTHER):
        told = Hook(secret)
        async with serving(told) as upstream:
            address = f"http://127.0.0.1:{upstream.port}/"
            await webhook.Hook(replace(config, webhook=address), Path("/")).post("ntc_1", SAID, now())
        assert [name for name, _ in told.told] == ["ntc_1"]


async def test_another_secret_or_another_hour_is_not_believed(configured: Configured) -> None:
    async def sent(told: Hook, now: int) -> list[str]:
        refusals: list[str] = []

        async def behave(upstream: Upstream, asked: Asked, writer: Writer) -> None:
            try:
                await told(upstream, asked, writer)
            except WebhookVerificationError as error:
                refusals.append(str(error))
                await whole(b"", status="400 Bad Request")(upstream, asked, writer)

        async with serving(behave) as upstream:
            with pytest.raises(NotSent, match="refused 400"):
                await hook(configured, upstream).post("ntc_1", SAID, now)
        assert told.told == []
        return refusals

    assert await sent(Hook(OTHER), now()) == ["No matching signature found"]
    assert await sent(Hook(), now() - HOUR) == ["Message timestamp too old"]


@pytest.mark.parametrize(
    ("status", "reason", "for_good"),
    [("500 Oops", "refused 500", False), ("400 Bad Request", "refused 400", False), ("302 Found", "refused 302", False),
     ("429 Too Many", "refused 429", False), ("410 Gone", "gone", True)],
)  # fmt: skip
async def test_only_a_2xx_takes_it_and_410_wants_no_more(
    configured: Configured, status: str, reason: str, *, for_good: bool
) -> None:
    async with serving(whole(b"", status=status, extra="location: http://127.0.0.1:1/\r\n")) as upstream:
        with pytest.raises(NotSent, match=reason) as failure:
            await hook(configured, upstream).post("ntc_1", SAID, now())
    assert failure.value.for_good is for_good


async def test_nobody_there_and_no_answer_are_unreachable(configured: Configured) -> None:
    async with serving(never_answers) as upstream:
        with pytest.raises(NotSent, match="unreachable"):
            await hook(configured, upstream, wait=0.2).post("ntc_1", SAID, now())
    with pytest.raises(NotSent, match="unreachable"):
        await hook(configured, upstream).post("ntc_1", SAID, now())


@pytest.mark.parametrize("held", [b"", b"sk-abc\n", b"whsec_AAAA\n"])
def test_a_secret_file_that_is_not_as_it_must_be_is_refused_for_a_webhook_of_notices(
    configured: Configured, tmp_path: Path, held: bytes
) -> None:
    config = configured('webhook = "https://alarms.example.org/"\n%hook')
    (tmp_path / "hook").write_bytes(held)
    with pytest.raises(ConfigurationError, match="does not hold secrets") as refused:
        webhook.Hook(config, Path("/"))
    assert refused.value.setting == "webhook_secret_file"
    (tmp_path / "hook").write_text(SECRET)
    (tmp_path / "hook").chmod(0o640)
    with pytest.raises(ConfigurationError, match="read by others"):
        webhook.Hook(config, Path("/"))
