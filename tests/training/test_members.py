"""Networks that are trained as one model: each learns as if it were alone."""

import numpy as np
import pytest
from scipy.special import expit, log_expit, log_softmax, softmax

from every_kind import OPTIMIZERS
from nlptrain.config.load import load_config
from nlptrain.errors import LostProcessError
from nlptrain.training.assembly import build_learner
from nlptrain.training.loop import step_batches
from nlptrain.training.members import member_seeds
from nlptrain.training.plan import build_plan
from nlptrain.training.preparation import build_objective, prepare
from nlptrain.training.stacked_learner import networks_in_training

SETTINGS = (
    "device=cpu",
    "data.sizes={train: 40, validation: 12, test: 12}",
    "data.task={type: contains_any, lengths: [1, 9]}",
    "model.embedding.dim=4",
    "model.encoder={type: rnn, cell: gru, hidden_size: 3, bidirectional: true}",
    "model.head.hidden_sizes=[4]",
    "model.normalization=batch",
    "model.dropout=0.3",
    "training.batch_size=8",
    "training.members=3",
)


class Case:
    """Three members, and the same three networks alone."""

    def __init__(self, engine, *overrides, optimizer=None):
        config = load_config("rnn", (*SETTINGS, f"engine={engine}", *overrides)).config
        own = {"optimizer": optimizer or config.optimizer}
        self.config = config.model_copy(update=own)
        self.preparation = prepare(self.config)
        self.together = build_learner(self.config, self.preparation)
        self.alone = [
            build_learner(self._alone(seed), self.preparation) for seed in member_seeds(self.config)
        ]
        plan = build_plan(self.config, self.preparation)
        self.batches = step_batches(self.preparation.train_split, plan, 0)
        self.steps = 0

    def _alone(self, seed):
        training = self.config.training.model_copy(update={"members": 1})
        return self.config.model_copy(update={"seed": seed, "training": training})

    def step(self):
        batch = next(self.batches)
        options = {"step": self.steps, "learning_rate": 0.05, "measure_gradient": True}
        self.steps += 1
        results = [learner.step(batch, **options) for learner in self.alone]
        return self.together.step(batch, **options), results

    def check(self, read):
        for name, array in read(self.together).items():
            for member, learner in enumerate(self.alone):
                own = array[member] if array.ndim else array
                np.testing.assert_array_equal(own, read(learner)[name], err_msg=name)


@pytest.mark.crossed
@pytest.mark.parametrize("optimizer", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_each_member_learns_what_it_learns_alone(engine, optimizer):
    case = Case(engine, "training.max_grad_norm=0.5", optimizer=optimizer)
    for _ in range(4):
        together, alone = case.step()
        assert together.loss == pytest.approx(np.mean([each.loss for each in alone]), rel=1e-6)
        norms = [each.grad_norm for each in alone]
        assert together.grad_norm == pytest.approx(np.mean(norms), rel=1e-6)
    case.check(lambda learner: learner.state())
    for learner in (case.together, *case.alone):
        learner.begin_evaluation()
    case.check(lambda learner: learner.arrays())


@pytest.mark.parametrize(("fitting", "at_once"), [(1, 1), (3000, 2), (10**9, 3)])
def test_members_are_the_same_however_many_are_computed_at_once(monkeypatch, fitting, at_once):
    monkeypatch.setattr("nlptrain.training.stacked_learner.FITTING_BYTES", fitting)
    case = Case("numpy")
    fastest = networks_in_training(case.preparation, case.config.training)
    assert min(fastest, 3) == at_once
    for _ in range(3):
        case.step()
    case.check(lambda learner: learner.state())
    ids, lengths = case.preparation.splits["test"].batch(np.arange(12)).ids, np.full(12, 3)
    each = [learner.logits(ids, lengths) for learner in case.alone]
    np.testing.assert_array_equal(case.together.logits(ids, lengths), np.mean(each, axis=0))


@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
@pytest.mark.parametrize(
    "table", ["", "buckets: 7, min_count: 1, ", "optimizer: sgd, ", "optimizer: adagrad, "]
)
def test_members_with_vectors_of_ngrams_learn_what_they_learn_alone(engine, table, optimizer):
    ngrams = f"model.ngrams={{{table}dim: 3, sizes: [1, 2], learning_rate: 0.1}}"
    case = Case(engine, ngrams, f"optimizer.type={optimizer}", "training.max_grad_norm=0.5")
    for _ in range(4):
        case.step()
    case.check(lambda learner: learner.state())
    kept = case.together.state()
    case.together.load_state(kept)
    case.step()
    case.check(lambda learner: learner.state())


@pytest.mark.parametrize("loss", ["bce", "mse", "cross_entropy"])
def test_members_predict_by_the_mean_of_their_log_probabilities(engine, loss):
    case = Case(engine, f"model.loss={loss}", "training.dtype=float64")
    case.step()
    batch = case.preparation.splits["test"].batch(np.arange(12))
    each = np.stack([learner.logits(batch.ids, batch.lengths) for learner in case.alone])
    joint = case.together.logits(batch.ids, batch.lengths)
    assert np.ptp(each, axis=0).min() > 0
    if loss == "cross_entropy":
        mean = np.exp(log_softmax(each, axis=-1).mean(axis=0))
        expected, found = mean / mean.sum(axis=-1, keepdims=True), softmax(joint, axis=-1)
    else:
        yes, no = (np.exp(log_expit(sign * each).mean(axis=0)) for sign in (1, -1))
        expected, found = yes / (yes + no), expit(joint)
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_step_in_which_a_process_is_lost_changes_no_member(monkeypatch):
    case = Case("torch")
    case.step()
    before = case.together.state()
    *_, last = case.together._members

    def lose(batch, step):
        raise LostProcessError("gone")

    monkeypatch.setattr(last, "compute", lose)
    with pytest.raises(LostProcessError):
        case.together.step(next(case.batches), step=1, learning_rate=0.1, measure_gradient=False)
    after = case.together.state()
    assert "normalization.running_mean" in " ".join(after)
    for name, array in before.items():
        np.testing.assert_array_equal(after[name], array)


def test_hits_of_a_step_are_those_of_the_joint_prediction(engine):
    case = Case(engine, "model.normalization=none", "model.dropout=0", "training.dtype=float64")
    for _ in range(5):
        case.step()
    batch = next(case.batches)
    hits = (case.together.logits(batch.ids, batch.lengths)[:, 0] >= 0) == batch.classes
    result = case.together.step(batch, step=5, learning_rate=0.1, measure_gradient=False)
    assert result.correct == hits.sum()
    assert result.grad_norm is None


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_step_that_is_not_finite_in_one_member_updates_none(engine, value):
    case = Case(engine, "training.dtype=float64", "model.normalization=batch")
    case.step()
    before = dict(case.together.state())
    broken = before | {"head.2.weight": before["head.2.weight"].copy()}
    broken["head.2.weight"][1] = value
    case.together.load_state(broken)
    result, _ = case.step()
    assert not result.finite
    assert result.grad_norm is None
    after = case.together.state()
    for name, array in broken.items():
        np.testing.assert_array_equal(after[name], array, err_msg=name)


def test_differential_has_that_of_each_member_and_changes_nothing(engine):
    case = Case(engine, "training.dtype=float64")
    case.step()
    batch, before = next(case.batches), case.together.state()
    found = case.together.differentiate(batch, step=1)
    each = [learner.differentiate(batch, step=1) for learner in case.alone]
    assert found.loss == pytest.approx(np.mean([one.loss for one in each]), rel=1e-14)
    for member, one in enumerate(each):
        for name, array in (one.outputs | one.gradients).items():
            own = (found.outputs | found.gradients)[name][member]
            np.testing.assert_array_equal(own, array, err_msg=name)
    for name, array in case.together.state().items():
        np.testing.assert_array_equal(array, before[name])


def test_frozen_embeddings_stay(engine):
    case = Case(engine, "model.embedding.frozen=true")
    before = case.together.arrays()["embedding.weight"]
    case.step()
    np.testing.assert_array_equal(case.together.arrays()["embedding.weight"], before)
    assert not any("embedding" in name for name in case.together.state() if "optimizer" in name)
    case.check(lambda learner: learner.state())


def test_first_member_has_the_seed_of_the_run_and_no_two_runs_share_another():
    config = load_config("rnn", SETTINGS).config
    runs = [member_seeds(config.model_copy(update={"seed": seed})) for seed in range(200)]
    assert [seeds[0] for seeds in runs] == list(range(200))
    assert len({seed for seeds in runs for seed in seeds}) == 600


def test_dropout_masks_of_members_differ():
    case = Case("numpy", "model.normalization=none")
    objective = build_objective(case.config, case.preparation)
    assert objective.seed == case.config.seed
    arrays = case.together.arrays()
    same = {name: np.stack([array[0]] * 3) for name, array in arrays.items()}
    case.together.load_arrays(same)
    batch = next(case.batches)
    outputs = case.together.differentiate(batch, step=0).outputs
    assert (outputs["readout"] == outputs["readout"][0]).all()
    masked = outputs["dropout"] == 0
    assert (masked[0] != masked[1]).any()
    assert (masked[1] != masked[2]).any()
