"""Losses and gradients that are NaN or infinite: no update, and a step that can be seen again."""

import json
import math

import numpy as np
import pytest

from nlptrain.cli.train import show_outcome
from nlptrain.errors import DataError, NonFiniteStepError, RunFolderError
from nlptrain.files.array_file import load_arrays
from nlptrain.runs.folder import RunFolder
from nlptrain.training.assembly import build_learner
from nlptrain.training.dry_run import dry_run
from nlptrain.training.loop import step_batches
from nlptrain.training.nonfinite import replay
from nlptrain.training.plan import build_plan
from nlptrain.training.preparation import prepare
from nlptrain.training.resume import resume

WILD = ("optimizer={type: sgd, learning_rate: 1e30}", "model.encoder.cell=rnn_relu")
"""The first update makes the parameters huge, so that the second step overflows."""
FILES = ("model.safetensors", "checkpoint.safetensors", "metrics.jsonl")


def build(make_config, *overrides, encoder="rnn"):
    """Build a learner that has made three steps, and a function that gives each step's batch."""
    config = make_config(*overrides, encoder=encoder)
    preparation = prepare(config)
    learner, plan = build_learner(config, preparation), build_plan(config, preparation)
    batches = step_batches(preparation.train_split, plan, 0)
    for step in range(3):
        make_step(learner, next(batches), step)
    return learner, next(batches)


def make_step(learner, batch, step=3, *, measure=False):
    return learner.step(batch, step=step, learning_rate=0.1, measure_gradient=measure)


def assert_equal(arrays, others):
    assert arrays.keys() == others.keys()
    for name, array in arrays.items():
        np.testing.assert_array_equal(array, others[name], err_msg=name)


OPTIMIZERS = ("optimizer.type=adam", "optimizer={type: sgd, momentum: 0.9}")


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("encoder", ["pooling", "rnn", "cnn"])
def test_loss_that_is_not_finite_changes_nothing(make_config, encoder, optimizer):
    learner, batch = build(make_config, "model.normalization=batch", optimizer, encoder=encoder)
    state = learner.state()
    arrays = learner.arrays()
    learner.load_arrays(arrays | {"head.0.bias": np.full_like(arrays["head.0.bias"], math.nan)})
    assert not make_step(learner, batch).finite
    learner.load_arrays(arrays)
    assert_equal(learner.state(), state)


def test_infinite_gradient_under_a_finite_loss_changes_nothing(make_config):
    learner, batch = build(make_config, "model.encoder.cell=rnn_relu")
    # Forward, the small embedding makes up for the large weights; back, nothing does.
    sizes = {"embedding.weight": 1e-35, "encoder.weight_ih_l0": 1e30, "head.0.weight": 1e30}
    huge = {name: np.full_like(a, sizes.get(name, 0)) for name, a in learner.arrays().items()}
    learner.load_arrays(huge)
    state = learner.state()
    result = make_step(learner, batch)
    assert math.isfinite(result.loss)
    assert not result.finite
    assert_equal(learner.state(), state)


def test_large_finite_gradient_is_applied(make_config):
    learner, batch = build(make_config, "optimizer={type: sgd, learning_rate: 1}")
    arrays = learner.arrays()
    learner.load_arrays(arrays | {"head.0.weight": np.full_like(arrays["head.0.weight"], 1e25)})
    before = learner.arrays()
    assert make_step(learner, batch).finite
    after = learner.arrays()
    assert any((after[name] != before[name]).any() for name in before)


def test_differentiating_sees_what_the_step_does_and_changes_nothing(make_config):
    learner, batch = build(make_config, "model.normalization=batch", "model.dropout=0.5")
    state = learner.state()
    found = learner.differentiate(batch, step=3)
    assert_equal(learner.state(), state)
    result = make_step(learner, batch, measure=True)
    norms = [np.linalg.norm(gradient) for gradient in found.gradients.values()]
    assert found.loss == result.loss
    assert np.linalg.norm(norms) == pytest.approx(result.grad_norm, rel=1e-5)


@pytest.mark.parametrize("encoder", ["pooling", "rnn", "lstm", "cnn"])
def test_outputs_of_the_layers_end_in_the_logits_of_the_loss(make_config, encoder):
    settings = ("model.normalization=layer", "model.activation=tanh", "model.loss=bce")
    head = ("model.head.hidden_sizes=[3]", "model.dropout=0.2")
    learner, batch = build(make_config, *settings, *head, encoder=encoder)
    found = learner.differentiate(batch, step=3)
    layers = ["embedding", "encoder", "normalization", "activation", "readout", "dropout"]
    assert list(found.outputs) == [*layers, "head.0", "head.1", "head.2"]
    assert len(found.outputs["embedding"]) == batch.lengths.sum()
    logits = found.outputs["head.2"][:, 0]
    signs = np.where(batch.classes, -1, 1)
    assert np.logaddexp(0, signs * logits).mean() == pytest.approx(found.loss, rel=1e-5)


def stop(train, *overrides, **options):
    with pytest.raises(NonFiniteStepError) as caught:
        train(*overrides, **options)
    return str(caught.value)


def test_large_learning_rate_stops_with_the_step_and_how_to_see_it(train, only_run):
    message = stop(train, *WILD)
    folder = only_run()
    assert message.startswith(f"{folder.path}: the training loss of step 2 is ")
    assert f"nlptrain replay {folder.path}" in message
    assert folder.read_record().status == "failed"
    found = json.loads(folder.nonfinite_path.read_text())
    assert (found["step"], found["learning_rate"]) == (2, 1e30)
    assert found["loss"] in ("nan", "inf")
    assert "nan" in found["gradient_norms"].values()


def test_strings_of_the_step_are_those_of_its_indices(train, only_run, make_config):
    stop(train, *WILD)
    preparation = prepare(make_config(*WILD))
    found = json.loads(only_run().nonfinite_path.read_text())["examples"]
    assert len(found) == 8
    examples, labels = preparation.dataset.train, preparation.dataset.labels
    for each in found:
        assert each["text"] == examples.texts[each["index"]]
        assert each["label"] == labels[examples.classes[each["index"]]]


def test_last_good_state_is_that_after_the_steps_before(train, only_run, make_config):
    stop(train, *WILD)
    config = make_config(*WILD)
    preparation = prepare(config)
    learner, plan = build_learner(config, preparation), build_plan(config, preparation)
    batch = next(step_batches(preparation.train_split, plan, 0))
    learner.step(batch, step=0, learning_rate=1e30, measure_gradient=False)
    kept, metadata = load_arrays(only_run().nonfinite_state_path)
    assert metadata["progress"]["step"] == 1
    assert_equal(kept, learner.state())


@pytest.mark.parametrize("members", [1, 3])
def test_replay_finds_the_first_that_is_not_finite(train, only_run, members):
    stop(train, *WILD, f"training.members={members}")
    folder = only_run()
    before = {path: path.read_bytes() for path in folder.path.iterdir()}
    examined, _ = replay(folder)
    quantities = list(examined.quantities())
    first = next(each for each in quantities if each.nonfinite)
    assert (examined.step, first.kind, first.name) == (2, "output", "encoder")
    assert {each.kind for each in quantities} == {"parameter", "output", "loss", "gradient"}
    assert {path: path.read_bytes() for path in folder.path.iterdir()} == before


def test_run_that_stopped_at_no_step_cannot_be_replayed(train):
    with pytest.raises(RunFolderError, match="no step to replay"):
        replay(train().folder)


def test_replay_refuses_other_data(train, only_run):
    stop(train, *WILD)
    path = only_run().config_path
    path.write_text(path.read_text().replace("seed: 0", "seed: 1", 1))
    with pytest.raises(RunFolderError, match="the data has changed since the run stopped"):
        replay(only_run())


def test_update_that_overflows_is_told_at_the_next_step(train):
    message = stop(train, "optimizer={type: sgd, learning_rate: 1e60}")
    assert "step 2 is nan" in message
    assert "the previous update made parameters infinite" in message


WIDE = ("model.encoder={cell: rnn_relu, hidden_size: 16}",)
"""With 64 numbers a character, of which each is near the largest there is, some unit overflows."""


def write_vectors(tmp_path, numbers):
    """Write a vector of 64 equal numbers for each character."""
    path = tmp_path / "vectors.txt"
    lines = (f"{character} {f'{number} ' * 64}\n" for character, number in numbers.items())
    path.write_text("".join(lines))
    return f"model.embedding={{vectors: {path}, frozen: true, dim: 64}}"


def test_frozen_vectors_that_overflow_stop_the_first_step(train, tmp_path, only_run):
    vectors = write_vectors(tmp_path, dict.fromkeys("abcdefghij", "3e38"))
    assert "the training loss of step 1 is nan" in stop(train, *WIDE, vectors)
    first = next(each for each in replay(only_run())[0].quantities() if each.nonfinite)
    assert (first.kind, first.name) == ("output", "encoder")


def test_dry_run_shows_a_first_step_that_is_not_finite(make_config, tmp_path):
    vectors = write_vectors(tmp_path, dict.fromkeys("abcdefghij", "3e38"))
    facts = dry_run(make_config(*WIDE, vectors)).facts
    assert facts["gradient norm"] == "not finite"
    assert "nan on the first batch" in facts["loss"]


def test_vectors_that_become_infinite_are_refused_with_their_line(train, tmp_path):
    with pytest.raises(DataError, match=r"vectors.txt:1: 1e\+39 is beyond the largest float32"):
        train(write_vectors(tmp_path, {"a": "1e39"}))
    assert not (tmp_path / "runs").exists()


@pytest.fixture
def rare(tmp_path):
    """Settings of a file whose training split has one string that no network can read."""
    rows = [(f"{'ab'[n % 2] * (n + 1)}", n % 2, "train") for n in range(20)]
    rows += [("zzzzzzzz", 1, "train"), ("abb", 0, "validation"), ("baa", 1, "validation")]
    rows += [("aab", 0, "test"), ("bab", 1, "test")]
    lines = [",".join(map(str, row)) for row in [("text", "label", "split"), *rows]]
    (tmp_path / "rare.csv").write_text("\n".join(lines))
    file = f"path: {tmp_path / 'rare.csv'}, split: split, min_examples: 1"
    return (
        f"data={{file: {{{file}}}}}",
        write_vectors(tmp_path, {"a": "0.1", "b": "0.2", "z": "3e38"}),
        *WIDE,
        "training={batch_size: 4, epochs: 2, on_nonfinite: skip, checkpoint_every_seconds: null}",
    )


def test_skipped_steps_are_counted_and_the_others_train(train, rare):
    outcome = train(*rare)
    assert (outcome.skipped, outcome.steps) == (2, 12)
    report = json.loads(outcome.folder.report_path.read_text())
    assert report["skipped_steps"] == 2
    lines = [json.loads(line) for line in outcome.folder.metrics_path.read_text().splitlines()]
    assert [line["loss"] for line in lines if line.get("skipped")] == [None, None]
    assert all(line["train_loss"] is not None for line in lines if line["kind"] == "evaluation")


def test_skipped_steps_are_said_at_the_end(train, rare, tmp_path, capsys):
    show_outcome(train(*rare), tmp_path / "runs")
    assert (
        "skipped steps   2 of 12: their loss or gradient was not finite" in capsys.readouterr().out
    )


def test_the_same_steps_stop_a_run_that_may_not_skip(train, rare):
    assert "is kept" not in stop(train, *rare, "training.on_nonfinite=stop")


@pytest.mark.parametrize("number", [1, 4, 8])
def test_resumed_run_skips_the_same_steps(train, rare, signal_at, number):
    whole, broken = train(*rare), train(*rare, audience=signal_at(number))
    outcome = resume(broken.folder)
    assert outcome.skipped == whole.skipped == 2
    for name in FILES:
        assert (whole.folder.path / name).read_bytes() == (broken.folder.path / name).read_bytes()


def test_training_of_which_every_step_is_skipped_fails(train, tmp_path, only_run):
    vectors = write_vectors(tmp_path, dict.fromkeys("abcdefghij", "3e38"))
    message = stop(train, "training.on_nonfinite=skip", *WIDE, vectors)
    assert "step 5 is nan, as in the 4 steps skipped before it" in message
    assert only_run().nonfinite_path.is_file()


def test_stopped_run_goes_on_with_skipping_as_if_it_had_from_the_start(train, rare):
    whole = train(*rare)
    stop(train, *rare, "training.on_nonfinite=stop")
    folder = RunFolder(whole.folder.path.with_name("rnn-002"))
    assert folder.nonfinite_path.is_file()
    outcome = resume(folder, overrides=("training.on_nonfinite=skip",))
    assert outcome.skipped == 2
    assert not folder.nonfinite_path.exists()
    assert not folder.nonfinite_state_path.exists()
    for name in FILES:
        assert (folder.path / name).read_bytes() == (whole.folder.path / name).read_bytes()


def test_run_that_skipped_cannot_go_on_as_one_that_stops(train, rare, signal_at):
    folder = train(*rare, audience=signal_at(8)).folder
    with pytest.raises(RunFolderError, match="on_nonfinite"):
        resume(folder, overrides=("training.on_nonfinite=stop",))
