"""Observe the responses that a client of httpx or httpx2, or a session of aiohttp, receives."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Any
from weakref import finalize

from .background import Watcher
from .exchanges import COMPLETE, CUT_OFF, NO_RESPONSE, UNREAD, read_fields, read_request
from .received import ReceivedResponse

if TYPE_CHECKING:
    import aiohttp


def watch_transport(transport: Any, watcher: Watcher, *, base_path: str = "") -> Any:
    """Return a transport of httpx or httpx2 that checks the responses of another one.

    Pass it to a client: `httpx.Client(transport=watch_transport(httpx.HTTPTransport(), watcher))`. Bodies are copied
    while the client reads them.

    Args:
        transport: a synchronous or asynchronous transport.
        watcher: checks the responses.
        base_path: the path before the provider's paths; requests for other paths are not observed.

    Raises:
        TypeError: the object is no transport.
    """
    library, is_async = _library_of(transport)
    observing = _Observing(watcher, base_path.rstrip("/"))
    if is_async:
        return _make_async_transport(library, transport, observing)
    return _make_sync_transport(library, transport, observing)


def trace_config(watcher: Watcher, *, base_path: str = "") -> aiohttp.TraceConfig:
    """Return a configuration that checks the responses of a session of aiohttp.

    Pass it to a session: `aiohttp.ClientSession(trace_configs=[trace_config(watcher)])`. Bodies are checked if the
    program reads them as a whole, with `read()`, `text()` or `json()`.

    Args:
        watcher: checks the responses.
        base_path: the path before the provider's paths; requests for other paths are not observed.
    """
    import aiohttp

    observing = _Observing(watcher, base_path.rstrip("/"))
    config = aiohttp.TraceConfig()

    async def on_request_end(session: Any, context: Any, parameters: aiohttp.TraceRequestEndParams) -> None:
        url = parameters.url
        response = observing.begin(parameters.method, url.raw_path, url.raw_query_string, parameters.headers.items())
        context.watched = response
        if response is not None:
            fields = read_fields(parameters.response.raw_headers)
            response.start(
                parameters.response.status, fields._replace(encoding="") if session.auto_decompress else fields
            )
            finalize(parameters.response, response.finish, UNREAD)

    async def on_chunk(_: Any, context: Any, parameters: aiohttp.TraceResponseChunkReceivedParams) -> None:
        # aiohttp calls this once, with the whole body.
        if response := getattr(context, "watched", None):
            response.add(parameters.chunk)
            response.finish(COMPLETE)

    async def on_exception(_: Any, __: Any, parameters: aiohttp.TraceRequestExceptionParams) -> None:
        if isinstance(parameters.exception, asyncio.CancelledError):
            return
        url = parameters.url
        response = observing.begin(parameters.method, url.raw_path, url.raw_query_string, parameters.headers.items())
        if response is not None:
            response.finish(NO_RESPONSE)

    config.on_request_end.append(on_request_end)
    config.on_response_chunk_received.append(on_chunk)
    config.on_request_exception.append(on_exception)
    return config


class _Observing:
    """The options of an observation."""

    def __init__(self, watcher: Watcher, base_path: str) -> None:
        self._watcher, self._base_path = watcher, base_path

    def begin(self, method: str, path: str, query: str, fields: Any) -> ReceivedResponse | None:
        """Return the response to a request, or None if it is not observed."""
        if not path.startswith(f"{self._base_path}/"):
            return None
        lowered = [(name.lower(), value) for name, value in fields]
        target = f"{path[len(self._base_path) :]}?{query}"
        return ReceivedResponse(self._watcher, read_request(method, target, lowered, self._watcher.credential_names))

    def begin_httpx(self, request: Any) -> ReceivedResponse | None:
        """Return the response to a request of httpx."""
        path, _, query = request.url.raw_path.decode("ascii").partition("?")
        return self.begin(request.method, path, query, request.headers.multi_items())


def _library_of(transport: Any) -> tuple[Any, bool]:
    """Return the library of a transport, and whether it is asynchronous."""
    # The library of an instance has been imported.
    for library in [sys.modules[name] for name in ("httpx", "httpx2") if name in sys.modules]:
        if isinstance(transport, library.BaseTransport | library.AsyncBaseTransport):
            return library, isinstance(transport, library.AsyncBaseTransport)
    raise TypeError(f"expected a transport of httpx or httpx2, not {type(transport).__name__}")


def _make_sync_transport(library: Any, inner: Any, observing: _Observing) -> Any:
    class Stream(library.SyncByteStream):  # type: ignore[misc]  # a class of either library
        def __init__(self, stream: Any, response: ReceivedResponse) -> None:
            self._stream, self._response = stream, response

        def __iter__(self) -> Any:
            with self._response.finish_on(library.TransportError, CUT_OFF):
                for chunk in self._stream:
                    self._response.add(chunk)
                    yield chunk
            self._response.finish(COMPLETE)

        def close(self) -> None:
            self._response.finish(UNREAD)
            self._stream.close()

    class Transport(library.BaseTransport):  # type: ignore[misc]  # as above
        def handle_request(self, request: Any) -> Any:
            observed = observing.begin_httpx(request)
            if observed is None:
                return inner.handle_request(request)
            with observed.finish_on(library.TransportError, NO_RESPONSE):
                response = inner.handle_request(request)
            observed.start(response.status_code, read_fields(response.headers.raw))
            response.stream = Stream(response.stream, observed)
            return response

        def close(self) -> None:
            inner.close()

    return Transport()


def _make_async_transport(library: Any, inner: Any, observing: _Observing) -> Any:
    class Stream(library.AsyncByteStream):  # type: ignore[misc]  # a class of either library
        def __init__(self, stream: Any, response: ReceivedResponse) -> None:
            self._stream, self._response = stream, response

        async def __aiter__(self) -> Any:
            with self._response.finish_on(library.TransportError, CUT_OFF):
                async for chunk in self._stream:
                    self._response.add(chunk)
                    yield chunk
            self._response.finish(COMPLETE)

        async def aclose(self) -> None:
            self._response.finish(UNREAD)
            await self._stream.aclose()

    class Transport(library.AsyncBaseTransport):  # type: ignore[misc]  # as above
        async def handle_async_request(self, request: Any) -> Any:
            observed = observing.begin_httpx(request)
            if observed is None:
                return await inner.handle_async_request(request)
            with observed.finish_on(library.TransportError, NO_RESPONSE):
                response = await inner.handle_async_request(request)
            observed.start(response.status_code, read_fields(response.headers.raw))
            response.stream = Stream(response.stream, observed)
            return response

        async def aclose(self) -> None:
            await inner.aclose()

    return Transport()
