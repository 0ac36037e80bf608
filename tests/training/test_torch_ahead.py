"""Without waiting for each step, torch gives what it gives with waiting, bit for bit on a CPU."""

import math
import os
import signal
from dataclasses import replace

import numpy as np
import pytest
import torch

from every_kind import OPTIMIZER_TYPES
from nlptrain.config.load import load_config
from nlptrain.errors import NonFiniteStepError
from nlptrain.reporting.audience import Audience
from nlptrain.reporting.records import StepRecord
from nlptrain.runs.folder import RunFolder
from nlptrain.training import placed_split, steps, torch_ahead
from nlptrain.training.assembly import assemble, build_learner
from nlptrain.training.device_batch import move_batch
from nlptrain.training.encoded_split import EncodedSplit
from nlptrain.training.members_in_turn import MembersInTurn
from nlptrain.training.placed_split import MovedSplit, PlacedSplit, place_split
from nlptrain.training.preparation import prepare
from nlptrain.training.resume import resume
from nlptrain.training.run import start
from nlptrain.training.torch_ahead import TorchLearnerAhead
from nlptrain.training.torch_learner import TorchLearner

SMALL = (
    *("engine=torch", "device=cpu", "text.min_count=1", "model.embedding.dim=4"),
    *("data.sizes={train: 45, validation: 12, test: 12}", "training.batch_size=8"),
    *("training.epochs=3", "logging.every_steps=4", "training.checkpoint_every_seconds=null"),
    *("model.encoder.hidden_size=5", "logging.tensorboard=false"),
)
"""Six steps an epoch, the last one with five strings."""
CPU = torch.device("cpu")
FILES = ("metrics.jsonl", "model.safetensors", "checkpoint.safetensors")
BRANCHES = "model.encoders=[{type: cnn, channels: 3}, {type: pooling}]"
NETWORKS = {
    "pooling": ("model.encoder={type: pooling}", "training.max_grad_norm=0.01"),
    "rnn": ("training.class_weights=balanced", "model.loss=mse"),
    "gru": ("model.encoder={type: rnn, cell: gru, hidden_size: 3, bidirectional: true}",),
    "lstm": ("model.encoder.cell=lstm", "model.dropout=0.3", "model.loss=cross_entropy"),
    "cnn": ("model.encoder={type: cnn, channels: 4, stride: 2}", "model.normalization=batch"),
    "heads": ("model.encoder=null", BRANCHES, "model.heads=each"),
    "frozen": ("model.embedding.frozen=true", "training.dtype=float64"),
    "fresh": ("data.fresh=true", "training.patience=1", "training.epochs=9"),
    "unknown": ("text.min_count=30", "training.evaluate_every_steps=5"),
}


@pytest.fixture
def go_ahead(monkeypatch):
    """Wait for a CPU as rarely as for CUDA, or after each step."""
    torch.set_num_threads(1)
    monkeypatch.setattr(steps, "SECONDS_AHEAD", math.inf)
    return lambda goes: monkeypatch.setattr(torch_ahead, "DEVICES", ("cpu",) if goes else ())


@pytest.fixture
def ahead(go_ahead):
    """Wait for a CPU as rarely as for CUDA."""
    go_ahead(True)


def configure(*overrides):
    return load_config("rnn", [*SMALL, *overrides]).config


def train(config, prepare_start=lambda training: None):
    """Train in memory: what each record says, the error, if there is one, and the training."""
    training = assemble(config)
    prepare_start(training)
    told = []
    try:
        told.extend(tell(record) for record in training.records())
    except NonFiniteStepError as error:
        told.append(str(error))
    return told, training


def tell(record):
    """Write all that a record says, NaN included."""
    return repr(replace(record, settled=True) if isinstance(record, StepRecord) else record)


def assert_same(go_ahead, *overrides, prepare_start=lambda training: None):
    """Train in both ways, and return what the records of the second say."""
    config = configure(*overrides)
    go_ahead(False)
    expected, waiting = train(config, prepare_start)
    go_ahead(True)
    found, training = train(config, prepare_start)
    assert isinstance(training.learner, TorchLearnerAhead)
    assert found == expected
    assert training.progress == waiting.progress
    states = training.learner.state(), waiting.learner.state()
    assert states[0].keys() == states[1].keys()
    for name, array in states[0].items():
        np.testing.assert_array_equal(array, states[1][name], err_msg=name)
    return found


@pytest.mark.parametrize("overrides", NETWORKS.values(), ids=NETWORKS)
def test_records_and_state_are_those_of_waiting(go_ahead, overrides):
    assert len(assert_same(go_ahead, *overrides)) > 10


@pytest.mark.parametrize("optimizer", OPTIMIZER_TYPES)
def test_every_optimizer_goes_the_same_way(go_ahead, optimizer):
    assert_same(go_ahead, f"optimizer.type={optimizer}", "training.epochs=2")


WILD = ("optimizer={type: sgd, learning_rate: 1e30}", "model.encoder.cell=rnn_relu")
"""The first update makes the parameters huge, so that all others overflow."""


def test_step_that_is_not_finite_ends_training_under_its_number(go_ahead):
    told = assert_same(go_ahead, *WILD)
    assert len(told) == 2
    assert told[1].startswith("the training loss of step 2 is ")


def test_steps_skipped_in_a_row_end_training_at_the_same_one(go_ahead):
    told = assert_same(
        go_ahead, *WILD, "training.on_nonfinite=skip", "training.evaluate_every_steps=9"
    )
    assert told[-1].startswith("the training loss of step 7 is ")


LETTERS = "".join(chr(0x4E00 + number) for number in range(30))
RARE = f"data.task={{type: contains_any, characters: {LETTERS[0]}, alphabet: {LETTERS}}}"


@pytest.mark.parametrize("optimizer", ["adam", "adam_by_hand", "muon", "sgd"])
def test_skipped_steps_leave_the_others_as_they_are(go_ahead, optimizer):
    def poison(training):
        arrays, splits = training.learner.arrays(), training.preparation.splits
        ids = {name: splits[name].texts.ids.tolist() for name in ("train", "validation")}
        rarest = min(set(ids["train"]) - set(ids["validation"]), key=ids["train"].count)
        arrays["embedding.weight"][rarest] = math.inf
        training.learner.load_arrays(arrays)

    short = (
        "data.task.lengths=[2, 4]",
        "training.on_nonfinite=skip",
        f"optimizer.type={optimizer}",
    )
    told = assert_same(go_ahead, RARE, *short, "model.normalization=batch", prepare_start=poison)
    skipped = ["skipped=True" in each for each in told if each.startswith("StepRecord")]
    assert 2 < sum(skipped) < len(skipped) - 4


def test_infinite_gradient_under_a_finite_loss_is_found(ahead):
    config = configure("model.encoder.cell=rnn_relu")
    training = assemble(config)
    # Forward, the small embedding makes up for the large weights; back, nothing does.
    sizes = {"embedding.weight": 1e-35, "encoder.weight_ih_l0": 1e30, "head.0.weight": 1e30}
    arrays = training.learner.arrays()
    huge = {name: np.full_like(each, sizes.get(name, 0)) for name, each in arrays.items()}
    training.learner.load_arrays(huge)
    with pytest.raises(NonFiniteStepError, match="the gradient of step 1 is not finite"):
        list(training.records())
    for name, array in training.learner.arrays().items():
        np.testing.assert_array_equal(array, huge[name])


def settled_steps(config):
    records = [each for each in assemble(config).records() if isinstance(each, StepRecord)]
    assert [each.step for each in records] == list(range(1, 19))
    return [each.step for each in records if each.settled]


def test_reading_comes_before_logs_evaluations_and_checkpoints(ahead):
    assert settled_steps(configure()) == [4, 6, 8, 12, 16, 18]
    saved = configure("training.checkpoint_every_steps=5", "logging.every_steps=100")
    assert settled_steps(saved) == [5, 6, 10, 12, 15, 18]


def test_reading_comes_before_long(ahead, monkeypatch):
    monkeypatch.setattr(steps, "SECONDS_AHEAD", 0)
    assert settled_steps(configure()) == list(range(1, 19))


class StopAt:
    """A display that asks to stop at a step."""

    def __init__(self, step):
        self.step = step

    def report(self, record):
        if record.step == self.step and isinstance(record, StepRecord):
            os.kill(os.getpid(), signal.SIGINT)

    def close(self):
        pass


def carry_out(go_ahead, folder, *overrides, goes, stop_at=None):
    go_ahead(goes)
    audience = Audience(watch_training=lambda *_: StopAt(stop_at))
    outcome = start(configure(*overrides), runs_dir=folder, command="", audience=audience)
    return outcome.folder


def read(folder, *files):
    return [(folder.path / name).read_bytes() for name in files]


def test_files_of_a_run_are_the_same(go_ahead, tmp_path):
    saved = "training.checkpoint_every_steps=5"
    waiting = carry_out(go_ahead, tmp_path / "a", saved, goes=False)
    found = carry_out(go_ahead, tmp_path / "b", saved, goes=True)
    assert read(found, *FILES) == read(waiting, *FILES)


@pytest.mark.parametrize("step", [1, 6, 9])
def test_run_that_was_stopped_goes_on_to_the_same_files(go_ahead, tmp_path, step):
    whole = carry_out(go_ahead, tmp_path / "a", goes=False)
    stopped = carry_out(go_ahead, tmp_path / "b", goes=True, stop_at=step)
    assert stopped.read_record().status == "interrupted"
    resume(stopped)
    assert read(stopped, *FILES) == read(whole, *FILES)


def test_step_that_was_not_finite_is_kept_to_be_replayed(go_ahead, tmp_path):
    kept = []
    for goes in (False, True):
        folder = tmp_path / str(goes)
        with pytest.raises(NonFiniteStepError):
            carry_out(go_ahead, folder, *WILD, goes=goes)
        (run,) = map(RunFolder, folder.iterdir())
        kept.append(read(run, "nonfinite.safetensors", "metrics.jsonl"))
    assert kept[0] == kept[1]


def batches_of(source, epoch):
    for batch in source.batches(8, 3, epoch):
        yield [batch.ids, batch.lengths, batch.known, batch.classes, batch.weights]


def same_batches(split, placed):
    for epoch in (0, 1):
        moved = (move_batch(each, CPU, torch.float32) for each in split.batches(8, 3, epoch))
        expected = [[b.ids, b.lengths, b.known, b.classes, b.weights] for b in moved]
        found = list(batches_of(placed, epoch))
        assert len(found) == len(expected) == 6
        for batch, other in zip(found, expected, strict=True):
            for array, right in zip(batch, other, strict=True):
                np.testing.assert_array_equal(array, right)
                assert array.dtype == right.dtype


@pytest.fixture
def split():
    """Give strings with weights."""
    texts = prepare(configure("data.task.lengths=[1, 9]")).splits["train"]
    weights = np.random.default_rng(1).uniform(size=len(texts))
    return EncodedSplit(texts.texts, texts.classes, weights=weights)


def test_placed_split_gives_the_batches_of_the_split(split, monkeypatch):
    monkeypatch.setattr(placed_split, "ROWS", 10)
    placed = place_split(split, CPU, torch.float32)
    assert isinstance(placed, PlacedSplit)
    same_batches(split, placed)


def test_split_that_is_too_large_is_moved_batch_by_batch(split, monkeypatch):
    monkeypatch.setattr(placed_split, "find_free_memory", lambda device: 100)
    placed = place_split(split, CPU, torch.float32)
    assert isinstance(placed, MovedSplit)
    same_batches(split, placed)


def test_split_is_placed_once(ahead, split):
    learner = build_learner(config := configure(), prepare(config))
    assert learner.place(split) is learner.place(split)
    assert learner.place(replace(split)) is not learner.place(split)


def test_what_waits_in_any_case_does_not_go_ahead(ahead):
    config = configure("model.encoder={type: ngrams, dim: 3}")
    assert type(build_learner(config, prepare(config))) is TorchLearner
    config = configure("training.members=2")
    assert isinstance(build_learner(config, prepare(config)), MembersInTurn)
