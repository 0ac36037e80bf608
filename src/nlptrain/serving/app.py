"""The application: all paths, behind the guard."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from importlib.metadata import version

from fastapi import FastAPI
from starlette.types import ASGIApp

from nlptrain.serving.answers import REFUSED, Json, add_refusals
from nlptrain.serving.batching import Batcher
from nlptrain.serving.guard import Guard
from nlptrain.serving.limits import Limits
from nlptrain.serving.metrics import Metrics
from nlptrain.serving.models import ServedModels
from nlptrain.serving.pages import add_pages, describe_api
from nlptrain.serving.routes import add_information, add_predictions

REFRESH_SECONDS = 2.0
Say = Callable[[str], None]


def build_app(
    models: ServedModels, limits: Limits, *, reload: bool = False, log: Say | None, tell: Say
) -> ASGIApp:
    """Build the application.

    Args:
        models: What is served.
        limits: The bounds.
        reload: Whether to look for newer networks.
        log: Called with one line per request; None for no lines.
        tell: Called with a sentence about each network that is reloaded.
    """
    metrics = Metrics()
    batcher = Batcher(metrics)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        reloading = asyncio.create_task(_reload(models, tell)) if reload else None
        try:
            yield
        finally:
            if reloading is not None:
                reloading.cancel()
                with suppress(asyncio.CancelledError):
                    await reloading
            batcher.close()

    app = FastAPI(
        title="nlptrain",
        version=version("nlptrain"),
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        default_response_class=Json,
        responses=dict(REFUSED),
    )
    handlers = add_predictions(app, models, limits, batcher, metrics)
    add_information(app, models, metrics)
    add_pages(app, models, batcher)
    add_refusals(app)
    app.openapi = partial(describe_api, app, limits)  # type: ignore[method-assign]
    paths = [getattr(route, "path", "") for route in app.routes]
    return Guard(app, handlers, limits, metrics, paths, log)


async def _reload(models: ServedModels, tell: Say) -> None:
    while True:
        await asyncio.sleep(REFRESH_SECONDS)
        await asyncio.to_thread(models.refresh, tell)
