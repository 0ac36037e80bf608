"""The report's rules, each held against what the code does.

Every test runs a small comparison, and looks at what is trained, read, chosen and written. In
those that look at what comes of the numbers, trials are pretended: their scores are given.
"""

import math
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from scipy.stats import permutation_test

from nlptrain.comparison import run as comparison
from nlptrain.comparison.protocol.contestants import enter_optimizers
from nlptrain.comparison.report.rules import protocol_statements
from nlptrain.comparison.run import build_protocol
from nlptrain.comparison.statistics.target import performance_profile
from nlptrain.comparison.trials.trial import Course, prepare_for
from nlptrain.evaluation.metrics import score
from nlptrain.files.storage import read_json
from nlptrain.numpy_nn.classifier import Classifier
from nlptrain.text.encoding import EncodedTexts
from nlptrain.training.encoded_split import compute_logits

BY_HAND = pytest.mark.parametrize("engine", ["numpy"], indirect=True)
MANY = ("comparison.trials=3", "comparison.tuning_seeds=2", "comparison.max_widenings=0")
TUNED = "{type: adamw, learning_rate: 0.01, tune: {weight_decay: [0, 0.5], eps: [1e-8, 1e-3]}}"
HELD = defaultdict(list)
"""By a statement's id, the tests that hold it."""


def holds(statement):
    """Mark a test of a statement."""

    def mark(test):
        HELD[statement].append(test.__name__)
        return test

    return mark


@BY_HAND
@pytest.mark.parametrize(("trials", "optimizers"), [(1, "[{}]"), (3, "[{}]"), (7, f"[{TUNED}]")])
def test_every_statement_has_a_test(make_config, trials, optimizers):
    config = make_config(f"comparison.trials={trials}", f"comparison.optimizers={optimizers}")
    protocol = build_protocol(enter_optimizers(config, one_code=False), config)
    stated = {statement.id for statement in protocol_statements(protocol)}
    tuning = {"tuning-budget", "grid-widened", "tuned-on-validation"}
    unsaid = {1: {*tuning, "settings-drawn"}, 3: {"no-tuning", "settings-drawn"}, 7: {"no-tuning"}}
    assert stated == set(HELD) - unsaid[trials]


@dataclass
class Sight:
    """What the network of one trial was, and what it saw in training."""

    start: dict[str, np.ndarray] | None = None
    batches: list[np.ndarray] = field(default_factory=list)
    masks: list[np.ndarray] = field(default_factory=list)


@dataclass
class Watch:
    """What is seen of a comparison while it runs.

    Attributes:
        groups: The trials of each group, in the order in which they began.
        sights: By trial.
        reads: By group, how often each string was read.
    """

    groups: list = field(default_factory=list)
    sights: dict = field(default_factory=lambda: defaultdict(Sight))
    reads: list = field(default_factory=list)

    @property
    def order(self):
        return [key for group in self.groups for key in group]

    def see(self, arrays, ids, mask):
        for place, key in enumerate(self.groups[-1]):
            sight = self.sights[key]
            if sight.start is None:
                single = len(self.groups[-1]) == 1
                sight.start = {n: (a if single else a[place]).copy() for n, a in arrays.items()}
            sight.batches.append(ids)
            sight.masks.append(mask)

    def by_seed(self):
        seeds = defaultdict(list)
        for key, sight in self.sights.items():
            seeds[key[-1]].append(sight)
        return seeds


@pytest.fixture
def watch(monkeypatch, engine):
    """Watch the networks and the reading of strings."""
    seen = Watch()
    run_group, forward, batch = comparison.run_trials, Classifier.forward_heads, EncodedTexts.batch

    def watch_group(group):
        seen.groups.append([(t.contestant, t.stage, rate(t), t.seed) for t in group])
        seen.reads.append(Counter())
        return run_group(group)

    def watch_forward(self, ids, lengths, *, training, dropout=None, rows=None):
        if training:
            seen.see(self.arrays, ids, dropout)
        return forward(self, ids, lengths, training=training, dropout=dropout, rows=rows)

    def watch_batch(self, indices):
        ids, lengths = batch(self, indices)
        seen.reads[-1].update(rows_of(ids, lengths))
        return ids, lengths

    # So that the trials of a seed stand in several stacks.
    monkeypatch.setattr("nlptrain.comparison.trials.stack.networks_in_training", lambda *_: 2)
    monkeypatch.setattr(comparison, "run_trials", watch_group)
    monkeypatch.setattr(Classifier, "forward_heads", watch_forward)
    monkeypatch.setattr(EncodedTexts, "batch", watch_batch)
    if engine == "torch":
        watch_torch(monkeypatch, seen)
    return seen


def watch_torch(monkeypatch, seen):
    from nlptrain.torch_nn.classifier import Classifier as TorchClassifier

    forward = TorchClassifier.forward_heads

    def watch_forward(self, ids, lengths, *, dropout=None, **options):
        if self.training:
            arrays = {name: value.numpy(force=True) for name, value in self.state_dict().items()}
            seen.see(arrays, ids.numpy(), None if dropout is None else dropout.numpy())
        return forward(self, ids, lengths, dropout=dropout, **options)

    monkeypatch.setattr(TorchClassifier, "forward_heads", watch_forward)


def rate(trial):
    return trial.config.optimizer.learning_rate


def same(first, second):
    return len(first) == len(second) and all(map(np.array_equal, first, second))


def rows_of(ids, lengths):
    return [tuple(row[:length]) for row, length in zip(ids.tolist(), lengths, strict=True)]


@holds("same-start")
def test_trials_of_a_seed_start_alike(make_comparison, watch):
    make_comparison(*MANY)
    seeds = watch.by_seed()
    assert {seed: len(sights) for seed, sights in seeds.items()} == {0: 6, 1: 6, 2: 2, 3: 2}
    for sights in seeds.values():
        for sight in sights:
            assert sight.start.keys() == sights[0].start.keys()
            assert same(sight.start.values(), sights[0].start.values())
    first, second, *_ = (sights[0].start["embedding.weight"] for sights in seeds.values())
    assert not np.array_equal(first, second)


@holds("same-batches")
def test_trials_of_a_seed_see_the_same_batches_and_dropout(make_comparison, watch):
    make_comparison(*MANY, "model.dropout=0.5")
    seeds = watch.by_seed()
    for sights in seeds.values():
        assert len(sights[0].batches) == len(sights[0].masks) == 10
        for sight in sights:
            assert same(sight.batches, sights[0].batches)
            assert same(sight.masks, sights[0].masks)
    first, second, *_ = (sights[0] for sights in seeds.values())
    assert not same(first.batches, second.batches)
    assert not same(first.masks, second.masks)


@holds("same-data")
@holds("test-read-once")
def test_trials_read_the_same_examples_at_every_seed_and_the_test_split_once(
    make_comparison, watch, make_config
):
    splits = prepare_for(make_config()).splits
    train, validation, test = (count_strings(splits[name].texts) for name in splits)
    make_comparison("comparison.max_widenings=0")
    stages = [group[0][1] for group in watch.groups]
    assert stages == sorted(stages, reverse=True)
    assert {key[-1] for key in watch.order} == {0, 1, 2}
    for group, reads in zip(watch.groups, watch.reads, strict=True):
        epochs = multiply(train + validation, 2)
        assert reads == epochs + multiply(test, len(group) * (group[0][1] == "final"))


def count_strings(texts):
    return Counter(
        tuple(texts.ids[start : start + length].tolist())
        for start, length in zip(texts.starts, texts.lengths, strict=True)
    )


def multiply(counts, factor):
    return Counter({key: count * factor for key, count in counts.items() if factor})


@BY_HAND
@holds("tuning-budget")
def test_every_contestant_has_the_tuning_budget_that_is_stated(make_comparison, watch):
    results, folder = make_comparison(*MANY)
    assert read_json(folder / "comparison.json")["rules"]["tuning-budget"] == (
        "Every contestant has the same tuning budget at first: 3 learning rates × 2 seeds, "
        "6 trials; the tuning seeds are 0, 1."
    )
    for contestant in results.protocol.contestants:
        tried = [key[2:] for key in watch.order if key[:2] == (contestant.name, "tuning")]
        assert sorted(tried) == [(each, seed) for each in contestant.grid for seed in (0, 1)]
        assert len(set(contestant.grid)) == 3


@BY_HAND
@holds("settings-drawn")
@holds("tuning-budget")
@pytest.mark.parametrize(("trials", "share"), [(7, "7 of 28"), (28, "all 28")])
def test_settings_are_drawn_as_stated_within_the_same_budget(
    make_comparison, pretend, trials, share
):
    pretend(lambda trial: {"settings": trial.settings})
    optimizers = f"comparison.optimizers=[{{type: sgd}}, {TUNED}]"
    widenings = "comparison.max_widenings=0"
    results, folder = make_comparison(
        optimizers, f"comparison.trials={trials}", widenings, "comparison.tuning_seeds=2"
    )
    rules = read_json(folder / "comparison.json")["rules"]
    assert f"adamw: {share} are tried (7 learning rates × 2 of " in rules["settings-drawn"]
    assert f"{trials} settings × 2 seeds, {2 * trials} trials" in rules["tuning-budget"]
    assert len(results.of("sgd", "tuning")) == 2 * trials
    tuning = results.of("adamw", "tuning")
    tried = Counter((t.learning_rate, str(t.settings), t.seed) for t in tuning)
    assert len(tried) == tried.total() == 2 * trials
    for name in ("weight_decay", "eps"):
        counts = Counter(trial.settings[name] for trial in tuning).values()
        assert len(counts) == 2
        assert max(counts) - min(counts) <= 2
    rates = Counter(trial.learning_rate for trial in tuning)
    assert sorted(rates.values()) == [2 * trials // 7] * 7


@BY_HAND
@holds("tuned-on-validation")
@holds("final-seeds")
def test_setting_is_chosen_as_a_whole_and_trained_in_the_end(make_comparison, pretend):
    def favour(trial):
        near = rate(trial) == 0.0316 and trial.settings["eps"] == 1e-3
        return {"accuracies": (0.9 if near else 0.5,), "settings": trial.settings}

    pretend(favour)
    settings = f"comparison.optimizers=[{TUNED}]", "comparison.trials=28"
    results, folder = make_comparison(*settings)
    final = results.of("adamw", "final")
    # Of two equal ones, that which stands first in the config.
    chosen = {"eps": 1e-3, "weight_decay": 0.0}
    assert [(t.learning_rate, t.settings) for t in final] == [(0.0316, chosen)] * 2
    assert ranking(folder)["adamw"]["settings"] == chosen


@BY_HAND
@holds("grid-widened")
@pytest.mark.parametrize("most", [0, 2])
def test_widening_keeps_the_other_settings_of_the_best(make_comparison, pretend, most):
    def favour(trial):
        good = trial.settings["weight_decay"] == 0.5
        return {"accuracies": (rate(trial) / 99 + good / 999,), "settings": trial.settings}

    pretend(favour)
    optimizers = f"comparison.optimizers=[{TUNED}]", "comparison.trials=7"
    results, _ = make_comparison(*optimizers, f"comparison.max_widenings={most}")
    *first, best = results.protocol.contestants[0].candidates
    tried = [trial.candidate for trial in results.of("adamw", "tuning")]
    wider = [replace(best, learning_rate=each) for each in (1.0, 3.16)[:most]]
    assert sorted(tried, key=str) == sorted([*first, best, *wider], key=str)


@pytest.fixture
def pretend(monkeypatch, make_trial):
    """Give trials their scores: a function of a trial makes the changes to its record."""

    def run(score):
        def run_group(group):
            return [pretend_one(trial, **score(trial)) for trial in group]

        def pretend_one(trial, accuracies=(0.5,), **changes):
            own = {"stage": trial.stage, "learning_rate": rate(trial), **changes}
            return make_trial(trial.contestant, trial.seed, accuracies, **own)

        monkeypatch.setattr(comparison, "run_trials", run_group)

    return run


@BY_HAND
@holds("grid-widened")
@pytest.mark.parametrize("most", [0, 1, 3])
@pytest.mark.parametrize("factor", [1, -1])
def test_grid_is_widened_beyond_each_end_as_often_as_stated(
    make_comparison, pretend, watch, factor, most
):
    # For sgd the best lies at an end however far one goes; for adam always in the middle.
    scores = {"sgd": lambda x: factor * x, "adam": lambda x: -abs(x + 2)}
    pretend(lambda t: {"accuracies": (scores[t.contestant](math.log10(rate(t))) / 99,)})
    results, _ = make_comparison(*MANY, f"comparison.max_widenings={most}")
    tried = {name: sorted(each[2:] for each in keys(results, name)) for name in scores}
    grid = [0.0316, 0.1, 0.316]
    wider = [1.0, 3.16, 10.0] if factor == 1 else [0.01, 0.00316, 0.001]
    assert tried["sgd"] == [(each, s) for each in sorted(grid + wider[:most]) for s in (0, 1)]
    assert tried["adam"] == [(each, s) for each in (0.00316, 0.01, 0.0316) for s in (0, 1)]


def keys(results, name):
    return [(name, "tuning", t.learning_rate, t.seed) for t in results.of(name, "tuning")]


@BY_HAND
@holds("tuned-on-validation")
@pytest.mark.parametrize(
    ("scores", "chosen"),
    [
        # By learning rate, each seed's validation accuracies and losses; None: it diverged.
        ({0.0316: [0.6, 0.6], 0.1: [0.9, 0.9], 0.316: [0.7, 0.7]}, 0.1),
        ({0.0316: [0.6, 0.6], 0.1: [1.0, None], 0.316: [0.7, 0.7]}, 0.316),
        ({0.0316: [0.6, 0.6], 0.1: [0.9, 0.2], 0.316: [0.5, 0.5]}, 0.0316),
    ],
)
def test_rate_is_chosen_by_divergence_then_mean_validation_accuracy(
    make_comparison, pretend, scores, chosen
):
    def mislead(trial):
        accuracy = scores[rate(trial)][trial.seed] if trial.stage == "tuning" else 0.5
        falling = (accuracy or 0.0, 0.0)
        # By the test split, or by the last evaluation, the smallest rate would be the best.
        return {"accuracies": falling, "diverged": accuracy is None, "test_accuracy": -rate(trial)}

    pretend(mislead)
    sgd = "comparison.optimizers=[{type: sgd, learning_rate: 0.1}]"
    results, _ = make_comparison(*MANY, sgd)
    assert results.chosen == {"sgd": chosen}


@BY_HAND
@holds("tuned-on-validation")
def test_lower_validation_loss_breaks_a_tie(make_comparison, pretend):
    losses = {0.0316: 0.5, 0.1: 0.4, 0.316: 0.6}
    pretend(lambda trial: {"validation_losses": (losses[rate(trial)],)})
    sgd = "comparison.optimizers=[{type: sgd, learning_rate: 0.1}]"
    assert make_comparison(*MANY, sgd)[0].chosen == {"sgd": 0.1}


@BY_HAND
@holds("no-tuning")
def test_without_tuning_contestants_train_as_given(make_comparison, watch):
    make_comparison("comparison.trials=1")
    assert {key[:3] for key in watch.order} == {("sgd", "final", 0.1), ("adam", "final", 0.01)}


@BY_HAND
@holds("final-seeds")
def test_report_comes_from_fresh_seeds_at_the_chosen_rate(make_comparison, pretend):
    def differ(trial):
        return {"accuracies": (0.9 + rate(trial) / 99 if trial.stage == "tuning" else 0.6,)}

    pretend(differ)
    results, folder = make_comparison(*MANY)
    protocol = results.protocol
    assert not set(protocol.tuning_seeds) & set(protocol.final_seeds)
    for standing in read_json(folder / "comparison.json")["ranking"]:
        final = results.of(standing["contestant"], "final")
        assert tuple(trial.seed for trial in final) == protocol.final_seeds
        assert {trial.learning_rate for trial in final} == {results.chosen[standing["contestant"]]}
        assert standing["trials"] == 2
        assert standing["test_accuracy"]["value"] == standing["validation_accuracy"]["value"] == 0.6


@holds("test-read-once")
def test_test_score_is_that_of_the_network_of_the_best_validation(
    make_comparison, make_config, monkeypatch
):
    networks = defaultdict(list)
    note = Course.note

    def keep(self, evaluation, seconds, copy_arrays):
        networks[self.trial.contestant, self.trial.stage, self.trial.seed].append(copy_arrays())
        note(self, evaluation, seconds, copy_arrays)

    monkeypatch.setattr(Course, "note", keep)
    settings = "comparison.trials=1", "training.epochs=9", "comparison.seeds=4"
    rates = "[{type: sgd, learning_rate: 3.0}, {type: adam, learning_rate: 0.3}]"
    results, _ = make_comparison(*settings, f"comparison.optimizers={rates}")
    preparation = prepare_for(make_config())
    for trial in results.trials:
        kept = networks[trial.contestant, trial.stage, trial.seed]
        losses = [loss_on_test(preparation, arrays) for arrays in kept]
        assert trial.test_loss == pytest.approx(losses[trial.best], rel=1e-5)
        accuracies, losses = trial.validation_accuracies, trial.validation_losses
        ranks = [(a, -loss) for a, loss in zip(accuracies, losses, strict=True)]
        assert ranks[trial.best] == max(ranks)
    # Neither the last network nor that of the best test score would have passed.
    assert any(trial.best < 8 for trial in results.trials)


@BY_HAND
@holds("test-read-once")
def test_refitted_network_reads_the_test_split_in_place_of_the_best(
    make_comparison, make_config, watch
):
    results, folder = make_comparison("training.refit=true", "comparison.max_widenings=0")
    rule = read_json(folder / "comparison.json")["rules"]["test-read-once"]
    assert "by a network trained anew on the training and validation examples" in rule
    splits = prepare_for(make_config()).splits
    train, validation, test = (count_strings(splits[name].texts) for name in splits)
    for group, reads in zip(watch.groups, watch.reads, strict=True):
        is_final = group[0][1] == "final"
        assert {text: reads[text] for text in test} == dict.fromkeys(test, is_final * len(group))
        # Both splits in two epochs, then each trial alone in as many as its best evaluation had.
        best = [
            trial.best + 1
            for trial in results.trials
            if (trial.contestant, trial.stage, trial.learning_rate, trial.seed) in group
        ]
        once_more = sum(best) if is_final else 0
        for text in train | validation:
            assert reads[text] == 2 + once_more


def loss_on_test(preparation, arrays):
    network = Classifier(preparation.architecture, arrays)
    test = preparation.splits["test"]
    return score(compute_logits(network.logits, test.texts), test.classes, preparation.loss).loss


@BY_HAND
@holds("target-fixed")
def test_target_is_on_disk_before_the_first_trial_and_decides(make_comparison, pretend, tmp_path):
    found = []

    def look(trial):
        found.append(read_json(tmp_path / "comparison" / "protocol.json")["target_accuracy"])
        return {"accuracies": (0.5, 0.75, 0.9) if trial.seed % 2 else (0.5, 0.7499, 0.75)}

    pretend(look)
    _, folder = make_comparison("comparison.target_accuracy=0.75", "comparison.seeds=2")
    assert set(found) == {0.75}
    rules = read_json(folder / "comparison.json")["rules"]
    assert "a validation accuracy of 75 %, was fixed" in rules["target-fixed"]
    # One reached it at step 20, one at step 30.
    assert ranking(folder)["sgd"]["reach"] == {"reached": 2, "trials": 2, "steps": 25.0}


def ranking(folder):
    return {each["contestant"]: each for each in read_json(folder / "comparison.json")["ranking"]}


@BY_HAND
@holds("misses-counted")
def test_miss_is_counted_and_in_no_median_and_infinite_in_the_profile(make_comparison, pretend):
    courses = [(0.9,), (0.1, 0.2, 0.9), (0.1, 0.1, 0.1, 0.1)]
    pretend(lambda trial: {"accuracies": courses[trial.seed % 3]})
    results, folder = make_comparison("comparison.target_accuracy=0.9", "comparison.seeds=3")
    reach = ranking(folder)["sgd"]["reach"]
    assert reach == {"reached": 2, "trials": 3, "steps": 20.0}
    assert performance_profile(results)["sgd"].tolist() == [1.0, 1.0, math.inf]


@BY_HAND
@holds("diverged-counted")
def test_diverged_trial_is_counted_and_misses_and_is_in_no_mean(make_comparison, pretend):
    pretend(
        lambda trial: (
            {"accuracies": (0.9, 0.1), "diverged": True, "test_loss": 1e30}
            if trial.seed % 2 and trial.stage == "final"
            else {"accuracies": (0.8, 0.9)}
        )
    )
    _, folder = make_comparison("comparison.target_accuracy=0.8", "comparison.seeds=4")
    standing = ranking(folder)["sgd"]
    assert (standing["diverged"], standing["trials"]) == (2, 4)
    assert standing["reach"] == {"reached": 2, "trials": 4, "steps": 10.0}
    for mean in ("test_accuracy", "validation_accuracy"):
        assert (standing[mean]["value"], standing[mean]["count"]) == (0.9, 2)
    assert standing["test_loss"]["value"] == pytest.approx(0.1)


@holds("diverged-counted")
def test_loss_that_stops_being_finite_is_a_divergence(make_comparison):
    wild = "comparison.optimizers=[{type: sgd, learning_rate: 1e30}, {type: adam}]"
    settings = "model.encoder.cell=rnn_relu", "comparison.trials=1"
    results, folder = make_comparison(wild, *settings)
    assert [trial.diverged for trial in results.of("sgd", "final")] == [True, True]
    assert [trial.diverged for trial in results.of("adam", "final")] == [False, False]
    standing = ranking(folder)["sgd"]
    assert (standing["diverged"], standing["test_accuracy"]["value"]) == (2, None)


FOUR = (
    "comparison.optimizers=[{type: sgd}, {type: adam}, {type: adam_by_hand, eps: 1.0}, "
    "{type: sgd, momentum: 0.5}]"
)


@BY_HAND
@holds("ranking")
def test_rank_counts_those_that_are_better_and_ties_stand_as_in_the_config(
    make_comparison, pretend
):
    scores = {"sgd": 0.5, "adam": 0.8, "adam_by_hand": 0.8, "sgd (momentum 0.5)": 0.9}

    def place(trial):
        # By the mean, adam_by_hand would come before adam; and by validation all are alike.
        luck = {"adam_by_hand": 0.001, "adam": 0.0}.get(trial.contestant, 0.0) * (trial.seed % 2)
        return {"test_accuracy": scores[trial.contestant] + luck, "accuracies": (0.3,)}

    pretend(place)
    _, folder = make_comparison(FOUR, "comparison.trials=1", "comparison.seeds=10")
    assert [(each["contestant"], each["rank"]) for each in read_ranking(folder)] == [
        ("sgd (momentum 0.5)", 1),
        ("adam", 2),
        ("adam_by_hand", 2),
        ("sgd", 4),
    ]


def read_ranking(folder):
    return read_json(folder / "comparison.json")["ranking"]


@BY_HAND
@holds("ranges")
def test_beside_a_mean_stand_the_lowest_and_the_highest_seed(make_comparison, pretend):
    pretend(lambda trial: {"test_accuracy": 0.5 + trial.seed / 10})
    _, folder = make_comparison("comparison.trials=1", "comparison.seeds=4")
    mean = ranking(folder)["sgd"]["test_accuracy"]
    assert (mean["low"], mean["high"]) == pytest.approx((0.6, 0.9))
    assert mean["value"] == pytest.approx(0.75)


@BY_HAND
@holds("early-scores")
def test_early_scores_are_those_of_the_last_evaluation_until_then(make_comparison, pretend):
    ends = {1: (10, 20, 30, 40), 2: (9, 21, 30)}
    pretend(
        lambda trial: {
            "steps": ends[trial.seed],
            "accuracies": tuple(step / 100 for step in ends[trial.seed]),
        }
    )
    _, folder = make_comparison("comparison.trials=1", "comparison.seeds=2")
    # Of 40 steps at most: 10 and 9 by a quarter, 20 and 9 by the half.
    assert ranking(folder)["sgd"]["early"] == pytest.approx([0.095, 0.145])


@pytest.fixture
def duel(make_comparison, pretend):
    """Compare sgd with adam on final seeds 1, 2, …, given the changes to each trial's record."""
    played = []

    def run(*settings, **courses):
        pretend(lambda trial: courses[trial.contestant][trial.seed - 1])
        seeds = f"comparison.seeds={len(courses['sgd'])}"
        output = f"{len(played)}"
        _, folder = make_comparison("comparison.trials=1", seeds, *settings, output=output)
        played.append(folder)
        numbers = read_json(folder / "comparison.json")
        return numbers["differences"][0], numbers["rules"]

    return run


def scored(*accuracies):
    return [{"test_accuracy": accuracy} for accuracy in accuracies]


SOLVED = {"test_accuracy": 0.996}


@BY_HAND
@holds("compared-by")
@pytest.mark.parametrize(
    ("worst", "measure"),
    [
        ({"accuracies": (0.5, 1.0), **SOLVED}, "steps"),
        ({"accuracies": (0.5, 1.0), "test_accuracy": 0.994}, "accuracy"),
        ({"accuracies": (0.5, 0.94), **SOLVED}, "accuracy"),
    ],
)
def test_two_are_compared_by_steps_where_every_trial_of_both_solves_the_task(duel, worst, measure):
    solving = {"accuracies": (1.0,), **SOLVED}
    difference, _ = duel(sgd=[solving] * 5 + [worst], adam=[solving] * 6)
    assert difference["measure"] == measure


@BY_HAND
@holds("compared-by")
@pytest.mark.parametrize("rank_by", ["accuracy", "steps", "loss"])
def test_two_are_compared_by_what_the_config_asks_for(duel, rank_by):
    courses = [{"accuracies": (0.5, 1.0), **SOLVED}] * 6
    difference, _ = duel(f"comparison.rank_by={rank_by}", sgd=courses, adam=courses)
    assert difference["measure"] == rank_by


@BY_HAND
@holds("failures-count")
@pytest.mark.parametrize(
    ("rank_by", "expected"),
    # By hand: 5 equal seeds, and one at which sgd failed.
    [("accuracy", -0.9 / 6), ("steps", (2 * 30 / 20) ** (1 / 6)), ("loss", (2 * 0.7 - 0.2) / 6)],
)
def test_failed_trial_counts_as_worse_than_any_other(duel, rank_by, expected):
    fine = {"accuracies": (0.5, 0.96), "test_accuracy": 0.9, "test_loss": 0.2}
    long = {"accuracies": (0.5, 0.96, 0.5), "test_accuracy": 0.9, "test_loss": 0.7}
    lost = {"accuracies": (0.99,), "diverged": True, "test_loss": 9.0}
    difference, _ = duel(
        f"comparison.rank_by={rank_by}", sgd=[fine, fine, fine, fine, long, lost],
        adam=[fine, fine, fine, fine, long, fine],
    )  # fmt: skip
    assert difference["mean"]["value"] == pytest.approx(expected)
    assert difference["mean"]["count"] == 6


@BY_HAND
@holds("differences-paired")
def test_p_value_and_interval_are_those_of_all_sign_flips_of_the_paired_differences(duel):
    generator = np.random.default_rng(5)
    luck, more = generator.normal(0.7, 0.1, 8), generator.normal(0.02, 0.02, 8)
    difference, rules = duel(sgd=scored(*luck), adam=scored(*(luck + more)))
    assert "sign flips of these differences, all 256 of them" in rules["differences-paired"]
    # Unpaired, the spread over seeds would hide it.
    assert difference["p_value"] == pytest.approx(p_value(more))
    assert difference["p_value"] < 0.1
    assert difference["mean"]["value"] == pytest.approx(-more.mean())
    low, high = difference["mean"]["low"], difference["mean"]["high"]
    for inside, outside in ((low + 1e-6, low - 1e-6), (high - 1e-6, high + 1e-6)):
        assert p_value(more + inside) > 0.05 >= p_value(more + outside)


def p_value(differences):
    return permutation_test(
        (differences,), np.mean, permutation_type="samples", n_resamples=np.inf, vectorized=True
    ).pvalue


@BY_HAND
@holds("differences-paired")
def test_steps_are_compared_by_the_mean_logarithm_of_their_ratio(duel):
    def solving(counts):
        return [{"accuracies": (0.5,) * (n - 1) + (1.0,), **SOLVED} for n in counts]

    difference, _ = duel(sgd=solving([2, 4, 8, 2, 4, 8]), adam=solving([1, 1, 1, 1, 1, 1]))
    assert (difference["first"], difference["measure"]) == ("adam", "steps")
    assert difference["mean"]["value"] == pytest.approx(1 / 4)


@BY_HAND
@holds("family")
def test_better_takes_an_adjusted_p_value_over_all_pairs(make_comparison, pretend):
    scores = {1e-3: 0.5, 1e-9: 0.8}

    def place(trial):
        return {"test_accuracy": scores.get(trial.config.optimizer.eps, 0.6) + trial.seed / 100}

    pretend(place)
    seven = ", ".join(f"{{type: adam, eps: 1e-{place}}}" for place in range(3, 10))
    for seeds, verdict in ((9, "too few"), (10, "better")):
        settings = "comparison.trials=1", f"comparison.seeds={seeds}"
        optimizers = f"comparison.optimizers=[{seven}]"
        _, folder = make_comparison(optimizers, *settings, output=f"{seeds}")
        numbers = read_json(folder / "comparison.json")
        names = [contestant["name"] for contestant in numbers["protocol"]["contestants"]]
        ends = {names[0], names[-1]}
        pair = next(e for e in numbers["differences"] if {e["first"], e["second"]} == ends)
        assert (pair["verdict"], pair["p_value"]) == (verdict, 2 / 2**seeds)
        assert pair["adjusted_p_value"] == pytest.approx(21 * pair["p_value"])
        assert pair["confidence"] >= 0.95
        few = "; with 9 here, none is" * (seeds == 9)
        assert numbers["rules"]["family"].endswith(f"takes 10 seeds or more{few}.")


@BY_HAND
@holds("negligible")
def test_difference_within_what_is_negligible_is_practically_equal(duel):
    def played(more, *settings):
        difference, _ = duel(*settings, sgd=scored(*[0.7] * 6), adam=scored(*[0.7 + more] * 6))
        return difference["adjusted_p_value"] <= 0.05, difference["verdict"]

    assert played(0.004) == (True, "equal")
    assert played(0.006) == (True, "better")
    assert played(0.006, "comparison.negligible.accuracy=0.01") == (True, "equal")
