"""The curves of small networks, trained by one process, or by those that torchrun started.

As a program, `torchrun … tests/shared_curves.py FILE`, it writes them to a file.
"""

import json
import sys
from pathlib import Path

from nlptrain.config.load import load_config
from nlptrain.reporting.records import EvaluationRecord, StepRecord
from nlptrain.training.assembly import assemble
from nlptrain.training.distributed.launch import find_launch
from nlptrain.training.final_evaluation import DecisionRule, evaluate_on_test

SMALL = (
    "engine=torch",
    "device=cpu",
    "training.dtype=float64",
    "training.steps=20",
    "training.batch_size=9",
    "training.evaluate_every_steps=7",
    "data.sizes={train: 40, validation: 15, test: 31}",
    "data.task={type: contains_any, lengths: [1, 9]}",
    "model.embedding.dim=4",
    "logging.every_steps=1",
)
"""Of 40 strings in batches of 9, the last has 4."""
RNN = "model.encoder={type: rnn, hidden_size: 5}"
CNN = "model.encoder={type: cnn, channels: 5, kernel_sizes: [3], padding: valid}"
GRU = "model.encoder={type: rnn, cell: gru, hidden_size: 3, bidirectional: true}"
NGRAMS = "model.encoder={type: ngrams, dim: 5}"
THREE = "data.task={type: cycle_navigation, places: 3, lengths: [1, 9]}"
ROUNDED = ("training.dtype=float32", "training.precision=bfloat16")
CASES = {
    "rnn": (RNN, "model.dropout=0.3", "training.steps=50"),
    "clipped": (RNN, "training.max_grad_norm=0.05"),
    "momentum": (GRU, "optimizer={type: sgd, learning_rate: 0.1, momentum: 0.9}"),
    "average": (GRU, "optimizer={type: schedule_free_adamw, learning_rate: 0.02}"),
    "muon": (GRU, "optimizer={type: muon}", "model.dropout=0.2"),
    "batch_norm": (GRU, "model.normalization=batch", "model.dropout=0.3"),
    "batch_norm_cnn": (CNN, "model.normalization=batch", "training.batch_size=3"),
    "batch_norm_beside": (
        "model.encoder=null",
        f"model.encoders=[{CNN.partition('=')[2]}, {GRU.partition('=')[2]}]",
        "model.normalization=batch",
        "model.heads=each",
    ),
    "frozen": (CNN, "model.normalization=layer", "model.embedding.frozen=true"),
    "ngrams": (NGRAMS, "training.max_grad_norm=0.5"),
    "ngrams_beside": (CNN, "model.ngrams={dim: 3}", "model.heads=each"),
    "few_strings": (RNN, "training.batch_size=1", "model.normalization=batch"),
    "class_weights": (RNN, THREE, "model.loss=cross_entropy", "training.class_weights=balanced"),
    "label_smoothing": (CNN, THREE, "model.loss=cross_entropy", "training.label_smoothing=0.2"),
    "bfloat16": (GRU, "model.normalization=batch", *ROUNDED),
    "members": (GRU, "training.members=2", "model.normalization=batch"),
}
"""What each network has that another has not."""


def measure(overrides):
    """Train a network: the losses of its steps, what was read of them, and its scores."""
    training = assemble(load_config("rnn", (*SMALL, *overrides)).config)
    records = list(training.records())
    steps = [each for each in records if isinstance(each, StepRecord)]
    scores = [each for each in records if isinstance(each, EvaluationRecord)]
    test = evaluate_on_test(training.learner, training.preparation, DecisionRule(0.5, 1.0))
    return {
        "loss": [each.loss for each in steps],
        "grad_norm": [each.grad_norm for each in steps],
        "correct": [each.correct for each in steps],
        "validation_loss": [each.loss for each in scores],
        "validation_accuracy": [each.accuracy for each in scores],
        "test_loss": test.scores.loss,
        "test_predictions": test.predictions.tolist(),
        "parameters": {name: each.tolist() for name, each in training.learner.arrays().items()},
    }


def main():
    """Train all of them."""
    launch = find_launch()
    if launch.leads:
        from nlptrain.training.distributed.leader import leading

        with leading(launch):
            curves = {name: measure(overrides) for name, overrides in CASES.items()}
            Path(sys.argv[1]).write_text(json.dumps(curves))
        return
    from nlptrain.training.distributed.follower import follow

    sys.exit(follow(launch))


if __name__ == "__main__":
    main()
