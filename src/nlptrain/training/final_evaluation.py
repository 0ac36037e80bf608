"""After the last step: fit the decision rule, and evaluate the network on the test split."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlptrain.config.training import TrainingSection
from nlptrain.evaluation.by_length import LengthScore, score_examples_by_length
from nlptrain.evaluation.calibration import fit_temperature, measure_reliability
from nlptrain.evaluation.decision import apply_temperature, choose_classes, compute_probabilities
from nlptrain.evaluation.metrics import Scores, score
from nlptrain.evaluation.threshold import choose_threshold
from nlptrain.training.baseline import BaselineComparison
from nlptrain.training.encoded_split import compute_logits
from nlptrain.training.learner import Learner
from nlptrain.training.preparation import Preparation
from nlptrain.training.rounding import Rounding


@dataclass(frozen=True)
class DecisionRule:
    """How logits become classes.

    Attributes:
        threshold: Probability at or above which a single logit means class 1.
        temperature: Divides the logits.
        head_weights: What each head's logits were multiplied by; empty: nothing.
    """

    threshold: float
    temperature: float
    head_weights: tuple[float, ...] = ()


@dataclass(frozen=True, eq=False)
class FinalEvaluation:
    """The evaluation of a trained network on the test split.

    Attributes:
        scores: On the test split.
        rule: The decision rule.
        calibration_error: Expected calibration error on the test split.
        by_length: Accuracy by length, of other lengths too if the config asks for them.
        predictions: The class of each test string: (N,).
        baseline: A linear model on the same strings; None where there was none.
        rounding: What 16-bit vectors cost on validation; None without any, and of a refitted
            network, which has no validation strings.
    """

    scores: Scores
    rule: DecisionRule
    calibration_error: float
    by_length: list[LengthScore]
    predictions: NDArray[np.int64]
    baseline: BaselineComparison | None = None
    rounding: Rounding | None = None

    def to_json(self, labels: Sequence[str]) -> dict[str, Any]:
        """Convert to plain values."""
        baseline = self.baseline
        return {
            **self.scores.to_json(labels),
            "expected_calibration_error": self.calibration_error,
            "threshold": self.rule.threshold,
            "temperature": self.rule.temperature,
            **({"head_weights": list(self.rule.head_weights)} if self.rule.head_weights else {}),
            "by_length": [row.to_json() for row in self.by_length],
            **({"linear_model": baseline.to_json()} if baseline else {}),
            **({"shallow": [each.to_json() for each in baseline.shallow]} if baseline else {}),
            **({"rounding": self.rounding.to_json()} if self.rounding else {}),
        }


def fit_decision_rule(
    learner: Learner, preparation: Preparation, training: TrainingSection
) -> DecisionRule:
    """Fit the temperature, then choose the threshold, both on the validation split."""
    is_fixed = isinstance(training.threshold, float)
    if is_fixed and training.calibration != "temperature":
        return DecisionRule(float(training.threshold), 1.0)
    split = preparation.splits["validation"]
    logits, temperature = compute_logits(learner.logits, split.texts), 1.0
    if training.calibration == "temperature":
        temperature = fit_temperature(logits, split.classes)
    if is_fixed:
        return DecisionRule(float(training.threshold), temperature)
    probabilities = compute_probabilities(apply_temperature(logits, temperature))
    threshold = choose_threshold(probabilities[:, 1], split.classes, str(training.threshold))
    return DecisionRule(threshold, temperature)


def evaluate_on_test(
    learner: Learner, preparation: Preparation, rule: DecisionRule
) -> FinalEvaluation:
    """Evaluate the network on the test split, and by length, with other lengths if there are."""
    split, dataset = preparation.splits["test"], preparation.dataset
    logits = apply_temperature(compute_logits(learner.logits, split.texts), rule.temperature)
    all_logits, examples = [logits], [dataset.test]
    if preparation.other_lengths is not None and dataset.other_lengths is not None:
        others = compute_logits(learner.logits, preparation.other_lengths.texts)
        all_logits.append(apply_temperature(others, rule.temperature))
        examples.append(dataset.other_lengths)
    by_length = score_examples_by_length(
        np.concatenate(all_logits), examples, dataset.train, rule.threshold
    )
    return FinalEvaluation(
        score(logits, split.classes, preparation.loss, rule.threshold),
        rule,
        measure_reliability(logits, split.classes).error,
        by_length,
        choose_classes(logits, rule.threshold),
    )
