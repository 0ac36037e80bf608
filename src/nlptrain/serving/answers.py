"""How answers are written, those that refuse too: all in one shape, whoever raises them."""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from starlette.exceptions import HTTPException

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

    @app.exception_handler(HTTPException)
    async def refuse_others(request: Request, error: HTTPException) -> Response:
        return _to_response(_translate(app, request, error))


def _translate(app: FastAPI, request: Request, error: HTTPException) -> RefusedError:
    """Say in the one shape what the framework refuses."""
    methods = {
        route.path: sorted(route.methods or ())
        for route in app.routes
        if hasattr(route, "path") and hasattr(route, "methods")
    }
    path = request.url.path
    match error.status_code:
        case 404:
            return RefusedError(404, "no such path", "path", path, ", ".join(methods))
        case 405:
            allowed = ", ".join(methods.get(path, ["GET"]))
            return RefusedError(405, "no such method here", "method", request.method, allowed)
        case status:
            return RefusedError(status, "not JSON", "body", str(error.detail), "a JSON object")


def _to_response(error: RefusedError) -> Response:
    headers = {name.decode(): value.decode() for name, value in error.headers()}
    return Response(error.body(), error.status, headers)
