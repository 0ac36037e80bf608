"""A run goes on only as the run that it was; what is in the way is named with both values."""

import shlex

import pytest

from nlptrain.config.problems import join_choices
from nlptrain.errors import ConfigError, DataError, RunFolderError
from nlptrain.files.array_file import load_arrays, save_arrays
from nlptrain.files.storage import read_json, write_json
from nlptrain.inference.evaluation import evaluate_split
from nlptrain.text.reading import Reading
from nlptrain.training.resume import resume
from nlptrain.training.run import start
from nlptrain.training.schedule import list_independent_of_length

# What is compared is no matter of the engine.
pytestmark = pytest.mark.parametrize("engine", ["numpy"], indirect=True)


@pytest.fixture
def interrupted(train, signal_at):
    """Make a run of 10 steps, of which 7 are made; the first five end with an evaluation."""
    return train(audience=signal_at(8)).folder


def read_all(folder):
    return {path.name: path.read_bytes() for path in folder.path.iterdir()}


def refusal(folder, *overrides):
    """Ask for what is refused, and give the reasons."""
    before = read_all(folder)
    with pytest.raises(RunFolderError) as caught:
        resume(folder, overrides=overrides)
    assert read_all(folder) == before
    first, *reasons, last = str(caught.value).split("\n")
    assert first == f"{folder.path}: this would not be the same run:"
    assert last.startswith("undo these changes to resume, or train again: nlptrain train ")
    return [reason.removeprefix("  ") for reason in reasons]


REFUSED = {
    "seed=1": "seed: 0 in the run, 1 wanted",
    "device=auto": "device: 'cpu' in the run, 'auto' wanted",
    "data.sizes.train=41": "data.sizes.train: 40 in the run, 41 wanted",
    "data.task.type=sorted": "data.task.type: 'contains_any' in the run, 'sorted' wanted",
    "text.min_count=2": "text.min_count: 1 in the run, 2 wanted",
    "model.dropout=0.5": "model.dropout: 0.0 in the run, 0.5 wanted",
    "model.encoder.type=cnn": "model.encoder.type: 'rnn' in the run, 'cnn' wanted",
    "optimizer.learning_rate=0.1": "optimizer.learning_rate: 0.001 in the run, 0.1 wanted",
    "optimizer.amsgrad=true": "optimizer.amsgrad: false in the run, true wanted",
    "training.batch_size=9": "training.batch_size: 8 in the run, 9 wanted",
    "training.best_by=loss": "training.best_by: 'accuracy' in the run, 'loss' wanted",
    "training.threads=2": "training.threads: null in the run, 2 wanted",
    "training.threshold=0.4": "training.threshold: 0.5 in the run, 0.4 wanted",
    "training.evaluate_every_steps=2": ("training.evaluate_every_steps: null in the run, 2 wanted"),
    "training.patience=9": "training.patience: null in the run, 9 requested; it may only grow",
    "training.epochs=1": "training.epochs: ends after step 5, but the run has already made 7",
    "training.steps=6": "training.steps: ends after step 6, but the run has already made 7",
    "training.schedule.type=cosine": (
        "training.schedule.type: 'constant' in the run, 'cosine' wanted"
    ),
}


@pytest.mark.parametrize("override", REFUSED)
def test_setting_of_another_run_is_refused_and_nothing_changes(interrupted, override):
    assert refusal(interrupted, override) == [REFUSED[override]]


def test_every_reason_is_listed_at_once(interrupted):
    overrides = ("training.epochs=1", "seed=1", "training.patience=9", "model.dropout=0.5")
    expected = [REFUSED[each] for each in overrides]
    assert sorted(refusal(interrupted, *overrides)) == sorted(expected)


def test_edited_config_is_held_against_what_the_run_began_with(interrupted):
    text = interrupted.config_path.read_text()
    interrupted.config_path.write_text(text.replace("hidden_size: 5", "hidden_size: 6"))
    assert refusal(interrupted) == ["model.encoder.hidden_size: 5 in the run, 6 wanted"]
    assert resume(interrupted, overrides=["model.encoder.hidden_size=5"]).scores is not None


@pytest.mark.parametrize("schedule", ["linear", "cosine"])
def test_schedule_that_depends_on_the_length_is_the_reason(train, schedule):
    run = train(f"training.schedule.type={schedule}").folder
    (reason,) = refusal(run, "training.epochs=4")
    rates = {"linear": ("0.0001", "0.00055"), "cosine": ("2.44717e-05", "0.000578217")}[schedule]
    assert reason == (
        f"training.epochs: training.schedule {schedule} depends on it: the learning rate of step "
        f"10 was {rates[0]} of 10 steps, and would be {rates[1]} of 20; "
        f"{join_choices(list_independent_of_length(), 'and')} do not depend on it"
    )


def test_advice_to_train_anew_can_be_pasted(train, make_config, tmp_path):
    run = train("training.schedule.type=cosine").folder
    moved = run.path.rename(tmp_path / "my runs' best")
    folder = type(run)(moved)
    with pytest.raises(RunFolderError) as caught:
        resume(folder, overrides=["training.epochs=4", "data.task.alphabet=abc d"])
    _, _, command = str(caught.value).partition("train again: ")
    assert shlex.split(command) == [
        *("nlptrain", "train", str(folder.config_path)),
        *("--set", "training.epochs=4", "--set", "data.task.alphabet=abc d"),
    ]


@pytest.mark.parametrize(
    "override",
    [
        "logging.every_steps=1",
        "logging.histograms=true",
        "training.checkpoint_every_steps=1",
        "training.checkpoint_every_seconds=5",
        "training.patience=null",
    ],
)
def test_setting_that_no_parameter_depends_on_may_change(train, interrupted, override):
    resume(interrupted, overrides=[override])
    whole = train().folder
    for name in ("model.safetensors", "report.json"):
        assert (interrupted.path / name).read_bytes() == (whole.path / name).read_bytes()


def test_patience_may_be_taken_up_while_nothing_was_evaluated(train, signal_at):
    run = train(audience=signal_at(3)).folder
    assert resume(run, overrides=["training.patience=1"]).scores is not None


def test_wrong_setting_is_a_mistake_in_the_config(interrupted):
    with pytest.raises(ConfigError, match="did you mean 'epochs'"):
        resume(interrupted, overrides=["training.epoch=3"])


def test_run_of_strings_that_count_as_one_now_says_so(train, signal_at, monkeypatch):
    with monkeypatch.context() as before:
        before.setattr(Reading, "of", lambda text: Reading())
        run = train("text.max_length=2", audience=signal_at(8)).folder
    fingerprint, reason = refusal(run)
    assert "different examples, SHA-256" in fingerprint
    assert reason == (
        "the data is the same, but strings that differ only after 2 characters (text.max_length) "
        "count as one now; when the run began they stood in several splits, which are not drawn "
        "again"
    )
    with pytest.raises(DataError, match=r"the data is the same, but .*: --file FILE"):
        evaluate_split(str(run.path), run.path.parent, "test")


def test_run_whose_strings_all_read_differently_goes_on(train, signal_at, monkeypatch):
    with monkeypatch.context() as before:
        before.setattr(Reading, "of", lambda text: Reading())
        run = train("text.max_length=11", audience=signal_at(8)).folder
    assert resume(run).scores is not None


# A file of the user's own.


@pytest.fixture
def table(tmp_path):
    """Write 40 strings, half of them of each label."""
    path = tmp_path / "my strings.csv"
    rows = [f"{'ab'[number % 2]}{number:x},{['no', 'yes'][number % 2]}" for number in range(40)]
    path.write_text("\n".join(["text,label", *rows, ""]))
    return path


@pytest.fixture
def from_table(table, engine, tmp_path, signal_at):
    """Train on them, and be interrupted after an evaluation."""
    from nlptrain.config.load import load_config

    overrides = (
        f"data.file={{path: '{table}', text: text, label: label}}",
        "device=cpu",
        f"engine={engine}",
        "model.encoder.type=pooling",
        "training.batch_size=8",
        "text.min_count=1",
        "logging.tensorboard=false",
    )
    config = load_config("own_file", overrides).config
    return start(config, runs_dir=tmp_path / "runs", command="", audience=signal_at(8)).folder


def test_changed_file_is_named_with_what_changed(from_table, table):
    table.write_text(table.read_text().replace("yes", "oui") + "αβ,non\nαγ,non\nαδ,non\n")
    first, *others = refusal(from_table)
    assert first.startswith(f"data.file.path {table}: different examples, SHA-256 ")
    assert from_table.read_record().data_fingerprint[:12] in first
    assert others[0] == "train split: 32 strings in the run, 35 now"
    assert others[1:3] == ["labels: gone: 'yes'", "labels: new: 'non', 'oui'"]
    assert others[3].startswith("vocabulary: new: 'α'")


def test_changed_file_is_named_beside_changed_settings(from_table, table):
    table.write_text(table.read_text().replace("a0,no", "a0,yes"))
    reasons = refusal(from_table, "model.dropout=0.1", "seed=1")
    assert reasons[0] == "seed: 0 in the run, 1 wanted"
    assert reasons[1] == "model.dropout: 0.5 in the run, 0.1 wanted"
    assert "different examples" in reasons[2]


def test_file_that_moved_goes_on_from_its_new_place(from_table, table):
    table.rename(table.with_name("moved.csv"))
    with pytest.raises(DataError) as caught:
        resume(from_table)
    assert str(caught.value).endswith(
        f"; if it has moved: nlptrain resume {from_table.path} --set data.file.path=FILE"
    )
    place = table.with_name("moved.csv")
    assert resume(from_table, overrides=[f"data.file.path={place}"]).scores is not None
    (extension,) = from_table.read_record().extensions
    assert extension["changes"]["data.file.path"] == {"from": str(table), "to": str(place)}


def test_bytes_that_change_no_example_are_no_change(from_table, table):
    table.write_text(table.read_text() + "\n\n")
    assert resume(from_table).scores is not None


def test_missing_file_is_not_the_reason_where_a_setting_is(from_table, table):
    table.unlink()
    assert refusal(from_table, "model.dropout=0.1") == ["model.dropout: 0.5 in the run, 0.1 wanted"]


# Pre-trained vectors.


@pytest.fixture
def vectors(tmp_path):
    path = tmp_path / "vectors.txt"
    path.write_text("a 1 2 3 4\nb 5 6 7 8\n")
    return path


def test_vectors_are_not_needed_once_there_is_a_checkpoint(train, vectors, signal_at):
    overrides = (f"model.embedding.vectors={vectors}", "model.embedding.frozen=true")
    whole = train(*overrides).folder
    run = train(*overrides, audience=signal_at(3)).folder
    vectors.unlink()
    resume(run)
    assert run.model_path.read_bytes() == whole.model_path.read_bytes()


def test_vectors_are_needed_until_a_refit_begins(train, vectors, signal_at):
    overrides = (f"model.embedding.vectors={vectors}", "training.refit=true")
    run = train(*overrides, audience=signal_at(5)).folder
    assert run.checkpoint_path.is_file()
    vectors.write_text("a 1 2 3 4\nb 5 6 7 9\n")
    with pytest.raises(RunFolderError, match="different content"):
        resume(run)


def test_other_vectors_are_refused_where_the_run_starts_over(train, vectors, signal_at):
    run = train(f"model.embedding.vectors={vectors}", audience=signal_at(3)).folder
    run.checkpoint_path.unlink()
    vectors.write_text("a 1 2 3 4\nb 5 6 7 9\n")
    (reason,) = refusal(run)
    assert reason.startswith(f"model.embedding.vectors {vectors}: different content, SHA-256 ")


def test_run_without_vectors_gets_none(interrupted, vectors):
    (reason,) = refusal(interrupted, f"model.embedding.vectors={vectors}")
    assert reason == f"model.embedding.vectors: null in the run, '{vectors}' wanted"


# Damage.


def test_checkpoint_of_another_network_is_refused(train, interrupted, signal_at):
    other = train("model.encoder.hidden_size=6", audience=signal_at(8)).folder
    interrupted.checkpoint_path.write_bytes(other.checkpoint_path.read_bytes())
    assert refusal(interrupted) == ["network.encoder.hidden_size: 6 in the run, 5 wanted"]


def test_checkpoint_of_another_optimizer_is_refused(interrupted):
    arrays, metadata = load_arrays(interrupted.checkpoint_path)
    metadata["optimizer"]["amsgrad"] = True
    save_arrays(interrupted.checkpoint_path, arrays, metadata)
    assert refusal(interrupted) == ["optimizer.amsgrad: true in the run, false wanted"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"config": {"seed": "x"}}, r"run\.json: damaged: its config has no valid seed"),
        ({"config": []}, r"run\.json: damaged: config is "),
        ({"extensions": {}}, r"run\.json: damaged: extensions is "),
        ({"examples": 3}, r"run\.json: damaged: examples is 3"),
    ],
)
def test_damaged_record_is_one_message(interrupted, change, message):
    path = interrupted.record_path
    write_json(path, read_json(path) | change)
    with pytest.raises(RunFolderError, match=message):
        resume(interrupted)
