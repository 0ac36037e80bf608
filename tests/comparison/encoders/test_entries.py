import numpy as np
import pytest

from nlptrain.comparison.encoders.entries import enter_encoders
from nlptrain.comparison.run import build_protocol
from nlptrain.comparison.trials.trial import prepare_for
from nlptrain.errors import ConfigError, DataError


def test_every_encoder_takes_part_on_every_task(make_encoders_config):
    entries, grid = enter_encoders(make_encoders_config())
    assert [entry.contestant.name for entry in entries] == [
        "sorted: mean pooling",
        "sorted: RNN",
        "majority: mean pooling",
        "majority: RNN",
    ]
    assert grid.encoders == ("mean pooling", "RNN")
    assert grid.ceilings == {("sorted", "mean pooling")}


def test_cell_has_the_tasks_data_and_training_and_the_encoders_network(make_encoders_config):
    config = make_encoders_config("model.head.hidden_sizes=[5]", "optimizer.type=sgd")
    cell = enter_encoders(config)[0][2].config
    assert (cell.data.source.type, cell.data.sizes.test) == ("majority", 100)
    assert (cell.training.steps, cell.training.batch_size) == (10, 32)
    assert (cell.optimizer.type, cell.optimizer.learning_rate) == ("sgd", 0.01)
    assert (cell.model.encoder.type, cell.model.readout) == ("pooling", "mean")
    assert (cell.model.embedding.dim, cell.model.head.hidden_sizes) == (8, (5,))


@pytest.mark.parametrize(("ngrams", "heads"), [("null", "joint"), ("{dim: 3}", "each")])
def test_cell_has_one_head_unless_ngrams_are_a_second_branch(make_encoders_config, ngrams, heads):
    branches = "model.encoders=[{type: cnn}, {type: rnn}]"
    config = make_encoders_config(branches, "model.heads=each", f"model.ngrams={ngrams}")
    for cell in enter_encoders(config)[0]:
        assert prepare_for(cell.config).architecture.heads == heads


def test_encoders_of_a_task_see_the_same_strings(make_encoders_config):
    config = make_encoders_config()
    entries, _ = enter_encoders(config)
    data = build_protocol(entries, config).data
    assert data[0] == data[1] != data[2] == data[3]


def test_rows_say_lengths_match_and_chance(make_encoders_config):
    matched, free = enter_encoders(make_encoders_config())[1].tasks
    assert (matched.words, matched.chance, matched.unmatched) == ("5–8, same letters", 0.5, 0)
    assert (free.words, free.ranges, free.unmatched) == ("4–9", ((20, 30), (40, 40)), None)
    assert matched.strings == free.strings == 100


@pytest.mark.parametrize(
    ("task", "words"),
    [
        ("{type: substring, lengths: [9, 12], negatives: kgram}", "9–12, same 2-grams and ends"),
        ("{type: parity, lengths: [9, 12], negatives: near}", "9–12, one letter changed"),
    ],
)
def test_row_says_how_negatives_are_matched(make_encoders_config, task, words):
    config = make_encoders_config(f"comparison.tasks=[{{data: {{task: {task}}}}}]")
    assert enter_encoders(config)[1].tasks[0].words == words


def test_wanted_rows_and_columns_keep_the_configs_order(make_encoders_config):
    config = make_encoders_config()
    entries, grid = enter_encoders(config, encoders=["RNN", "mean pooling"], tasks=["majority"])
    assert [task.name for task in grid.tasks] == ["majority"]
    assert grid.encoders == ("mean pooling", "RNN")
    assert len(entries) == 2


def test_unknown_names_are_refused(make_encoders_config):
    with pytest.raises(ConfigError, match="--task parity: not one of 'sorted', 'majority'"):
        enter_encoders(make_encoders_config(), tasks=["parity"])
    with pytest.raises(ConfigError, match="--encoder LSTM: not one of 'mean pooling', 'RNN'"):
        enter_encoders(make_encoders_config(), encoders=["LSTM"])


def test_fault_of_a_tasks_data_names_the_task(make_encoders_config):
    config = make_encoders_config("data.sizes={train: 200, validation: 51, test: 100}")
    with pytest.raises(DataError, match=r"task 'sorted': data\.sizes: 51 is odd"):
        enter_encoders(config)


def test_config_without_tasks_is_its_own(make_encoders_config):
    config = make_encoders_config("comparison.tasks=[]")
    assert [task.name for task in enter_encoders(config)[1].tasks] == ["contains_any"]


def test_own_file_is_a_task_by_its_name(make_encoders_config, tmp_path):
    rows = [f"{text},{label}" for label in "xy" for text in (f"{label * n}c" for n in range(1, 9))]
    (tmp_path / "words.csv").write_text("\n".join(["text,label", *rows]))
    path = tmp_path / "words.csv"
    config = make_encoders_config(f"comparison.tasks=[{{data: {{file: {{path: '{path}'}}}}}}]")
    task = enter_encoders(config)[1].tasks[0]
    assert (task.name, task.unmatched) == ("words", None)
    assert task.words.startswith("2–")


def test_learning_rates_are_tried_around_the_tasks_own(make_encoders_config):
    config = make_encoders_config("comparison.trials=3", "optimizer.learning_rate=0.1")
    first, _, third, _ = (entry.contestant.grid for entry in enter_encoders(config)[0])
    assert (len(first), len(third)) == (3, 3)
    np.testing.assert_allclose((first[1], third[1]), (0.1, 0.01))


def test_strings_of_a_task_are_drawn_once_for_all_encoders(make_encoders_config):
    entries, _ = enter_encoders(make_encoders_config())
    pooling, rnn = (prepare_for(entry.config) for entry in entries[:2])
    assert pooling.dataset is rnn.dataset
    assert pooling.architecture != rnn.architecture
