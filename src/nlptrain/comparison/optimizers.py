"""Optimizers side by side: the same start and the same batches for each at a given seed."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from nlptrain.comparison.trial import Trial, TrialResult, prepare_once, run_trial
from nlptrain.config.optimizer import Optimizer
from nlptrain.config.run import RunConfig
from nlptrain.numpy_nn.architecture import Architecture
from nlptrain.reporting.curves import Curves, draw_curves
from nlptrain.run_folder import make_numbered_folder
from nlptrain.storage import write_json
from nlptrain.training.engine import choose_engine

CURVES_FILE = "loss_curves.png"
RESULTS_FILE = "comparison.json"


@dataclass(frozen=True)
class Contestant:
    """One optimizer setting and what its trials came to.

    Attributes:
        name: The optimizer, with its learning rate or number where one kind stands there twice.
        settings: Its section of the config.
        results: One a seed.
    """

    name: str
    settings: dict[str, Any]
    results: list[TrialResult]


@dataclass(frozen=True)
class Comparison:
    """A finished comparison.

    Attributes:
        folder: Where its files are.
        contestants: In the config's order.
        seeds: The seeds, the same for each.
    """

    folder: Path
    contestants: list[Contestant]
    seeds: list[int]


def compare_optimizers(
    config: RunConfig,
    *,
    output: Path,
    jobs: int,
    tell: Callable[[str], None] = lambda _: None,
) -> Comparison:
    """Train every optimizer of the config's `comparison` from the same seeds.

    Args:
        config: Data, network and loop, and `comparison`: optimizers and number of seeds.
        output: Where the folder of the comparison is made.
        jobs: Trials side by side, each in a process of its own.
        tell: Takes a sentence as each trial ends.

    Raises:
        ConfigError, DataError: Nothing was trained.
        RunFolderError: The results cannot be written.
    """
    # What can be wrong with config, data or folder shows here, before anything is trained.
    preparation = prepare_once(config)
    for sentence in _describe_engine(config, preparation.architecture):
        tell(sentence)
    folder = make_numbered_folder(output, f"compare-{config.name}")
    optimizers = config.comparison.optimizers
    seeds = [config.seed + offset for offset in range(config.comparison.seeds)]
    names = _name(optimizers)
    trials = [Trial(config, optimizer, seed) for seed in seeds for optimizer in optimizers]
    results = []
    try:
        for trial, name, result in zip(
            trials, names * len(seeds), _run_side_by_side(trials, jobs), strict=True
        ):
            results.append(result)
            tell(
                f"{len(results)}/{len(trials)}  {name}  seed {trial.seed}  "
                f"test accuracy {result.test_accuracy:.4f}" + ("  diverged" * result.diverged)
            )
    except BaseException:
        folder.rmdir()
        raise
    contestants = [
        Contestant(name, optimizer.model_dump(), results[index :: len(optimizers)])
        for index, (name, optimizer) in enumerate(zip(names, optimizers, strict=True))
    ]
    comparison = Comparison(folder, contestants, seeds)
    _write(comparison, config)
    _draw(comparison, unit="" if preparation.loss == "mse" else " (nats)")
    return comparison


def _describe_engine(config: RunConfig, architecture: Architecture) -> list[str]:
    """Say which engine computes, and that by hand there is only one Adam."""
    choice = choose_engine(config, architecture)
    sentences = [f"engine: {choice.name}, {choice.reason}"]
    kinds = {optimizer.type for optimizer in config.comparison.optimizers}
    if choice.name == "numpy" and kinds >= {"adam", "adam_by_hand"}:
        sentences.append(
            "here adam and adam_by_hand are the same code; --set engine=torch compares PyTorch's "
            "with the one by hand"
        )
    return sentences


def _run_side_by_side(trials: Sequence[Trial], jobs: int) -> Iterator[TrialResult]:
    """Run trials in processes with one thread each; results come in the order of the trials."""
    if jobs == 1:
        yield from map(run_trial, trials)
        return
    from joblib import Parallel, delayed, parallel_config

    with parallel_config(backend="loky", inner_max_num_threads=1):
        yield from Parallel(n_jobs=jobs, return_as="generator")(
            delayed(run_trial)(trial) for trial in trials
        )


def _name(optimizers: Sequence[Optimizer]) -> list[str]:
    """Name each optimizer by its type, and the settings that tell it from others of that type."""
    settings = [optimizer.model_dump() for optimizer in optimizers]
    names = []
    for own in settings:
        alike = [other for other in settings if other["type"] == own["type"]]
        telling = [key for key in own if any(other[key] != own[key] for other in alike)]
        details = ", ".join(f"{key} {own[key]}" for key in telling)
        names.append(f"{own['type']} ({details})" if details else own["type"])
    return [
        name if names.count(name) == 1 else f"{name} (number {place})"
        for place, name in enumerate(names, 1)
    ]


def _write(comparison: Comparison, config: RunConfig) -> None:
    write_json(
        comparison.folder / RESULTS_FILE,
        {
            "protocol": {
                "seeds": comparison.seeds,
                "same_for_each_seed": ["initial values", "batches", "dropout"],
                "same_for_all": ["data"],
                "tuning": "none: each optimizer at the settings that the config gives it",
                "config": config.model_dump(mode="json"),
            },
            "optimizers": [asdict(contestant) for contestant in comparison.contestants],
        },
    )


def _draw(comparison: Comparison, unit: str) -> None:
    panels = {
        f"{split} loss{unit}": {
            contestant.name: _curves(contestant.results, losses)
            for contestant in comparison.contestants
        }
        for split, losses in (("training", "train_losses"), ("validation", "validation_losses"))
    }
    draw_curves(comparison.folder / CURVES_FILE, panels)


def _curves(results: Sequence[TrialResult], losses: str) -> Curves:
    """Line the seeds up by step; one that ended earlier has no number for the rest."""
    steps = sorted({step for result in results for step in result.steps})
    rows = [dict(zip(result.steps, getattr(result, losses), strict=True)) for result in results]
    table = np.array([[row.get(step, np.nan) for step in steps] for row in rows])
    return Curves(np.array(steps, np.int64), table)
