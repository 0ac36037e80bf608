"""The application: all paths, behind the guard."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from importlib.metadata import version

from fastapi import FastAPI
from starlette.types import ASGIApp

from nlptrain.serving.answers import REFUSED, Json, add_refusals
from nlptrain.serving.gatherer import Gatherer
from nlptrain.serving.guard import Guard
from nlptrain.serving.limits import Limits
from nlptrain.serving.metrics import Metrics
from nlptrain.serving.models import ServedModels
from nlptrain.serving.pages import add_pages, describe
from nlptrain.serving.routes import add_knowledge, add_predictions
from nlptrain.serving.strict_json import StrictJsonRoute

REFRESH_SECONDS = 2.0
Say = Callable[[str], None]


def build_app(
    models: ServedModels, limits: Limits, *, reload: bool = False, log: Say, tell: Say
) -> ASGIApp:
    """Build the application.

    Args:
        models: What is served.
        limits: The bounds.
        reload: Whether to look for newer networks.
        log: Takes one line a request.
        tell: Takes a sentence about each network read anew.
    """
    metrics = Metrics()
    gatherer = Gatherer(metrics)

    @asynccontextmanager
    async def living(_: FastAPI) -> AsyncIterator[None]:
        watching = asyncio.create_task(_refresh(models, tell)) if reload else None
        try:
            yield
        finally:
            if watching is not None:
                watching.cancel()
                with suppress(asyncio.CancelledError):
                    await watching
            gatherer.close()

    app = FastAPI(
        title="nlptrain",
        version=version("nlptrain"),
        lifespan=living,
        docs_url=None,
        redoc_url=None,
        default_response_class=Json,
        responses=dict(REFUSED),
    )
    app.router.route_class = StrictJsonRoute
    add_predictions(app, models, limits, gatherer, metrics)
    add_knowledge(app, models, metrics)
    add_pages(app, models, gatherer)
    add_refusals(app)
    app.openapi = partial(describe, app, limits)  # type: ignore[method-assign]
    paths = [getattr(route, "path", "") for route in app.routes]
    return Guard(app, limits, metrics, paths, log)


async def _refresh(models: ServedModels, tell: Say) -> None:
    while True:
        await asyncio.sleep(REFRESH_SECONDS)
        await asyncio.to_thread(models.refresh, tell)
