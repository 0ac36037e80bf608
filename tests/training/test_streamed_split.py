"""Batches of training strings that are read anew in each epoch, and runs that are resumed."""

from collections import Counter

import numpy as np
import pytest

from nlptrain.config.load import load_config
from nlptrain.errors import NonFiniteStepError
from nlptrain.files.array_file import load_arrays
from nlptrain.files.storage import read_json
from nlptrain.runs.folder import RunFolder
from nlptrain.training.dry_run import dry_run
from nlptrain.training.nonfinite import replay
from nlptrain.training.preparation import prepare
from nlptrain.training.resume import resume
from nlptrain.training.run import start

ROWS = [(f"{number:04}", "xy"[number % 3 == 0]) for number in range(600)]
SMALL = (
    "data.sizes=null",
    "data.stream_held_out=40",
    "text.min_count=1",
    "model.encoder.hidden_size=4",
    "model.dropout=0.3",
    "training.batch_size=32",
    "logging.tensorboard=false",
    "training.checkpoint_every_steps=1",
)


@pytest.fixture
def make(tmp_path):
    """Load a config that streams from seven shards, of which one has no row."""
    folder = tmp_path / "shards"
    folder.mkdir()
    for number in range(7):
        rows = [] if number == 3 else ROWS[number::7]
        lines = ["text,label", *(",".join(row) for row in rows)]
        (folder / f"{number}.csv").write_text("".join(f"{line}\n" for line in lines))

    def load(*overrides, window=100):
        data = f"data={{file: {{path: {folder}}}, stream: true, stream_window: {window}}}"
        return load_config("rnn", [data, *SMALL, *overrides]).config

    return load


def read_epoch(config, epoch):
    """Give the strings of each batch of an epoch, with their classes."""
    preparation = prepare(config)
    vocabulary = preparation.text.vocabulary
    split = preparation.train_split(epoch)
    batches = split.batches(config.training.batch_size, config.seed, epoch)
    return preparation, [
        [
            (vocabulary.decode(ids), preparation.dataset.labels[index])
            for ids, index in zip(batch.ids, batch.classes.tolist(), strict=True)
        ]
        for batch in batches
    ]


@pytest.mark.parametrize("window", [1, 20, 100, 1000])
def test_epoch_has_each_training_string_once_in_full_batches(make, window):
    preparation, batches = read_epoch(make(window=window), 0)
    dataset = preparation.dataset
    kept = {*dataset.validation.texts, *dataset.test.texts}
    shards = [row for number in range(7) if number != 3 for row in ROWS[number::7]]
    expected = [row for row in shards if row[0] not in kept]
    assert Counter(pair for batch in batches for pair in batch) == Counter(expected)
    assert len(batches) == -(-len(expected) // 32)
    assert sorted(map(len, batches))[1:] == [32] * (len(batches) - 1)
    assert len(preparation.splits["train"]) == len(expected)


def test_order_is_a_function_of_seed_and_epoch_and_is_shuffled(make):
    orders = [
        read_epoch(make(f"seed={seed}"), epoch)[1] for seed, epoch in [(0, 1), (0, 1), (0, 2)]
    ]
    assert orders[0] == orders[1]
    assert orders[0] != orders[2]
    # A shard has every seventh number: neighbours in a batch would be seven apart.
    numbers = [int(text) for batch in orders[0] for text, _ in batch]
    assert np.mean(np.diff(numbers) == 7) < 0.1


def test_batches_mix_the_shards_of_a_window(make):
    _, batches = read_epoch(make(window=1000), 0)
    assert min(len({int(text) % 7 for text, _ in batch}) for batch in batches[:-1]) >= 4


def test_class_weights_are_those_of_all_training_strings(make):
    preparation, batches = read_epoch(make("training.class_weights=balanced"), 0)
    counts = Counter(label for batch in batches for _, label in batch)
    sizes = preparation.splits["train"].class_sizes(2)
    assert sizes.tolist() == [counts["x"], counts["y"]]


FILES = ("model.safetensors", "metrics.jsonl", "report.json")


def read_files(folder):
    found = {name: (folder.path / name).read_bytes() for name in FILES}
    arrays, _ = load_arrays(folder.checkpoint_path)
    return found | {name: array.tobytes() for name, array in arrays.items()}


@pytest.mark.parametrize("record", [3, 20, 26])
def test_resumed_run_ends_with_the_same_bytes(make, tmp_path, signal_at, record):
    config = make("training.steps=33")
    whole = start(config, runs_dir=tmp_path / "whole", command="").folder
    audience = signal_at(record)
    outcome = start(config, runs_dir=tmp_path / "short", command="", audience=audience)
    assert outcome.interrupted_by
    resume(outcome.folder)
    assert read_files(outcome.folder) == read_files(whole)


def test_step_that_is_not_finite_is_written_down_and_replayed(make, tmp_path):
    config = make("optimizer={type: sgd, learning_rate: 1.0e+30}", "model.encoder.cell=rnn_relu")
    with pytest.raises(NonFiniteStepError):
        start(config, runs_dir=tmp_path / "runs", command="")
    folder = RunFolder(next((tmp_path / "runs").iterdir()))
    written = read_json(folder.nonfinite_path)
    _, batches = read_epoch(config, 0)
    examples = [(each["text"], each["label"]) for each in written["examples"]]
    assert examples == batches[written["step"] - 1]
    examined, _ = replay(folder)
    assert list(examined.examples.texts) == [text for text, _ in examples]


def test_dry_run_counts_all_training_strings(make):
    config = make()
    assert dry_run(config).facts["train strings"] == f"{prepare(config).dataset.sizes['train']}"


def test_run_records_all_training_strings_and_scores_its_test_again(make, tmp_path):
    from nlptrain.inference.evaluation import evaluate_split

    outcome = start(make("training.steps=3"), runs_dir=tmp_path / "runs", command="")
    record = outcome.folder.read_record()
    assert record.examples["train"] > 400
    evaluation = evaluate_split(str(outcome.folder.path), tmp_path / "runs", "test")
    assert evaluation.scores.accuracy == outcome.scores.accuracy
