"""Observe the responses of an ASGI application, such as a gateway in front of a provider."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import TYPE_CHECKING, Any

from .background import Watcher
from .exchanges import COMPLETE, CUT_OFF, UNREAD, read_fields, read_request
from .received import ReceivedResponse

if TYPE_CHECKING:
    from ..mock.asgi_app import AsgiApp, Receive, Scope, Send


class WatchMiddleware:
    """Passes every message on unaltered, and checks a copy of the responses.

    Args:
        app: the application.
        watcher: checks the responses.
        base_path: the path before the provider's paths; requests for other paths are not observed.
    """

    def __init__(self, app: AsgiApp, watcher: Watcher, *, base_path: str = "") -> None:
        self._app, self._watcher, self._base_path = app, watcher, base_path.rstrip("/")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Respond to one request."""
        path = scope.get("path", "")
        if scope["type"] != "http" or not path.startswith(f"{self._base_path}/"):
            await self._app(scope, receive, send)
            return
        query = scope.get("query_string", b"").decode("latin-1")
        fields = [(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in scope["headers"]]
        target = f"{path[len(self._base_path) :]}?{query}"
        asked = read_request(scope["method"], target, fields, self._watcher.credential_names)
        response = ReceivedResponse(self._watcher, asked)

        async def observe(message: MutableMapping[str, Any]) -> None:
            await send(message)
            _add(response, message)

        try:
            await self._app(scope, receive, observe)
        finally:
            response.finish(CUT_OFF)


def _add(response: ReceivedResponse, message: MutableMapping[str, Any]) -> None:
    """Add a message of the application to a response."""
    if message["type"] == "http.response.start":
        response.start(message["status"], read_fields(message.get("headers", ())))
    elif message["type"] == "http.response.body":
        response.add(message.get("body", b""))
        if not message.get("more_body", False):
            response.finish(COMPLETE)
    else:  # such as a file that the server sends by itself
        response.finish(UNREAD)
