"""What people look at: a page to try the models, their networks, and a list of all requests."""

from functools import cache
from typing import Any

from fastapi import FastAPI, Request
from fastapi.openapi.utils import get_openapi
from fastapi.responses import Response

from nlptrain.reporting.pages.page import render_template
from nlptrain.serving.answers import html
from nlptrain.serving.batching import Batcher
from nlptrain.serving.limits import EXPLAINED_CHARACTERS, Limits
from nlptrain.serving.models import ServedModels

_render = cache(render_template)
"""A page depends on the names of the models alone, which seldom change."""


def add_pages(app: FastAPI, models: ServedModels, batcher: Batcher) -> None:
    """Add the paths of the pages."""

    @app.get("/", include_in_schema=False)
    async def show_page() -> Response:
        names = tuple(served.name for served in models.all)
        return html(_render("serve.html", title="nlptrain", names=names))

    @app.get("/network", include_in_schema=False)
    async def show_network(model: str | None = None, beside: str | None = None) -> Response:
        served = models.get(model)
        if beside is None:
            return html(await batcher.run(lambda: served.page))
        other = models.get(beside, "beside")
        return html(await batcher.run(lambda: served.page_beside(other)))

    @app.get("/docs", include_in_schema=False)
    async def show_requests(request: Request) -> Response:
        return html(
            render_template(
                "serve_docs.html",
                title="nlptrain: requests",
                api=app.openapi(),
                address=str(request.base_url),
            )
        )


def describe_api(app: FastAPI, limits: Limits) -> dict[str, Any]:
    """Describe the paths in OpenAPI, with the bounds of this server."""
    if app.openapi_schema is None:
        schema = get_openapi(title=app.title, version=app.version, routes=app.routes)
        bodies = {
            name: schema["components"]["schemas"][name]["properties"]
            for name in ("PredictRequest", "ExplainRequest")
        }
        one, many = bodies["PredictRequest"]["text"], bodies["PredictRequest"]["texts"]
        one["anyOf"][0]["maxLength"] = limits.characters
        many["anyOf"][0] |= {"minItems": 1, "maxItems": limits.strings}
        many["anyOf"][0]["items"]["maxLength"] = limits.characters
        most = min(limits.characters, EXPLAINED_CHARACTERS)
        bodies["ExplainRequest"]["text"]["maxLength"] = most
        app.openapi_schema = schema
    return app.openapi_schema
