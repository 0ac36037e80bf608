"""Comparisons whose scores are drawn, so that the truth is known; and what a reader makes of them.

`DRAWS` holds the shapes in which scores come: for each, a function draws what every contestant
came to at every seed. Unless one is given an advantage, contestants are alike: at a seed they share
luck and have luck of their own, and whatever is claimed is wrong.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from nlptrain.comparison.report.answer import answer_sentences, ranking_rows
from nlptrain.comparison.results import Contestant, Protocol, Results, TrialRecord
from nlptrain.comparison.statistics.differences import pair_differences, say_difference

EVALUATED_EVERY = 25
LAST_STEP = 400
TARGET = 0.95
STRINGS = 1000

_CLAIMS = re.compile(
    r"better than (?!another|beyond|only)|faster than|more accurate than|lower in test loss than|"
    r"ranks first|the first rank|differ, by|different by an amount|did no better"
)
_FACTS = ("Final trials diverged", "The best learning rate of")


@dataclass(frozen=True)
class Scores:
    """What all contestants came to: each array (contestants, seeds).

    Attributes:
        accuracy: On the test.
        steps: To the target; 0 where it was missed.
        diverged: Whether the trial did.
    """

    accuracy: NDArray[np.float64]
    steps: NDArray[np.int64]
    diverged: NDArray[np.bool_]


Draw = Callable[[np.random.Generator, int, int, float], Scores]
"""From a generator, contestants, seeds, and the first contestant's advantage in accuracy."""


def build_results(scores: Scores, rank_by: str = "auto") -> Results:
    """Make a finished comparison of these scores."""
    contestants, seeds = scores.accuracy.shape
    names = [f"optimizer-{letter}" for letter in "gcafbdehijkl"[:contestants]]
    trials = [
        _trial(name, seed, scores, (row, seed))
        for row, name in enumerate(names)
        for seed in range(seeds)
    ]
    protocol = Protocol(
        name="drawn",
        contestants=tuple(Contestant(name, {}) for name in names),
        tuning_seeds=(),
        final_seeds=tuple(range(seeds)),
        max_widenings=0,
        tuned_by="accuracy",
        target_accuracy=TARGET,
        loss="cross_entropy",
        majority=0.5,
        data=("0" * 64,),
        config={},
    )
    protocol = replace(protocol, rank_by=rank_by)
    return Results(protocol, dict.fromkeys(names, 0.1), tuple(trials))


def find_claims(results: Results) -> list[str]:
    """List what a reader would take for a claim, in answer, table and list of differences.

    A claim is a rank but the first, an order but the config's, a sentence of the answer that names
    some contestants and not others (but for counts of failures), and words of comparison anywhere.
    """
    names = [contestant.name for contestant in results.protocol.contestants]
    rows = ranking_rows(results)
    claims = [f"rank {row[0]}: {row[1]}" for row in rows if row[0] != "1"]
    if [row[1] for row in rows] != names:
        claims.append("order")
    for sentence in answer_sentences(results):
        named = sum(name in sentence for name in names)
        partial = 0 < named < len(names) and not sentence.startswith(_FACTS)
        if partial or _CLAIMS.search(sentence):
            claims.append(sentence)
    sentences = [say_difference(pair) for pair in pair_differences(results)]
    return claims + [sentence for sentence in sentences if _CLAIMS.search(sentence)]


def _trial(name: str, seed: int, scores: Scores, place: tuple[int, int]) -> TrialRecord:
    accuracy, diverged = float(scores.accuracy[place]), bool(scores.diverged[place])
    steps = tuple(range(EVALUATED_EVERY, LAST_STEP + 1, EVALUATED_EVERY))
    reached = [0 < scores.steps[place] <= step for step in steps]
    return TrialRecord(
        contestant=name,
        stage="final",
        learning_rate=0.1,
        seed=seed,
        steps=steps,
        seconds=tuple(step / 100 for step in steps),
        train_losses=(0.5,) * len(steps),
        validation_losses=(0.5,) * len(steps),
        validation_accuracies=tuple(0.99 if each else 0.5 for each in reached),
        validation_macro_f1s=tuple(0.99 if each else 0.5 for each in reached),
        best=len(steps) - 1,
        test_accuracy=accuracy,
        test_loss=float(2.0 - accuracy + 1e-3 * scores.steps[place]),
        diverged=diverged,
    )


def _as_measured(accuracy: NDArray[np.float64], steps: NDArray[np.float64] | None = None) -> Scores:
    """Round as a test of so many strings and evaluations at intervals do."""
    shares = np.clip(np.round(accuracy * STRINGS) / STRINGS, 0, 1)
    if steps is None:
        steps = np.zeros(accuracy.shape)
    evaluated = np.ceil(steps / EVALUATED_EVERY).astype(np.int64) * EVALUATED_EVERY
    return Scores(shares, np.minimum(evaluated, LAST_STEP), np.zeros(accuracy.shape, np.bool_))


def _normal(generator: np.random.Generator, contestants: int, seeds: int, more: float) -> Scores:
    luck = generator.normal(0, 0.01, seeds) + generator.normal(0, 0.005, (contestants, seeds))
    return _as_measured(_ahead(0.92 + luck, more))


def _skewed(generator: np.random.Generator, contestants: int, seeds: int, more: float) -> Scores:
    lost = generator.gamma(0.5, 0.02, (contestants, seeds)) + generator.gamma(0.5, 0.01, seeds)
    return _as_measured(_ahead(0.97 - lost, more))


def _tied(generator: np.random.Generator, contestants: int, seeds: int, more: float) -> Scores:
    return _as_measured(_ahead(generator.choice([0.97, 0.98], (contestants, seeds)), more))


def _failing(generator: np.random.Generator, contestants: int, seeds: int, more: float) -> Scores:
    """Draw trainings that learn all or nothing."""
    learnt = generator.random((contestants, seeds)) < 0.7
    return _as_measured(_ahead(np.where(learnt, 0.999, 0.5), more), np.where(learnt, 200, 0))


def _diverging(generator: np.random.Generator, contestants: int, seeds: int, more: float) -> Scores:
    scores = _normal(generator, contestants, seeds, more)
    scores.diverged[generator.integers(contestants), generator.integers(seeds)] = True
    return scores


def _guessing(generator: np.random.Generator, contestants: int, seeds: int, more: float) -> Scores:
    return _as_measured(_ahead(generator.binomial(100, 0.5, (contestants, seeds)) / 100, more))


def _solved(generator: np.random.Generator, contestants: int, seeds: int, more: float) -> Scores:
    """Draw trainings at the ceiling, whose steps are those of the evaluations; more: is faster."""
    luck = generator.normal(0, 0.2, seeds) + generator.normal(0, 0.2, (contestants, seeds))
    steps = 150 * np.exp(luck)
    steps[0] *= 1 - more
    return _as_measured(np.ones((contestants, seeds)), steps)


def _nearly_solved(
    generator: np.random.Generator, contestants: int, seeds: int, more: float
) -> Scores:
    """Draw trainings of which some fall just below what counts as solved."""
    scores = _solved(generator, contestants, seeds, more)
    lost = generator.exponential(0.0015, (contestants, seeds))
    return replace(scores, accuracy=np.round((1 - lost) * STRINGS) / STRINGS)


def _ahead(accuracy: NDArray[np.float64], more: float) -> NDArray[np.float64]:
    accuracy[0] += more
    return accuracy


DRAWS: dict[str, Draw] = {
    "normal": _normal,
    "skewed": _skewed,
    "two values": _tied,
    "all or nothing": _failing,
    "one diverged": _diverging,
    "guessing": _guessing,
    "solved": _solved,
    "nearly solved": _nearly_solved,
}
