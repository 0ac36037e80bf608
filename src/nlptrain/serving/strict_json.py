"""JSON in which an object has each key once.

Nobody knows which of two values is meant, and readers of JSON differ in which one they take
(RFC 8259, section 4).
"""

import json
from collections import Counter
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from nlptrain.serving.refusal import RefusedError


class StrictJsonRoute(APIRoute):
    """A path whose body is refused where a key stands twice in an object."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what answers a request."""
        handle = super().get_route_handler()

        async def handle_strictly(request: Request) -> Response:
            try:
                return await handle(_StrictRequest(request.scope, request.receive))
            except HTTPException as error:
                # The framework takes what goes wrong while it reads a body for no JSON at all.
                if isinstance(error.__cause__, RefusedError):
                    raise error.__cause__ from None
                raise

        return handle_strictly


class _StrictRequest(Request):
    async def json(self) -> Any:
        return json.loads(await self.body(), object_pairs_hook=_refuse_repeats)


def _refuse_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object of its keys and values.

    Raises:
        RefusedError: A key stands there more than once.
    """
    made = dict(pairs)
    if len(made) < len(pairs):
        [(repeated, times)] = Counter(key for key, _ in pairs).most_common(1)
        found = f"{times:,} times"
        raise RefusedError(422, "a repeated key", repeated or "body", found, "each key once")
    return made
