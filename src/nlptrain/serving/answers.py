"""How answers are written; all that refuse have one shape, whoever raises them."""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response

from nlptrain.serving.bodies import Failure
from nlptrain.serving.refusal import RefusedError, encode_json

REFUSED: Mapping[int | str, dict[str, Any]] = {
    "4XX": {"model": Failure, "description": "The request is refused."},
    "5XX": {"model": Failure, "description": "The server cannot answer it now."},
}
"""For the description of each path."""

_PAGE_HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; "
    "script-src 'unsafe-inline'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
}
"""A page loads nothing from elsewhere, and nothing else frames it."""


class Json(JSONResponse):
    """Strict JSON, in which every string is represented exactly."""

    def render(self, content: Any) -> bytes:
        """Write a value."""
        return encode_json(content)


class Markdown(Response):
    """A page in Markdown."""

    media_type = "text/markdown"


def html(page: str) -> Response:
    """Answer with a page that is whole."""
    return HTMLResponse(page, headers=_PAGE_HEADERS)


def add_refusals(app: FastAPI) -> None:
    """Let the application refuse in the one shape."""

    @app.exception_handler(RefusedError)
    async def refuse(_: Request, error: RefusedError) -> Response:
        return _to_response(error)

    @app.exception_handler(404)
    async def refuse_path(request: Request, _: Exception) -> Response:
        paths = ", ".join(_list_methods(app))
        return _to_response(RefusedError(404, "no such path", "path", request.url.path, paths))

    @app.exception_handler(405)
    async def refuse_method(request: Request, _: Exception) -> Response:
        allowed = ", ".join(_list_methods(app).get(request.url.path, ["GET"]))
        what = "no such method here"
        return _to_response(RefusedError(405, what, "method", request.method, allowed))


def _list_methods(app: FastAPI) -> dict[str, list[str]]:
    """List the methods of each path."""
    return {
        route.path: sorted(route.methods or ())
        for route in app.routes
        if hasattr(route, "path") and hasattr(route, "methods")
    }


def _to_response(error: RefusedError) -> Response:
    headers = {name.decode(): value.decode() for name, value in error.headers()}
    return Response(error.body(), error.status, headers)
