"""A bare relay, the yardstick of `bench.stream`: uvicorn and the gateway's own client towards bots, and nothing between.

Contract: `python -m bench.relay PORT FOLDER URL` forwards every POST to *URL* and its events back as they come, over TLS.
"""

from __future__ import annotations

import sys
from pathlib import Path

import uvicorn
from starlette.types import Receive, Scope, Send

from chatwarden.bots.upstream import Upstream
from chatwarden.config.model import BotConfig

_HEADERS = [(b"content-type", b"text/event-stream")]


class Relay:
    """As plain ASGI."""

    def __init__(self, url: str) -> None:
        self._bot = Upstream(
            BotConfig("bare", "openai", url=url, model="m", plaintext=True), Path(), "/chat/completions"
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Forwards one request."""
        if scope["type"] != "http":
            return
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        async for together in self._bot.events(b"content-type: application/json\r\n", body, b"[DONE]"):
            said = b"".join(b"data: %s\n\n" % one for one in together)
            await send({"type": "http.response.body", "body": said, "more_body": True})
        await send({"type": "http.response.body", "body": b""})


if __name__ == "__main__":
    port, folder, url = sys.argv[1:]
    uvicorn.run(
        Relay(url), host="127.0.0.1", port=int(port), http="httptools", loop="uvloop", lifespan="off", access_log=False,
        log_level="error", ssl_keyfile=f"{folder}/k", ssl_certfile=f"{folder}/c",
    )  # fmt: skip
