"""k-fold cross-validation: each part of a file is the test once, and the spread tells how sure."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from nlptrain.config.run import RunConfig
from nlptrain.evaluation.intervals import wilson
from nlptrain.evaluation.paired import PairedCounts
from nlptrain.files.storage import write_json
from nlptrain.reporting.audience import Audience
from nlptrain.runs.numbering import make_numbered_folder
from nlptrain.training.final_evaluation import FinalEvaluation
from nlptrain.training.outcome import Outcome
from nlptrain.training.run import start

SUMMARY_FILE = "folds.json"
LONGEST_NAME = 80


@dataclass(frozen=True)
class FoldResult:
    """What one turn came to.

    Attributes:
        held_out: The fold that was the test, from 1.
        run: The run's folder.
        examples: Strings of that fold.
        accuracy: On them.
        macro_f1: On them.
        loss: On them.
        linear_model: On which of them the network and the linear model are right, if that was
            trained.
    """

    held_out: int
    run: str
    examples: int
    accuracy: float
    macro_f1: float
    loss: float
    linear_model: PairedCounts | None = None


@dataclass(frozen=True)
class CrossValidation:
    """All turns that were trained.

    Attributes:
        results: One a finished turn, in order.
        folder: Where the summary is; None if a turn was interrupted.
        interrupted: The turn that a signal stopped; None if none was.
    """

    results: list[FoldResult]
    folder: Path | None
    interrupted: Outcome | None = None

    def mean(self, score: str) -> float:
        """Average a score over the folds: accuracy, macro_f1 or loss."""
        return float(np.mean(self._values(score)))

    def spread(self, score: str) -> float:
        """Compute the sample standard deviation over the folds."""
        return float(np.std(self._values(score), ddof=1))

    def pooled_accuracy(self) -> tuple[float, float, float]:
        """Count every string once, in its fold: accuracy and its 95 % interval (Wilson)."""
        examples = sum(result.examples for result in self.results)
        right = sum(round(result.accuracy * result.examples) for result in self.results)
        low, high = wilson(right, examples)
        return right / examples, float(low), float(high)

    def linear_model_counts(self) -> PairedCounts | None:
        """Add up on which strings the network and the linear model are right; None without it."""
        counts = [result.linear_model for result in self.results if result.linear_model]
        return sum(counts[1:], counts[0]) if counts else None

    def _values(self, score: str) -> list[float]:
        return [getattr(result, score) for result in self.results]


def cross_validate(
    configs: Sequence[RunConfig],
    *,
    runs_dir: Path,
    command: str,
    audience: Audience,
    tell: Callable[[str], None] = lambda _: None,
    baseline: bool = True,
) -> CrossValidation:
    """Train one run a fold, one after the other, and sum them up.

    Args:
        configs: The same config with each `data.folds.held_out`, in order.
        runs_dir: Where the runs and the folder of the summary are made.
        command: What the user typed, for the records.
        audience: Hears of the first run all, of the others only what is displayed.
        tell: Takes a sentence as each run ends.
        baseline: Whether to score a linear model beside each network.

    Raises:
        ConfigError, DataError: Nothing was written.
        RunFolderError: A folder cannot be written.
        TrainingError: A training diverged; the runs so far are kept.
    """
    results: list[FoldResult] = []
    for turn, config in enumerate(configs, 1):
        suffix = f"-fold{turn}of{len(configs)}"
        name = config.name[: LONGEST_NAME - len(suffix)] + suffix
        named = config.model_copy(update={"name": name})
        listeners = audience if turn == 1 else replace(audience, tell=lambda _: None)
        outcome = start(
            named, runs_dir=runs_dir, command=command, audience=listeners, baseline=baseline
        )
        evaluation = outcome.evaluation
        if evaluation is None:
            return CrossValidation(results, None, outcome)
        results.append(_read_off(turn, outcome.folder.path, evaluation))
        tell(
            f"fold {turn} of {len(configs)}: test accuracy {results[-1].accuracy:.4f}, "
            f"run {outcome.folder.path.name}"
        )
    folder = make_numbered_folder(runs_dir, f"folds-{configs[0].name}")
    found = CrossValidation(results, folder)
    write_json(folder / SUMMARY_FILE, _describe(found, configs[0], command))
    return found


def _read_off(turn: int, run: Path, evaluation: FinalEvaluation) -> FoldResult:
    scores, baseline = evaluation.scores, evaluation.baseline
    return FoldResult(
        turn,
        str(run),
        scores.examples,
        scores.accuracy,
        scores.macro_f1,
        scores.loss,
        baseline.counts if baseline else None,
    )


def _describe(found: CrossValidation, config: RunConfig, command: str) -> dict[str, Any]:
    pooled, low, high = found.pooled_accuracy()
    return {
        "command": command,
        "seed": config.seed,
        "folds": [asdict(result) for result in found.results],
        "mean": {score: found.mean(score) for score in ("accuracy", "macro_f1", "loss")},
        "standard_deviation": {
            score: found.spread(score) for score in ("accuracy", "macro_f1", "loss")
        },
        "pooled_accuracy": {"accuracy": pooled, "low": low, "high": high},
    }
