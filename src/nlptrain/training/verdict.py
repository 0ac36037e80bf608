"""After the last step: how the network decides, and what it is worth on the test strings."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nlptrain.config.training import TrainingSection
from nlptrain.evaluation.by_length import LengthScore, score_examples_by_length
from nlptrain.evaluation.calibration import fit_temperature, measure_reliability
from nlptrain.evaluation.decision import apply_temperature, compute_probabilities
from nlptrain.evaluation.metrics import Scores, score
from nlptrain.evaluation.threshold import choose_threshold
from nlptrain.training.encoded_split import compute_logits
from nlptrain.training.learner import Learner
from nlptrain.training.preparation import Preparation


@dataclass(frozen=True)
class Decision:
    """How logits become classes.

    Attributes:
        threshold: Probability from which a single logit means class 1.
        temperature: What logits are divided by.
    """

    threshold: float
    temperature: float


@dataclass(frozen=True, eq=False)
class Verdict:
    """What a trained network is worth.

    Attributes:
        scores: On the test split.
        decision: How it decides.
        calibration_error: Expected calibration error on the test split.
        by_length: Accuracy by length, other lengths included, where the config asks for these.
    """

    scores: Scores
    decision: Decision
    calibration_error: float
    by_length: list[LengthScore]

    def to_json(self, labels: Sequence[str]) -> dict[str, Any]:
        """Convert it to plain values.

        Args:
            labels: Names of the classes, by class index.
        """
        by_length = [row.to_json() for row in self.by_length]
        return {
            **self.scores.to_json(labels),
            "expected_calibration_error": self.calibration_error,
            "threshold": self.decision.threshold,
            "temperature": self.decision.temperature,
            **({"by_length": by_length} if by_length else {}),
        }


def decide(learner: Learner, preparation: Preparation, training: TrainingSection) -> Decision:
    """Fit the temperature, then choose the threshold, both on the validation split.

    Args:
        learner: The best network.
        preparation: Whose validation split counts.
        training: Which rules the config wants.
    """
    is_fixed = isinstance(training.threshold, float)
    if is_fixed and training.calibration == "none":
        return Decision(float(training.threshold), 1.0)
    split = preparation.splits["validation"]
    logits, temperature = compute_logits(learner.logits, split.texts), 1.0
    if training.calibration == "temperature":
        temperature = fit_temperature(logits, split.classes)
    if is_fixed:
        return Decision(float(training.threshold), temperature)
    probabilities = compute_probabilities(apply_temperature(logits, temperature))
    threshold = choose_threshold(probabilities[:, 1], split.classes, str(training.threshold))
    return Decision(threshold, temperature)


def judge(learner: Learner, preparation: Preparation, decision: Decision) -> Verdict:
    """Score the network on the test split, and by length where other lengths are wanted."""
    split, dataset = preparation.splits["test"], preparation.dataset
    logits = apply_temperature(compute_logits(learner.logits, split.texts), decision.temperature)
    by_length = []
    if preparation.other_lengths is not None and dataset.other_lengths is not None:
        others = compute_logits(learner.logits, preparation.other_lengths.texts)
        all_logits = [logits, apply_temperature(others, decision.temperature)]
        by_length = score_examples_by_length(
            np.concatenate(all_logits),
            [dataset.test, dataset.other_lengths],
            dataset.train,
            decision.threshold,
        )
    return Verdict(
        score(logits, split.classes, preparation.loss, decision.threshold),
        decision,
        measure_reliability(logits, split.classes).error,
        by_length,
    )
