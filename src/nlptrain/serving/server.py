"""The server: listens, answers until it is told to end, and finishes what it has begun."""

import errno
import gc
import logging
import signal
import socket
import sys
from collections.abc import Callable, Iterable

import uvicorn
from starlette.types import ASGIApp
from threadpoolctl import threadpool_limits

from nlptrain.errors import NlptrainError
from nlptrain.serving.limits import Limits
from nlptrain.serving.protocol import bounded

BACKLOG = 2048

SWITCH_SECONDS = 0.0005
"""After which a thread that computes lets the event loop in, a tenth of Python's default: short
requests beside a long one then take a third less time, and the long one no more."""


def listen(host: str, port: int) -> socket.socket:
    """Open the socket.

    Args:
        host: A name or an address of this machine.
        port: From 1; 0: any that is free.

    Raises:
        NlptrainError: The place is taken, or not this machine's.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listening = socket.create_server((host, port), family=family, backlog=BACKLOG)
        # Connections inherit it. asyncio sets it only on sockets that it has opened itself; without
        # it, an answer sent in two parts waits some 40 ms for the client's acknowledgement.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listening
    except OSError as error:
        remedies = {
            errno.EADDRINUSE: "another program listens there; choose another --port, or 0 for any",
            errno.EACCES: "ports below 1024 need a privilege; choose another --port",
        }
        remedy = remedies.get(error.errno or 0, "choose another --host, such as 127.0.0.1")
        reason = error.strerror or str(error)
        raise NlptrainError(f"cannot listen at {host}:{port}: {reason}; {remedy}") from error


def address_of(listening: socket.socket) -> str:
    """Return where a server listens, as a URL."""
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def run(
    app: ASGIApp,
    listening: socket.socket,
    limits: Limits,
    names: Iterable[str],
    say: Callable[[str], None],
) -> None:
    """Answer requests until SIGTERM or Ctrl-C, then finish those that have begun.

    A second Ctrl-C does not wait for them.

    Args:
        app: The application.
        listening: An open socket.
        limits: The bounds.
        names: Of the models, for the first sentence.
        say: Called with a sentence once a signal would end the server with status 0, and with
            another when it has ended.
    """
    config = uvicorn.Config(
        app,
        http=bounded(limits),
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=int(limits.draining_seconds),
    )
    _log_errors()
    server = uvicorn.Server(config)

    def end(*_: object) -> None:
        """Take a signal before uvicorn handles it, or when uvicorn raises it again as it ends.

        To be told to end is no failure here.
        """
        server.should_exit = True

    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    interval = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_SECONDS)
    # What is there by now stays; looking through all of it for garbage, as Python does every few
    # thousand requests, would keep everyone waiting for some 25 ms.
    gc.collect()
    gc.freeze()
    say(f"serving {', '.join(names)} at {address_of(listening)}")
    try:
        # The products are too small for several threads, which would only wait for each other.
        with threadpool_limits(1, user_api="blas"):
            server.run(sockets=[listening])
    finally:
        gc.unfreeze()
        sys.setswitchinterval(interval)
        for number, handler in before.items():
            signal.signal(number, handler)
    say("ended; what was begun is answered")


def _log_errors() -> None:
    """Show what uvicorn calls an error, and nothing else."""
    logger = logging.getLogger("uvicorn.error")
    logger.setLevel(logging.ERROR)
    if not logger.handlers:
        logger.addHandler(logging.StreamHandler(sys.stderr))
