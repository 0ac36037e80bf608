"""What programs ask for: predictions, explanations, models and their cards."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import FastAPI, Header
from fastapi.responses import Response

from nlptrain.inference.explanation.explanation import explain
from nlptrain.serving.answers import Json, Markdown
from nlptrain.serving.batching import Batcher
from nlptrain.serving.bodies import (
    ExplainRequest,
    Handler,
    PredictAnswer,
    PredictRequest,
    make_handler,
)
from nlptrain.serving.limits import EXPLAINED_CHARACTERS, Limits
from nlptrain.serving.metrics import TEXT_FORMAT, Metrics
from nlptrain.serving.models import Card, Served, ServedModels
from nlptrain.serving.refusal import RefusedError, encode_json

Facts = dict[str, Any]


def add_predictions(
    app: FastAPI, models: ServedModels, limits: Limits, batcher: Batcher, metrics: Metrics
) -> Mapping[str, Handler]:
    """Add the paths that compute.

    Returns:
        The handlers of POST requests, by path. FastAPI only describes these paths: what it does
        before it calls a function takes longer than a small network.
    """

    @app.post("/predict", response_model=PredictAnswer)
    async def predict(body: PredictRequest) -> bytes:
        """Predict the class of each string, as nlptrain predict --json prints it."""
        texts, key = body.strings()
        limits.check_texts(texts, key)
        served = models.get(body.model)
        decisions = await batcher.decide(served.model, texts)
        metrics.count_strings(served.name, len(texts))
        found = served.model.describe(texts, decisions)
        return encode_json(
            {
                "model": served.name,
                "predictions": [_keep_top(each.to_json(), body.top) for each in found],
                "unknown_characters": decisions.unknown,
                "cut_strings": decisions.cut,
            }
        )

    @app.post("/explain", response_model=Facts)
    async def explain_text(body: ExplainRequest) -> bytes:
        """Follow a string to its class: every number, as nlptrain explain --json prints it."""
        limits.check_length(body.text, "text", min(limits.characters, EXPLAINED_CHARACTERS))
        served = models.get(body.model)
        found = await batcher.run(lambda: explain(served.model, body.text).to_json())
        return encode_json({"model": served.name, **found})

    return {
        "/predict": make_handler(PredictRequest, predict),
        "/explain": make_handler(ExplainRequest, explain_text),
    }


def add_information(app: FastAPI, models: ServedModels, metrics: Metrics) -> None:
    """Add the paths that describe the models and the state of the server."""

    @app.get("/models", response_model=Facts)
    async def list_models() -> Response:
        """List the names of the models; the first is the default."""
        names = [served.name for served in models.all]
        return Json({"default": names[0], "models": names})

    @app.get("/model", response_model=Facts)
    async def show_model(
        model: str | None = None, accept: Annotated[str, Header()] = ""
    ) -> Response:
        """Show a model's card: as JSON, or as Markdown where that is accepted."""
        card = _find_card(models.get(model))
        is_page = "text/markdown" in accept.lower()
        return Markdown(card.markdown) if is_page else Json(card.facts)

    @app.get("/model/card", response_class=Markdown)
    async def show_card(model: str | None = None) -> Response:
        """Show a model's card as Markdown."""
        return Markdown(_find_card(models.get(model)).markdown)

    @app.head("/healthz", include_in_schema=False)
    @app.get("/healthz", response_model=Facts)
    async def say_healthy() -> Response:
        """Report that the server answers."""
        return Json({"status": "ok"})

    @app.get("/metrics", include_in_schema=False)
    async def show_metrics() -> Response:
        return Response(metrics.text(), headers={"content-type": TEXT_FORMAT})


def _find_card(served: Served) -> Card:
    if served.card is None:
        found = "a model file outside of a run's folder"
        raise RefusedError(404, "no card", "model", found, "a model that is served from its run")
    return served.card


def _keep_top(prediction: Facts, top: int | None) -> Facts:
    """Keep the likeliest classes, the likeliest first."""
    if top is None:
        return prediction
    likeliest = sorted(prediction["probabilities"].items(), key=lambda entry: -entry[1])
    return {**prediction, "probabilities": dict(likeliest[:top])}
