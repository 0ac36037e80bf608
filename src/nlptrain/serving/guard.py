"""What happens around every request: bounds, the line in the log, metrics."""

import asyncio
import sys
import time
import traceback
from collections.abc import Callable, Collection, Mapping

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nlptrain.reporting.literal import literal, shorten
from nlptrain.serving.bodies import Handler
from nlptrain.serving.limits import Limits
from nlptrain.serving.metrics import Metrics
from nlptrain.serving.refusal import Headers, RefusedError, json_headers

DISCARDED = 16
"""A body that is too large is still read up to so many times its bound, and thrown away: a client
that reads nothing before it has sent everything then gets the answer."""

LONGEST_PATH = 200
"""Characters of a path in the log."""


class Guard:
    """Passes a request on once all of it has arrived, unless it is too large or too slow."""

    def __init__(
        self,
        app: ASGIApp,
        handlers: Mapping[str, Handler],
        limits: Limits,
        metrics: Metrics,
        paths: Collection[str],
        log: Callable[[str], None] | None,
    ) -> None:
        """Stand before an application.

        Args:
            app: The application.
            handlers: What answers POST requests in its place, by path.
            limits: The bounds.
            metrics: Where requests are counted.
            paths: All paths of the application; requests for any other are counted together.
            log: Called with one line per request; None for no lines.
        """
        self._app = app
        self._handlers = handlers
        self._limits = limits
        self._metrics = metrics
        self._paths = frozenset(paths)
        self._log = log
        self._active = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        answer = _Answer(send)
        self._active += 1
        self._metrics.active.inc()
        try:
            await self._answer(scope, receive, answer)
        finally:
            self._active -= 1
            self._metrics.active.dec()
            self._record(scope, answer.status, time.perf_counter() - began)

    async def _answer(self, scope: Scope, receive: Receive, answer: "_Answer") -> None:
        try:
            await self._pass_on(scope, receive, answer)
        except RefusedError as refusal:
            await answer.refuse(refusal)
        except asyncio.CancelledError:
            # Only the server cancels, when it was told to end and this has taken too long.
            found = "a request that was not answered in time"
            await answer.refuse(RefusedError(503, "the server ends", "server", found, "try again"))
        except Exception:
            sys.stderr.write(traceback.format_exc())
            await answer.refuse(RefusedError(500, "internal error", "server", "a bug", "report it"))

    async def _pass_on(self, scope: Scope, receive: Receive, answer: "_Answer") -> None:
        limits, headers = self._limits, dict(scope["headers"])
        if self._active > limits.requests:
            found = f"{self._active - 1:,} requests are being answered"
            allowed = f"{limits.requests:,} at once; try again"
            raise RefusedError(503, "too many requests", "server", found, allowed)
        try:
            async with asyncio.timeout(limits.reading_seconds):
                body = await self._read(headers, receive)
        except TimeoutError:
            found = f"a body that has not arrived after {limits.reading_seconds:g} s"
            allowed = f"{limits.reading_seconds:g} s"
            raise RefusedError(408, "too slow", "body", found, allowed) from None
        if body is None:
            return
        handle = self._handlers.get(scope["path"]) if scope["method"] == "POST" else None
        try:
            async with asyncio.timeout(limits.seconds):
                if handle is None:
                    await self._app(scope, receive, answer.send)
                else:
                    content_type = headers.get(b"content-type", b"").decode("latin-1")
                    json_body = await handle(body, content_type)
                    await answer.send_whole(200, json_headers(json_body), json_body)
        except TimeoutError:
            found = f"no answer after {limits.seconds:g} s"
            allowed = "fewer or shorter strings; try again"
            raise RefusedError(503, "too much work", "server", found, allowed) from None

    async def _read(self, headers: Mapping[bytes, bytes], receive: Receive) -> bytes | None:
        """Read the body; None if the client has gone.

        Raises:
            RefusedError: It is too large, or nobody can say where it ends.
        """
        if {b"content-length", b"transfer-encoding"} <= headers.keys():
            found, allowed = "content-length and transfer-encoding", "one of them"
            raise RefusedError(400, "not understood", "HTTP", found, allowed)
        limit = self._limits.body_bytes
        declared = int(headers.get(b"content-length", b"0"))
        parts, size = [], 0
        has_more = declared <= DISCARDED * limit
        while has_more and size <= DISCARDED * limit:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            size += len(message["body"])
            has_more = message.get("more_body", False)
            if size <= limit:
                parts.append(message["body"])
        if (largest := max(size, declared)) > limit:
            found, allowed = f"{largest:,} bytes", f"{limit:,} bytes"
            raise RefusedError(413, "the body is too large", "body", found, allowed)
        return b"".join(parts)

    def _record(self, scope: Scope, status: int, seconds: float) -> None:
        path = scope["path"]
        known = path if path in self._paths else "other"
        self._metrics.count_request(known, status, seconds)
        if self._log is None:
            return
        client = (scope.get("client") or ("-",))[0]
        shown = literal(shorten(path, LONGEST_PATH))
        moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        self._log(f"{moment} {client} {scope['method']} {shown} {status} {1000 * seconds:.1f} ms")


class _Answer:
    """An answer on its way, and its status: 499, for a client that has gone, until one is sent."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status = 499

    async def send(self, message: Message) -> None:
        """Pass on a part of the answer."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
        await self._send(message)

    async def send_whole(self, status: int, headers: Headers, body: bytes) -> None:
        """Send a whole answer."""
        await self.send({"type": "http.response.start", "status": status, "headers": headers})
        await self.send({"type": "http.response.body", "body": body})

    async def refuse(self, refusal: RefusedError) -> None:
        """Answer with a refusal, unless another answer has begun."""
        if self.status == 499:
            await self.send_whole(refusal.status, refusal.headers(), refusal.body())
