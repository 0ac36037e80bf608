"""HTTP around a request: heads that never end, too many connections, what is not HTTP."""

import asyncio
from typing import Any, cast

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from nlptrain.serving.limits import Limits
from nlptrain.serving.refusal import RefusedError

LINGERING_SECONDS = 1.0
"""For a refused client to read the answer, while what it still sends is thrown away."""


class JoinedWrites:
    """A transport that sends an answer's head, body and end in one piece.

    Each piece is a call of the system and wakes the client up, which takes longer than to compute
    a small network.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        """Stand before a transport."""
        self._transport = transport
        self._loop = loop
        self._pieces: list[bytes] = []

    def write(self, data: bytes) -> None:
        """Send bytes as soon as nothing else is to be done, or with the next `flush`."""
        if not self._pieces:
            self._loop.call_soon(self.flush)
        self._pieces.append(data)

    def flush(self) -> None:
        """Send what has been written."""
        if self._pieces:
            self._transport.write(b"".join(self._pieces))
            self._pieces.clear()

    def write_eof(self) -> None:
        """Send what has been written, and nothing else."""
        self.flush()
        self._transport.write_eof()

    def close(self) -> None:
        """Send what has been written, and close."""
        self.flush()
        self._transport.close()

    def __getattr__(self, name: str) -> Any:
        """Leave all else to the transport."""
        return getattr(self._transport, name)


class BoundedProtocol(H11Protocol):
    """uvicorn's protocol, with a bound on the time that a request's head may take.

    Attributes:
        limits: The bounds, set by `bounded`.
    """

    limits = Limits()

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._head: asyncio.TimerHandle | None = None
        self._is_refused = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection, if there are not too many."""
        super().connection_made(cast("asyncio.Transport", JoinedWrites(transport, self.loop)))
        most = self.limits.connections
        if len(self.connections) > most:
            found = f"{len(self.connections) - 1:,} connections are open"
            allowed = f"{most:,} at once; try again"
            self._refuse(RefusedError(503, "too many connections", "server", found, allowed))
            return
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take bytes; a head that has begun has to end in time."""
        if self._is_refused:
            return
        super().data_received(data)
        if self.conn.their_state is h11.IDLE and not self.transport.is_closing():
            self._await_head()
        else:
            self._stop_waiting()

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP in the shape of every refusal."""
        allowed = "a request in HTTP/1.1, its head up to 64 KiB"
        self._refuse(RefusedError(400, "not understood", "HTTP", msg, allowed))

    def on_response_complete(self) -> None:
        """Wait for the next request, of which a part may have come."""
        cast("JoinedWrites", self.transport).flush()
        super().on_response_complete()
        has_begun = self.conn.trailing_data[0] and not self.transport.is_closing()
        if self.conn.their_state is h11.IDLE and has_begun:
            self._await_head()

    def _await_head(self) -> None:
        if self._head is None:
            seconds = self.limits.reading_seconds
            self._head = self.loop.call_later(seconds, self._give_up, seconds)

    def _stop_waiting(self) -> None:
        if self._head is not None:
            self._head.cancel()
            self._head = None

    def _give_up(self, seconds: float) -> None:
        found = f"a head that has not ended after {seconds:g} s"
        self._refuse(RefusedError(408, "too slow", "HTTP", found, f"{seconds:g} s"))

    def _refuse(self, refusal: RefusedError) -> None:
        """Answer without the application, and close once the client has had time to read it."""
        self._stop_waiting()
        if self.transport.is_closing():
            return
        self._is_refused = True
        headers = [*refusal.headers(), (b"connection", b"close")]
        for event in (
            h11.Response(status_code=refusal.status, headers=list(dict(headers).items())),
            h11.Data(data=refusal.body()),
            h11.EndOfMessage(),
        ):
            self.transport.write(self.conn.send(event) or b"")
        # To close with bytes unread resets the connection, and the answer may be lost.
        self.transport.write_eof()
        self.loop.call_later(LINGERING_SECONDS, self.transport.close)


def bounded(limits: Limits) -> type[BoundedProtocol]:
    """Make the protocol of a server with these bounds."""
    return type("Protocol", (BoundedProtocol,), {"limits": limits})
