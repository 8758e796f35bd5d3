"""The two clients: one request out, one answer in, nothing retried."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from ._contract import ContractError, Violation
from ._credentials import Credentials
from ._operation import Request, Response

if TYPE_CHECKING:
    import httpx

T = TypeVar("T")
E = TypeVar("E")

MAX_BODY = 64 * 2**20
"""Bytes of a body, decompressed, beyond which an answer is given up."""


class _Exchange:
    """What both clients share: how a request is written and an answer is put together."""

    def __init__(self, credentials: Credentials, base_url: str, max_body: int) -> None:
        self.base_url = base_url.rstrip("/")
        self.credentials = credentials
        self.max_body = max_body

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.base_url!r}, {self.credentials!r})"

    def _arguments(self, request: Request[Any, Any]) -> dict[str, Any]:
        return {
            "method": request.operation.method,
            "url": self.base_url + request.path,
            "params": request.query or None,
            "headers": {"Accept": "application/json", **request.headers, **self.credentials.headers()},
        }

    def _capped(self, timeout: httpx.Timeout, within: float | None) -> dict[str, Any]:
        """Return the steps' time limits, none of them beyond the limit for the whole."""
        if within is None:
            return {}
        import httpx

        steps = timeout.as_dict().items()
        return {"timeout": httpx.Timeout(**{step: min(within, limit or within) for step, limit in steps})}

    @contextmanager
    def _reading(self, answer: httpx.Response) -> Iterator[None]:
        """Turn a body that cannot be read into `ContractError`; of a failure, the status says enough without it."""
        import httpx

        try:
            yield
        except httpx.DecodingError as error:
            if answer.status_code < 400:
                raise ContractError([Violation("", "a body in the encoding that it states", str(error))]) from None
        except ContractError:
            if answer.status_code < 400:
                raise

    def _grow(self, content: bytearray, chunk: bytes) -> None:
        if len(content) + len(chunk) > self.max_body:
            raise ContractError([Violation("", f"a body of at most {self.max_body} bytes", "a longer one")])
        content += chunk


class Client(_Exchange):
    """Sends requests of a generated package and waits for the answer.

    Args:
        credentials: the `Credentials` of the package whose requests it sends.
        base_url: where the API is; one of the package's `SERVERS`, or another.
        timeout: seconds for each of connecting, sending, waiting for bytes and for a free connection.
        max_body: bytes after decompression beyond which an answer is given up.
        http: an `httpx.Client` of yours to send with; it stays yours to close.

    Redirects are not followed: the credentials go to `base_url` and nowhere else.
    """

    def __init__(
        self,
        credentials: Credentials,
        base_url: str,
        *,
        timeout: float = 30.0,
        max_body: int = MAX_BODY,
        http: httpx.Client | None = None,
    ) -> None:
        import httpx

        super().__init__(credentials, base_url, max_body)
        self._owned = http is None
        self._http = http or httpx.Client(timeout=timeout, follow_redirects=False)

    def send(self, request: Request[T, E], *, within: float | None = None) -> Response[T, E]:
        """Send a request and return the answer, whatever its status.

        Args:
            request: of a function in the package's `operations`.
            within: seconds for the whole of it, besides the client's `timeout` for each step.

        Raises:
            httpx.HTTPError: no answer came, or it broke off.
            TimeoutError: it took longer than `within`.
            ContractError: the body of a success is larger than `max_body`, or not in the encoding that it states.
        """
        until = None if within is None else time.monotonic() + within
        content = bytearray()
        arguments = {**self._arguments(request), **self._capped(self._http.timeout, within)}
        with self._http.stream(**arguments) as answer, self._reading(answer):
            for chunk in answer.iter_bytes():
                self._grow(content, chunk)
                if until is not None and time.monotonic() > until:
                    raise TimeoutError(f"the body was not there within {within} seconds")
        return _response(request, answer, content)

    def close(self) -> None:
        """Close the connections. May be called twice."""
        if self._owned:
            self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class AsyncClient(_Exchange):
    """`Client` for asyncio: the same arguments, with an `httpx.AsyncClient`."""

    def __init__(
        self,
        credentials: Credentials,
        base_url: str,
        *,
        timeout: float = 30.0,
        max_body: int = MAX_BODY,
        http: httpx.AsyncClient | None = None,
    ) -> None:
        import httpx

        super().__init__(credentials, base_url, max_body)
        self._owned = http is None
        self._http = http or httpx.AsyncClient(timeout=timeout, follow_redirects=False)

    async def send(self, request: Request[T, E], *, within: float | None = None) -> Response[T, E]:
        """Send a request and return the answer; takes and raises what `Client.send` does."""
        from anyio import fail_after

        content = bytearray()
        with fail_after(within):
            async with self._http.stream(**self._arguments(request)) as answer:
                with self._reading(answer):
                    async for chunk in answer.aiter_bytes():
                        self._grow(content, chunk)
        return _response(request, answer, content)

    async def aclose(self) -> None:
        """Close the connections. May be called twice."""
        if self._owned:
            await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


def _response(request: Request[T, E], answer: httpx.Response, content: bytearray) -> Response[T, E]:
    headers: Mapping[str, str] = answer.headers
    return Response(request, status_code=answer.status_code, headers=headers, content=bytes(content))
