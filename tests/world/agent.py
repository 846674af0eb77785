"""A bot on the Microsoft 365 Agents SDK, the Bot Framework's successor, as a process of its own: ``python -m
tests.world.agent`` serves it on a free port and prints its address. What it does is said to it in a word.

``--secure`` asks for a token of the Bot Framework's identity provider, as the SDK does outside a laboratory;
``--provider`` says where the keys of that provider are read in place of Microsoft's.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from tests.world.provider import AUDIENCE, ISSUER

ADAPTIVE = {
    "type": "AdaptiveCard",
    "version": "1.5",
    "body": [
        {"type": "TextBlock", "text": "Your order"},
        {"type": "FactSet", "facts": [{"title": "Tax number", "value": "86095742719"}]},
    ],
    "actions": [{"type": "Action.OpenUrl", "title": "Track it", "url": "https://shop.example/track"}],
}
CARD = {
    "title": "Tariff",
    "subtitle": "Small",
    "text": "Nine euros.",
    "buttons": [{"type": "imBack", "title": "Take it"}],
}


def _agent() -> Any:
    from microsoft_agents.activity import Activity, ActivityTypes, Attachment, CardAction, SuggestedActions
    from microsoft_agents.hosting.core import ActivityHandler

    class Agent(ActivityHandler):
        async def on_message_activity(self, turn_context: Any) -> None:
            word, activity = turn_context.activity.text, turn_context.activity
            if word == "repeat what you saw":
                await turn_context.send_activity(activity.model_dump_json(by_alias=True, exclude_unset=True))
            elif word == "show everything":
                await turn_context.send_activity(Activity(type=ActivityTypes.typing))
                shown = Activity(type=ActivityTypes.message, text="Look:")
                shown.attachments = [
                    Attachment(content_type="image/png", content_url="https://bot.example/a.png"),
                    Attachment(content_type="application/vnd.microsoft.card.hero", content=CARD),
                    Attachment(content_type="application/vnd.microsoft.card.adaptive", content=ADAPTIVE),
                ]
                yes, no = (CardAction(type="imBack", title=title, value=title) for title in ("Yes", "No"))
                shown.suggested_actions = SuggestedActions(to=[], actions=[yes, no])
                await turn_context.send_activity(shown)
                await turn_context.send_activity("And more.")
            elif word == "hand me over":
                await turn_context.send_activity(Activity(type=ActivityTypes.event, name="handoff.initiate"))
            elif word == "fail":
                raise RuntimeError("password=swordfish in /srv/bot/app.py")
            elif word != "say nothing":
                await turn_context.send_activity(f"You said: {word}")

    return Agent()


def _connections() -> Any:
    from microsoft_agents.hosting.core.authorization import AnonymousTokenProvider

    class Unused(AnonymousTokenProvider):
        """The SDK wants a token of the bot's own beside a caller who has one, though nothing is called with it."""

        async def get_access_token(self, *_: Any, **__: Any) -> str:
            return "unused"

    class Nobody:
        """Connections of a bot that signs in nowhere."""

        def get_connection(self, connection_name: str) -> Any:
            return Unused()

        def get_default_connection(self) -> Any:
            return Unused()

        def get_token_provider(self, claims_identity: Any, service_url: str) -> Any:
            return Unused()

        def get_token_provider_from_activity(self, claims_identity: Any, activity: Any) -> Any:
            return Unused()

        def get_default_connection_configuration(self) -> Any:
            return Unused().configuration

    return Nobody()


async def _serve(*, secure: bool, provider: str) -> None:
    from aiohttp import web
    from microsoft_agents.hosting.aiohttp import CloudAdapter, jwt_authorization_middleware
    from microsoft_agents.hosting.core.authorization import AgentAuthConfiguration
    from microsoft_agents.hosting.core.authorization._entra_issuers import BOTFRAMEWORK_JWKS_URIS

    if provider:
        BOTFRAMEWORK_JWKS_URIS[ISSUER] = f"{provider}/keys"
    adapter, agent = CloudAdapter(connection_manager=_connections()), _agent()

    async def messages(request: web.Request) -> web.Response:
        answer = await adapter.process(request, agent)
        assert answer is not None
        return answer

    app = web.Application(middlewares=[jwt_authorization_middleware])
    app["agent_configuration"] = AgentAuthConfiguration(client_id=AUDIENCE, anonymous_allowed=not secure)
    app.router.add_post("/api/messages", messages)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    print(f"http://127.0.0.1:{port}", flush=True)  # noqa: T201
    await asyncio.Event().wait()


@contextlib.contextmanager
def running(*, secure: bool = False, provider: str = "") -> Iterator[str]:
    """The address of a running bot."""
    command = [sys.executable, "-m", "tests.world.agent", "--provider", provider, *(["--secure"] if secure else [])]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert url.startswith("http://"), "the bot did not start"
        yield url
    finally:
        process.kill()
        process.wait(30)
        assert process.stdout is not None
        process.stdout.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="a bot on the Microsoft 365 Agents SDK")
    parser.add_argument("--secure", action="store_true")
    parser.add_argument("--provider", default="")
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(**vars(parser.parse_args())))
