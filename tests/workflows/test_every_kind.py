"""Every kind goes through a whole life: train, resume, predict, explain, evaluate, verify, compare.

The cases take the kinds in turn, so that each stands in one at least; a kind that lacks a part
fails here under its name. `every_kind.py` has the lists.
"""

import contextlib
import itertools
from typing import get_args

import numpy as np
import pytest

from every_kind import (
    ACTIVATIONS,
    CELLS,
    ENCODER_TYPES,
    ENCODERS,
    LOSSES,
    NORMALIZATIONS,
    OPTIMIZER_TYPES,
    READOUTS,
    RECURRENT_STARTS,
    SCHEDULES,
    in_yaml,
)
from nlptrain.config.load import load_config
from nlptrain.config.optimizer import list_optimizers
from nlptrain.inference.evaluation import evaluate_split
from nlptrain.inference.explanation.explanation import explain
from nlptrain.inference.explanation.trace import trace
from nlptrain.inference.explanation.wording import write_out
from nlptrain.inference.model import load
from nlptrain.numpy_nn.encoders import EncoderType
from nlptrain.numpy_nn.members import join_logits
from nlptrain.reporting.audience import Audience
from nlptrain.runs.folder import RunFolder
from nlptrain.training.dry_run import dry_run
from nlptrain.training.preparation import prepare
from nlptrain.training.resume import resume
from nlptrain.training.run import start
from nlptrain.training.verification import verify

# Each kind lives in one engine daily, in both in the long round.
pytestmark = pytest.mark.crossed

SIZES = (
    "device=cpu",
    "data.sizes={train: 40, validation: 12, test: 24}",
    "data.task={type: contains_any, lengths: [1, 12]}",
    "model.embedding.dim=4",
    "model.dropout=0.2",
    "model.head.hidden_sizes=[3]",
    "training.batch_size=8",
    "training.steps=7",
    "training.evaluate_every_steps=3",
    "training.checkpoint_every_steps=3",
    "training.checkpoint_every_seconds=null",
    "logging.tensorboard=false",
)
RNN = "{{type: rnn, cell: {}, hidden_size: 5, bidirectional: {}, initialization: {}}}"
WAYS = [
    *(f"{{type: {kind}}}" for kind in ENCODER_TYPES if kind != "rnn"),
    *map(RNN.format, CELLS, itertools.cycle(("false", "true")), itertools.cycle(RECURRENT_STARTS)),
]
AXES = {
    "model.encoder": WAYS,
    "text.boundaries": ("false", "true"),
    "model.normalization": NORMALIZATIONS,
    "model.activation": ACTIVATIONS,
    "model.readout": tuple(map(in_yaml, READOUTS)),
    "model.head.activation": ACTIVATIONS[::-1],
    "model.loss": LOSSES,
    "optimizer.type": OPTIMIZER_TYPES,
    "training.schedule.type": tuple(SCHEDULES),
    "training.refit": ("false", "true"),
    # In turns of seven, so that they meet all values of the others.
    "training.members": ("1", "2", "1", "3", "1", "2", "2"),
}
CASES = [
    [f"{key}={values[number % len(values)]}" for key, values in AXES.items()]
    for number in range(max(map(len, AXES.values())))
]
BESIDE = {
    "known": "model.ngrams={dim: 3, sizes: [1, 2], learning_rate: 0.1}",
    "hashed": "model.ngrams={dim: 3, sizes: [1, 3], buckets: 7, min_count: 1, combine: mean, "
    "half_precision: true}",
}
CASES += [
    [
        each,
        "model.encoder={type: cnn}",
        "model.normalization=batch",
        "optimizer.type=adamw",
        "training.max_grad_norm=0.5",
        f"training.members={members}",
    ]
    for members, each in enumerate(BESIDE.values(), 1)
]
MEMBERS = "training.members=2"
BRANCHES = "model.encoders=[{type: cnn, kernel_sizes: [2, 3], channels: 3}, {type: rnn, cell: gru}]"
CASES += [
    ["model.encoder=null", BRANCHES, f"model.readout={readout}", "model.normalization=batch"]
    for readout in ("max", "[mean, attention]")
]
CASES += [
    ["model.heads=each", *branches, "model.normalization=layer"]
    for branches in (
        ["model.encoder=null", BRANCHES, "model.loss=mse", "optimizer.type=muon", MEMBERS],
        [BESIDE["known"], "model.encoder={type: cnn}", "optimizer.type=adam"],
        [
            "model.encoder=null",
            BRANCHES,
            BESIDE["hashed"],
            "model.loss=cross_entropy",
            MEMBERS,
        ],
    )
]
FILES = ("model.safetensors", "checkpoint.safetensors", "metrics.jsonl")


class CutAt:
    """A reporter with whom the power goes at the 5th record."""

    records = 0

    def report(self, record):
        self.records += 1
        if self.records == 5:
            raise OSError("the power went")

    def close(self):
        pass


@pytest.fixture(scope="module", params=CASES, ids=" ".join)
def life(request, engine, tmp_path_factory):
    """Train a case in an engine: its overrides, its config and its finished run."""
    overrides = (*SIZES, f"engine={engine}", *request.param)
    config = load_config("rnn", overrides).config
    return overrides, config, start(config, runs_dir=tmp_path_factory.mktemp("runs"), command="")


def test_resumed_training_ends_with_the_same_bytes(life, tmp_path):
    _, config, outcome = life
    with contextlib.suppress(OSError):
        start(
            config,
            runs_dir=tmp_path,
            command="",
            audience=Audience(watch_training=lambda *_: CutAt()),
        )
    folder = resume(RunFolder(next(tmp_path.iterdir()))).folder
    for name in FILES:
        assert (folder.path / name).read_bytes() == (outcome.folder.path / name).read_bytes(), name


def test_predict_explain_and_evaluate_give_the_same_numbers(life):
    model = load(life[2].folder.path)
    text = model.file.text
    generator = np.random.default_rng(0)
    texts = ["".join(generator.choice(list("abcdéx"), size)) for size in range(20) for _ in "1234"]
    together = model.logits(text.encode(texts))
    for each, logits in zip(texts, together, strict=True):
        one = text.encode([each])
        traces = [trace(each, *one.batch(np.array([0]))) for each in model.network.networks]
        traced = join_logits(np.stack([each.logits for each in traces]))
        np.testing.assert_array_equal(traced, model.logits(one)[0])
        # The matrix products of a batch round otherwise than those of one string.
        np.testing.assert_allclose(traced, logits, rtol=1e-5, atol=1e-6)
    evaluation = evaluate_split(str(model.path.parent), model.path.parent.parent, "test")
    test = prepare(life[1]).dataset.test
    predicted = [model.file.labels.index(each.label) for each in model.predict(test.texts)]
    assert evaluation.scores.accuracy == np.mean(predicted == test.classes)
    assert evaluation.scores.accuracy == life[2].scores.accuracy


def test_every_layer_is_explained_and_shown(life):
    model = load(life[2].folder.path)
    for text in ("", "abxa"):
        explanation = explain(model, text)
        assert explanation.label == model.predict([text])[0].label
        titles = " ".join(step.title for step in write_out(explanation, full=True, source="").steps)
        readout = life[1].model.readout
        readouts = [readout] if isinstance(readout, str) else readout
        layers = *readouts, life[1].model.normalization, life[1].model.activation
        # N-grams alone have no positions, so nothing happens at each.
        for layer in layers if model.file.architecture.has_embedding else ():
            assert layer == "none" or layer in titles
    listed = {row[0].partition(" ")[0] for row in dry_run(life[1]).layers}
    assert {name.rpartition(".")[0] for name in model.file.arrays if "head" in name} < listed
    assert {name.partition(".")[0] for name in model.file.arrays} - {
        "head",
        "heads",
        "branches",
    } < listed


def test_both_engines_agree(life):
    assert [each for each in verify(life[1], steps=2).deviations if not each.passed] == []


def test_comparison_trains_it_beside_another(life, make_comparison):
    overrides = [each for each in life[0] if not each.startswith("training.checkpoint")]
    kind = life[1].optimizer.type
    few = ("comparison.trials=1", "comparison.seeds=1")
    chosen = f"comparison.optimizers=[{{type: {kind}}}, {{type: sgd, learning_rate: 0.3}}]"
    results, _ = make_comparison(*overrides, *few, chosen)
    assert {each.settings["optimizer"]["type"] for each in results.protocol.contestants} == {
        kind,
        "sgd",
    }


def test_configs_offer_every_encoder():
    assert get_args(EncoderType) == ENCODER_TYPES


def test_encoder_of_every_type_has_a_small_example():
    assert {encoder.type for encoder in ENCODERS} == set(ENCODER_TYPES)


def test_every_optimizer_can_be_named_in_a_comparison():
    assert set(OPTIMIZER_TYPES) <= set(list_optimizers())
