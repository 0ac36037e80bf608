import pytest

from nlptrain.config.data import DataFile
from nlptrain.config.model import CnnEncoder
from nlptrain.tasks.position_first import PositionFirst

RNN = "model: {encoder: {type: rnn, hidden_size: 32, cell: lstm}}\n"


def test_a_value_is_read_as_yaml_would(load):
    config = load("seed: 1\n", "optimizer.learning_rate=1e-3", "model.dropout=.5").config
    assert config.optimizer.learning_rate == 1e-3
    assert config.model.dropout == 0.5


def test_lists_and_sections_are_values_too(load):
    config = load(
        RNN, "data.task={type: position_first, character: b}", "model.head.hidden_sizes=[2, 3]"
    ).config
    assert config.data.task == PositionFirst(character="b")
    assert config.model.head.hidden_sizes == (2, 3)


def test_the_last_override_wins(load):
    assert load("seed: 1\n", "seed=2", "seed=3").config.seed == 3


def test_an_empty_value_is_null(load):
    assert load("training: {patience: 3}\n", "training.patience=").config.training.patience is None


@pytest.mark.parametrize("text", [",", ";", "|", "#", "*", " ", "\t", "'", "%", "@", "-"])
def test_unquoted_text_is_taken_as_it_is(load, text):
    value = '"\'"' if text == "'" else text
    config = load("data: {file: {path: x}}\n", f"data.file.delimiter={value}").config
    assert config.data.file.delimiter == text


def test_words_of_yaml_1_1_stay_text(load):
    config = load("data: {file: {path: x}}\n", "data.file.label=no").config
    assert config.data.file.label == "no"


def test_a_new_type_drops_the_files_keys_that_it_lacks(load):
    loaded = load(RNN, "model.encoder.type=cnn", "model.encoder.kernel_sizes=[2,3]")
    assert loaded.config.model.encoder == CnnEncoder(kernel_sizes=(2, 3))
    assert loaded.notes == (
        "model.encoder.hidden_size and model.encoder.cell from the file ignored: "
        "cnn has no such setting",
    )


def test_a_new_type_keeps_the_keys_that_both_have(load):
    text = "optimizer: {type: sgd, learning_rate: 0.5, momentum: 0.9}\n"
    loaded = load(text, "optimizer.type=adam")
    assert loaded.config.optimizer.learning_rate == 0.5
    assert loaded.notes == ("optimizer.momentum from the file ignored: adam has no such setting",)


def test_a_type_that_was_only_implied_can_be_changed(load):
    loaded = load("model: {encoder: {hidden_size: 32}}\n", "model.encoder.type=pooling")
    assert loaded.config.model.encoder.type == "pooling"
    assert len(loaded.notes) == 1


@pytest.mark.parametrize(
    ("section", "kind"),
    [("data.task", "position_first"), ("training.schedule", "cosine"), ("optimizer", "sgd")],
)
def test_every_typed_section_can_change_its_type(load, section, kind):
    text = (
        "data: {task: {characters: ab}}\n"
        "training: {schedule: {type: step, factor: 0.5}}\n"
        "optimizer: {eps: 1e-3}\n"
    )
    assert len(load(text, f"{section}.type={kind}").notes) == 1


def test_a_type_inside_a_list_can_be_changed(load):
    text = "comparison: {optimizers: [{type: adam, eps: 0.1}, {type: sgd}]}\n"
    loaded = load(text, "comparison.optimizers.0.type=sgd", "comparison.optimizers.1.momentum=0.5")
    assert [optimizer.type for optimizer in loaded.config.comparison.optimizers] == ["sgd", "sgd"]
    assert loaded.config.comparison.optimizers[1].momentum == 0.5
    assert "comparison.optimizers.0.eps" in loaded.notes[0]


def test_a_key_of_an_override_is_never_dropped(refuse):
    lines = refuse(RNN, "model.encoder.hidden_size=16", "model.encoder.type=cnn")
    assert lines[0] == "--set model.encoder.hidden_size=16: unknown key"
    assert "belongs to type rnn" in lines[2]


def test_a_key_that_the_files_own_type_lacks_stays_an_error(refuse):
    text = "model: {encoder: {type: rnn, foo: 3}}\n"
    lines = refuse(text, "model.encoder.type=cnn")
    assert lines[0] == "c.yaml:1:30: model.encoder.foo: unknown key"


def test_a_wrong_new_type_drops_nothing(refuse):
    lines = refuse(RNN, "model.encoder.type=cnnn")
    assert lines[0].startswith("--set model.encoder.type=cnnn: 'cnnn' is not one of")
    assert "did you mean 'cnn'?" in lines[1]


def test_a_type_where_none_belongs_is_an_unknown_key(refuse):
    lines = refuse("seed: 1\n", "model.head.type=x")
    assert lines[0] == "--set model.head.type=x: unknown key"


def test_the_override_stands_in_for_the_line(refuse):
    lines = refuse("seed: 1\n", "optimizer.learning_rate=-1")
    assert lines[0] == "--set optimizer.learning_rate=-1: -1 is not greater than 0"
    assert "allowed: number > 0" in lines[1]
    assert lines[-1].startswith("1 error; all settings")


def test_file_is_at_fault_where_an_override_is_not_alone(refuse):
    lines = refuse("sed: 1\n", "optimizer.learning_rate=-1")
    assert lines[-1].startswith("2 errors in c.yaml;")


def test_an_error_inside_a_value_names_its_path(refuse):
    lines = refuse("seed: 1\n", "data.task={lengths: [0, 2]}")
    assert lines[0].endswith("[0, 2]}: data.task.lengths.0: 0 is less than 1")


def test_an_override_replaces_a_wrong_value_of_the_file(load):
    assert load("seed: x\n", "seed=4").config.seed == 4


def test_errors_of_overrides_follow_those_of_the_file(refuse):
    lines = refuse("seed: x\n", "model.dropout=2", "nmae=x")
    heads = [line.split(":")[0] for line in lines if not line.startswith(" ")]
    assert heads[:3] == ["c.yaml", "--set model.dropout=2", "--set nmae=x"]


@pytest.mark.parametrize("text", ["foo", "=3", "a..b=1", ".a=1", "a.=1", ""])
def test_a_malformed_override_says_the_form(refuse, text):
    lines = refuse("seed: 1\n", text)
    assert lines[0] == f"--set {text}: is not key.path=value"
    assert "--set key.path=value" in lines[1]


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("seed.x=1", "seed is 1, not a section"),
        ("comparison.optimizers.0.type=sgd", "comparison.optimizers is not a list in the config"),
        (
            "model.head.hidden_sizes.2=1",
            "model.head.hidden_sizes is a list with entries 0 to 1",
        ),
        (
            "model.head.hidden_sizes.x=1",
            "model.head.hidden_sizes is a list with entries 0 to 1",
        ),
        ("model.3=1", "model is not a list in the config"),
        ("name=[1,", "invalid YAML"),
        ('name="a', "invalid YAML"),
        ("name={a: &x 1}", "anchors (&x) are not supported"),
        ("name={a: 1, a: 2}", "is already set on line 1"),
    ],
)
def test_an_override_that_leads_nowhere_is_refused(refuse, override, message):
    text = "seed: 1\nmodel: {head: {hidden_sizes: [4, 5]}}\n"
    lines = refuse(text, override)
    assert lines[0].startswith(f"--set {override}: ")
    assert message in lines[0]


def test_an_argument_that_is_not_utf8_is_refused(refuse):
    lines = refuse("data: {file: {path: x}}\n", "data.file.text=\udcff")
    assert lines[0] == "--set data.file.text=\udcff: is not valid UTF-8"


@pytest.mark.parametrize(
    ("text", "override", "note"),
    [
        (
            "data: {task: {}, sizes: {train: 9}, fresh: true}\n",
            "data.file.path=x.csv",
            "data.task, data.sizes and data.fresh from the file ignored: replaced by data.file",
        ),
        (
            "data: {file: {path: x.csv}, split: {train: 0.5}}\n",
            "data.task.type=parity",
            "data.file and data.split from the file ignored: replaced by data.task",
        ),
    ],
)
def test_a_source_of_the_command_line_replaces_the_files(load, text, override, note):
    loaded = load(text, override)
    assert loaded.notes == (note,)
    assert (loaded.config.data.file is None) == override.startswith("data.task")


def test_a_task_and_a_file_of_the_command_line_are_an_error(refuse):
    lines = refuse("seed: 1\n", "data.task.type=parity", "data.file.path=x.csv")
    assert "data.file: give either a task or a file, not both" in lines[0]


def test_null_takes_a_task_away(load):
    config = load("data: {task: {}}\n", "data.task=null", "data.file.path=x.csv").config
    assert isinstance(config.data.source, DataFile)
