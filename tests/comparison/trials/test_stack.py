"""A stack's records are those of each trial alone: the same numbers, not only close ones.

Whoever goes on with an interrupted comparison stacks other trials together than the first time.
"""

from dataclasses import replace
from itertools import count

import numpy as np
import pytest

from nlptrain.comparison.trials import trial as trial_module
from nlptrain.comparison.trials.stack import group_trials, stack_key
from nlptrain.comparison.trials.trial import Trial, run_trials
from nlptrain.config.load import load_config
from nlptrain.config.optimizer import (
    AdagradSection,
    AdamSection,
    AdamWSection,
    AsgdSection,
    NAdamSection,
    RmspropSection,
    RpropSection,
    SgdSection,
)
from nlptrain.config.optimizer_by_hand import (
    LionSection,
    MuonSection,
    ScheduleFreeAdamWSection,
    ScheduleFreeSgdSection,
)

SMALL = (
    "engine=numpy",
    "data.sizes.train=60",
    "data.sizes.validation=30",
    "data.sizes.test=30",
    "text.min_count=1",
    "model.embedding.dim=4",
    "model.encoder.hidden_size=5",
    "training.batch_size=16",
    "training.epochs=3",
)
ENCODERS = {
    "pooling": ("model.encoder={type: pooling}",),
    "rnn": (),
    "relu": ("model.encoder.cell=rnn_relu",),
    "lstm": ("model.encoder.cell=lstm",),
    "gru": ("model.encoder.cell=gru",),
    "deep": ("model.encoder.bidirectional=true", "model.encoder.num_layers=2"),
    "cnn": ("model.encoder={type: cnn, channels: 5, kernel_sizes: [2, 3]}",),
}
OPTIMIZERS = (
    SgdSection(learning_rate=0.1),
    SgdSection(learning_rate=0.5),
    SgdSection(learning_rate=0.1, momentum=0.9),
    SgdSection(learning_rate=0.03, momentum=0.9),
    SgdSection(learning_rate=0.1, momentum=0.9, nesterov=True, weight_decay=0.01),
    AdamSection(learning_rate=0.03),
    AdamSection(learning_rate=0.001),
    AdamSection(type="adam_by_hand", learning_rate=0.01, amsgrad=True, weight_decay=0.1),
    AdamWSection(learning_rate=0.01),
    RmspropSection(learning_rate=0.003, momentum=0.5, centered=True),
    AdagradSection(learning_rate=0.05),
    NAdamSection(learning_rate=0.01),
    NAdamSection(learning_rate=0.002),
    RpropSection(learning_rate=0.01),
    RpropSection(learning_rate=0.001),
    AsgdSection(learning_rate=0.1, t0=4.0, lambd=0.1),
    AsgdSection(learning_rate=0.5, t0=4.0, lambd=0.1),
    MuonSection(learning_rate=0.02),
    MuonSection(learning_rate=0.005),
    LionSection(learning_rate=0.001, weight_decay=0.1),
    ScheduleFreeAdamWSection(learning_rate=0.02, warmup_steps=3),
    ScheduleFreeAdamWSection(learning_rate=0.005, warmup_steps=3),
    ScheduleFreeSgdSection(learning_rate=0.5),
)
SETTINGS = {
    "other lengths": ("data.evaluate_lengths=[[20, 24], [30, 30]]",),
    "dropout": ("model.dropout=0.5",),
    "batch norm": ("model.normalization=batch", "model.activation=relu", "model.readout=mean"),
    "instance norm": ("model.normalization=instance", "model.readout=max"),
    "layer norm": ("model.normalization=layer", "model.head.hidden_sizes=[3]"),
    "clipping": ("training.max_grad_norm=0.05",),
    "schedule": ("training.schedule={type: cosine, warmup_steps: 3}",),
    "class weights": ("training.class_weights=balanced", "model.loss=cross_entropy"),
    "smoothing": ("training.label_smoothing=0.2", "model.loss=cross_entropy"),
    "mse": ("model.loss=mse", "training.best_by=macro_f1"),
    "frozen": ("model.embedding.frozen=true",),
    "steps": ("training.steps=7", "training.evaluate_every_steps=3", "training.best_by=loss"),
}


def make_trials(*overrides, optimizers=OPTIMIZERS, stage="final", seed=3):
    config = load_config("rnn", [*SMALL, *overrides]).config
    configs = [config.model_copy(update={"optimizer": optimizer}) for optimizer in optimizers]
    return [Trial(f"trial {number}", stage, each, seed) for number, each in enumerate(configs)]


def untimed(records):
    return [replace(record, seconds=()) for record in records]


def check(trials):
    """Hold a stack's records against those of each trial alone."""
    records = untimed(run_trials(trials))
    assert records == untimed(run_trials([trial])[0] for trial in trials)
    return records


@pytest.mark.crossed
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("encoder", ENCODERS)
def test_records_equal_those_of_each_trial_alone(encoder, dtype):
    records = check(make_trials(f"training.dtype={dtype}", *ENCODERS[encoder]))
    assert len({record.validation_losses for record in records}) == len(OPTIMIZERS)
    assert all(len(record.steps) == 3 and record.test_loss for record in records)


@pytest.mark.long
@pytest.mark.parametrize("settings", SETTINGS)
@pytest.mark.parametrize("encoder", ["gru", "cnn"])
def test_records_equal_under_every_setting_of_training(encoder, settings):
    check(make_trials(*ENCODERS[encoder], *SETTINGS[settings]))


def test_trials_out_of_patience_leave_the_others_training():
    records = check(make_trials("training.patience=2", "training.evaluate_every_steps=1"))
    lengths = sorted(len(record.steps) for record in records)
    assert 3 <= lengths[0] < lengths[-1]


@pytest.mark.crossed
@pytest.mark.parametrize("encoder", ["pooling", "relu", "lstm", "cnn"])
@pytest.mark.parametrize("rate", [1e5, 1e20, 1e38])
def test_diverging_trials_in_the_middle_disturb_no_other(encoder, rate):
    wild = (SgdSection(learning_rate=rate, momentum=0.9), AdamSection(learning_rate=rate))
    optimizers = (*OPTIMIZERS[:3], *wild, *OPTIMIZERS[3:])
    settings = ("model.loss=cross_entropy", "training.evaluate_every_steps=1")
    records = check(make_trials(*ENCODERS[encoder], *settings, optimizers=optimizers))
    assert not any(record.diverged for record in (*records[:3], *records[5:]))


def test_diverged_trial_is_told_and_leaves_no_evaluation_behind():
    optimizers = (OPTIMIZERS[0], SgdSection(learning_rate=1e30), OPTIMIZERS[1])
    trials = make_trials(*ENCODERS["relu"], optimizers=optimizers)
    steady, diverged, other = check(trials)
    assert (steady.diverged, diverged.diverged, other.diverged) == (False, True, False)
    assert diverged.steps == ()
    assert diverged.best is diverged.test_loss is None


def test_stack_of_which_all_diverge_ends():
    optimizers = (SgdSection(learning_rate=1e30), SgdSection(learning_rate=1e35))
    records = check(make_trials(*ENCODERS["relu"], optimizers=optimizers))
    assert all(record.diverged for record in records)


def test_trials_that_may_skip_a_step_are_trained_alone():
    trials = make_trials("training.on_nonfinite=skip")
    assert [len(stack) for stack in group_trials(trials)] == [1] * len(trials)


def test_unknown_characters_of_validation_are_settled(tmp_path):
    paths = {name: tmp_path / f"{name}.csv" for name in ("path", "validation_path", "test_path")}
    texts = ["ab", "b", "bab", "bb", "abb", "bbb"], ["zab", "zz"], ["az", "zzb"]
    for path, rows in zip(paths.values(), texts, strict=True):
        path.write_text("\n".join(["text,label", *(f"{row},{int('a' in row)}" for row in rows)]))
    files = [f"data.file.{name}={path}" for name, path in paths.items()]
    kept = [setting for setting in SMALL if "data" not in setting]
    config = load_config("rnn", [*kept, "data={}", "data.file.min_examples=1", *files]).config
    configs = [config.model_copy(update={"optimizer": each}) for each in OPTIMIZERS]
    check([Trial("one", "final", each, 0) for each in configs])


def test_tuning_reads_no_test_split():
    trials = make_trials(stage="tuning")
    assert all(record.test_accuracy is None for record in check(trials))


def test_time_is_shared_among_those_that_took_it(monkeypatch):
    monkeypatch.setattr(trial_module.time, "perf_counter", count().__next__)
    optimizers = (OPTIMIZERS[0], SgdSection(learning_rate=1e30), OPTIMIZERS[1])
    trials = make_trials(*ENCODERS["relu"], optimizers=optimizers)
    steady, diverged, other = run_trials(trials)
    # One second passed with all three until the divergence, then one with two each epoch.
    np.testing.assert_allclose(steady.seconds, [1 / 3 + 1 / 2, 1 / 3 + 1, 1 / 3 + 3 / 2])
    assert other.seconds == steady.seconds
    assert diverged.seconds == ()


def test_trials_of_several_schedules_share_a_stack_and_have_their_own_rates():
    kinds = ("constant", "cosine, warmup_steps: 3", "linear", "warmup, warmup_steps: 5")
    trials = [
        trial
        for kind in kinds
        for trial in make_trials(
            f"training.schedule={{type: {kind}}}", optimizers=OPTIMIZERS[:2] + OPTIMIZERS[5:6]
        )
    ]
    assert group_trials(trials) == [trials]
    records = check(trials)
    assert len({record.validation_losses for record in records}) == len(trials)


def test_trials_that_differ_in_more_than_the_optimizer_share_no_stack():
    trials = [
        *make_trials(),
        *make_trials(seed=4),
        *make_trials("training.batch_size=8"),
        *make_trials("model.dropout=0.1"),
        *make_trials("seed=1"),
    ]
    size = len(OPTIMIZERS)
    assert group_trials(trials) == [trials[k * size : (k + 1) * size] for k in range(5)]


def test_trials_with_torch_stay_alone():
    trials = make_trials("engine=torch")
    assert stack_key(trials[0]) is None
    assert group_trials(trials) == [[trial] for trial in trials]


def test_trials_of_several_members_stay_alone():
    trials = make_trials("training.members=2", optimizers=OPTIMIZERS[:2])
    assert group_trials(trials) == [[trial] for trial in trials]


@pytest.mark.parametrize(
    ("most", "sizes"), [(3, [2, 3, 3]), (4, [4, 4]), (7, [4, 4]), (1, [1] * 8)]
)
def test_stacks_are_cut_to_like_sizes(most, sizes):
    trials = make_trials(optimizers=OPTIMIZERS[:8])
    stacks = group_trials(trials, most)
    assert [len(stack) for stack in stacks] == sizes
    assert [trial for stack in stacks for trial in stack] == trials


def test_networks_too_large_to_gain_stay_alone():
    trials = make_trials("model.encoder.hidden_size=2000", "training.batch_size=60")
    assert group_trials(trials) == [[trial] for trial in trials]
