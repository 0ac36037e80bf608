"""What `nlptrain search` tries, how, and what it looks for."""

from typing import Annotated, Any, Literal, Self, get_args

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from nlptrain.config.search_axes import Points, Space
from nlptrain.settings.section import Section, refuse, setting

TRIALS = 50
"""Settings to try where neither their number nor the time is given."""
Score = Literal["accuracy", "macro_f1", "loss"]
"""A score on the validation split, at the best evaluation."""
Cost = Literal["parameters", "seconds", "model_bytes"]
"""What a config takes: numbers trained, seconds of training, size of the arrays in a model file."""


def _check_two(value: Any) -> Any:
    scores, costs = get_args(Score), get_args(Cost)
    if len(value) != 2 or value[0] not in scores or value[1] not in costs:
        raise PydanticCustomError(
            "two_objectives",
            "expected one of {scores}, then one of {costs}",
            {"scores": ", ".join(scores), "costs": ", ".join(costs)},
        )
    return value


Objective = Annotated[
    Annotated[Score, Tag("<one>")]
    | Annotated[None, Tag("<none>")]
    | Annotated[tuple[Score, Cost], Field(strict=False), BeforeValidator(_check_two), Tag("<two>")],
    Discriminator(
        lambda value: (
            "<none>" if value is None else "<two>" if isinstance(value, list | tuple) else "<one>"
        )
    ),
]


class SearchSection(Section):
    """Settings of `nlptrain search`."""

    space: Space = setting(
        (),
        "What is searched, by the setting's path: `{from: 16, to: 256, log: true}`, with `step` in "
        "place of `log` for a grid of numbers, or a list of values. What exists only under one "
        "`type` is searched only with it.",
    )
    try_first: Points = setting(
        (),
        "What is tried before the sampler proposes, after the config as given: of each entry "
        "values by path, which are in `space`; what it does not name stays as given.",
    )
    sampler: Literal["tpe", "random", "grid"] = setting(
        "tpe", "What proposes settings: Optuna's TPESampler, RandomSampler or GridSampler."
    )
    pruner: Literal["successive_halving", "none"] = setting(
        "successive_halving",
        "What ends trials early that look bad on validation: Optuna's SuccessiveHalvingPruner, at "
        "a quarter and at half of a training; with two objectives, none.",
    )
    trials: int | None = setting(
        None,
        f"Settings to try; null: {TRIALS}, or with `minutes` as many as they allow.",
        ge=1,
        le=1_000_000,
    )
    minutes: float | None = setting(
        None, "Begin no trial after this long; null: no limit.", unit="minutes", gt=0
    )
    objective: Objective = setting(
        None,
        "What is looked for on validation: accuracy, macro_f1 or loss; null: as training.best_by. "
        "Or two at once: [accuracy, parameters], with parameters, seconds or model_bytes as the "
        "second.",
    )
    prefer: Literal["best", "small"] = setting(
        "best",
        "Of two objectives, which of the settings that no other beats in both is taken: the best "
        "score, or the smallest whose score is within `tolerance` of it.",
    )
    tolerance: float = setting(0.005, "How much worse a score `prefer: small` accepts.", ge=0, le=1)
    finalists: int = setting(
        4,
        "Best trials that are trained on three other seeds, beside the config as given; the best "
        "mean score on validation is taken. With `minutes`, up to a third of them is kept for it, "
        "for up to eight seeds. 1: the best trial is taken as it is, as always with two "
        "objectives.",
        unit="trials",
        ge=1,
        le=100,
    )
    seeds: int = setting(
        6,
        "Fresh seeds on which the best settings and the config as given are trained in the end; "
        "six are the fewest for a 95 % interval.",
        unit="seeds",
        ge=1,
        le=1000,
    )

    @property
    def most_trials(self) -> int | None:
        """The most settings to try; None: as many as the time allows."""
        return TRIALS if self.trials is None and self.minutes is None else self.trials

    @model_validator(mode="after")
    def _check_prefer(self) -> Self:
        if self.prefer == "small" and not isinstance(self.objective, tuple):
            raise refuse(
                "prefer", "'small' needs two objectives, such as objective: [accuracy, parameters]"
            )
        return self
