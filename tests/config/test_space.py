"""What `search.space` may say, and what comes of it."""

import pytest

from nlptrain.config.dump import dump_config
from nlptrain.config.load import load_config
from nlptrain.config.packaged import packaged_configs
from nlptrain.config.search_axes import Choices, Span
from nlptrain.config.space import find_given, sample_config
from nlptrain.errors import ConfigError


@pytest.fixture
def load(tmp_path):
    """Load a text as the file `c.yaml`, as a search does."""

    def load_text(text):
        (tmp_path / "c.yaml").write_text(text)
        return load_config(tmp_path / "c.yaml", [], [])

    return load_text


@pytest.fixture
def refuse(tmp_path, load):
    """Load a text that must be refused; the message's lines, with the folder left out."""

    def lines_of_error(text):
        with pytest.raises(ConfigError) as caught:
            load(text)
        return str(caught.value).replace(f"{tmp_path}/", "").split("\n")

    return lines_of_error


SPACE = "search:\n  space:\n"


def space(*lines):
    """Write a config with these lines below search.space."""
    return SPACE + "".join(f"    {line}\n" for line in lines)


def choose_first(axis, whole):
    """Take the lowest value, or the first."""
    return axis.low if isinstance(axis, Span) else axis.list_values()[0]


def test_ranges_and_lists_are_read(load):
    text = space(
        "optimizer.learning_rate: {from: 1e-4, to: 1e-1, log: true}",
        "model.encoder.hidden_size: {from: 16, to: 64, step: 16}",
        "model.readout: [last, [mean, max]]",
    )
    rate, size, readout = load(text).config.search.space
    assert rate == Span("optimizer.learning_rate", 1e-4, 1e-1, log=True)
    assert size.list_values() == [16, 32, 48, 64]
    assert readout.list_values() == ["last", ["mean", "max"]]


@pytest.mark.parametrize(
    ("line", "place", "problem"),
    [
        ("model.encoder.hiden_size: [8, 16]", "3:5", "did you mean 'hidden_size'?"),
        ("model.encoder.channels: [8, 16]", "3:5", "'channels' belongs to type cnn"),
        ("data.sizes.train: [8, 16]", "3:23", "all trials see the same data"),
        ("seed: [1, 2]", "3:11", "allowed: what is in text, model, optimizer, training"),
        ("model.ngrams.dim: [8, 16]", "3:5", "model.ngrams is null in this config"),
        ("model.encoder.type: [rnn, lstmm]", "3:31", "'lstmm' is not one of pooling, rnn"),
        ("model.dropout: {from: 0, to: 1}", "3:34", "1 is not less than 1"),
        ("model.dropout: {from: -0.5, to: 0.5}", "3:27", "-0.5 is less than 0"),
        ("model.encoder.hidden_size: {from: 8.5, to: 16}", "3:39", "8.5 is not a whole number"),
        ("model.encoder.hidden_size: {from: 8, to: 16, step: 0.5}", "3:32", "not a whole number"),
        ("model.encoder.cell: {from: 1, to: 2}", "3:25", "is not a number, but rnn_tanh"),
        ("model.dropout: {from: 0.5, to: 0.2}", "3:36", "0.2 is not greater than from, 0.5"),
        ("model.dropout: {from: 0, to: 0.5, log: true}", "3:27", "begin above 0, or remove log"),
        ("model.dropout: {from: 0, to: 0.5, step: 2}", "3:45", "2 is not between 0 and 0.5"),
        ("model.dropout: {from: 0.1, to: 0.5, lg: true}", "3:45", "allowed: from, to, log, step"),
        ("model.dropout: {from: 0.1}", "3:20", "has no 'to'"),
        ("model.dropout: {from: a, to: 1}", "3:27", "'a' is not a number"),
        ("model.dropout: 0.5", "3:20", "neither a range nor a list"),
        ("model.dropout: []", "3:20", "neither a range nor a list"),
        ("model.dropout: [0.1, 0.1]", "3:26", "0.1 stands there twice"),
        ("training.schedule.type: [cosine, cosin]", "3:38", "did you mean 'cosine'?"),
    ],
)
def test_what_cannot_be_is_one_error_with_its_place(refuse, line, place, problem):
    message = "\n".join(refuse(space(line)))
    assert message.startswith(f"c.yaml:{place}: search.space.")
    assert problem in message
    assert "1 error in" in message


def test_grid_needs_values(refuse, load):
    text = space("model.dropout: {from: 0, to: 0.5}") + "  sampler: grid\n"
    assert "grid needs a step" in "\n".join(refuse(text))
    whole = space("model.encoder.hidden_size: {from: 8, to: 10}") + "  sampler: grid\n"
    assert load(whole).config.search.space[0].list_values() == [8, 9, 10]


def test_smallest_needs_two_objectives(refuse):
    assert "needs two objectives" in "\n".join(refuse("search: {prefer: small}\n"))


def test_setting_of_a_type_is_searched_only_with_it(load):
    config = load(
        space(
            "model.encoder.hidden_size: [8, 16]",
            "model.encoder.channels: [4, 6]",
            "model.encoder.type: [cnn, rnn]",
        )
    ).config

    def values_with(kind):
        found, values = sample_config(
            config, lambda axis, _: kind if axis.path.endswith("type") else axis.list_values()[0]
        )
        return found.model.encoder, values

    encoder, values = values_with("cnn")
    assert values == {"model.encoder.type": "cnn", "model.encoder.channels": 4}
    assert (encoder.type, encoder.channels) == ("cnn", 4)
    encoder, values = values_with("rnn")
    assert values == {"model.encoder.type": "rnn", "model.encoder.hidden_size": 8}
    assert (encoder.type, encoder.hidden_size) == ("rnn", 8)


def test_section_is_searched_beside_what_is_in_it(load):
    config = load(space("model.ngrams: [null, {dim: 8}]", "model.ngrams.dim: [3, 4]")).config
    none, values = sample_config(config, choose_first)
    assert none.model.ngrams is None
    assert "model.ngrams.dim" not in values
    some, _ = sample_config(config, lambda axis, _: axis.list_values()[-1])
    assert some.model.ngrams.dim == 4


def test_values_of_a_changed_type_are_its_defaults(load):
    text = "optimizer: {type: sgd, learning_rate: 0.5, momentum: 0.9}\n"
    config = load(text + space("optimizer.type: [adam, sgd]")).config
    found, _ = sample_config(config, choose_first)
    assert (found.optimizer.type, found.optimizer.learning_rate) == ("adam", 0.5)


def test_entries_of_a_list_are_searched(load):
    text = "model: {encoders: [{type: rnn}, {type: cnn}]}\n"
    config = load(text + space("model.encoders.1.channels: [5, 6]")).config
    found, _ = sample_config(config, choose_first)
    assert found.model.encoders[1].channels == 5


def test_encoders_side_by_side_are_searched_beside_the_one(load):
    lines = (
        "model.encoders: [null, [{type: rnn}, {type: cnn}]]",
        "model.encoder.hidden_size: [32, 64]",
        "model.encoders.1.channels: [7, 8]",
    )
    config = load(space(*lines)).config
    one, values = sample_config(config, choose_first)
    assert one.model.encoders is None
    assert one.model.encoder.hidden_size == 32
    assert values.keys() == {"model.encoders", "model.encoder.hidden_size"}
    several, values = sample_config(config, lambda axis, _: axis.list_values()[-1])
    assert several.model.encoder is None
    assert [each.type for each in several.model.encoders] == ["rnn", "cnn"]
    assert several.model.encoders[1].channels == 8
    assert "model.encoder.hidden_size" not in values
    assert find_given(config)["model.encoders"] is None


def test_values_that_exclude_each_other_are_refused_when_they_meet(load):
    text = "optimizer: {type: sgd, learning_rate: 0.1}\n"
    lines = ("optimizer.nesterov: [true, false]", "optimizer.momentum: [0.0, 0.9]")
    config = load(text + space(*lines)).config
    with pytest.raises(ConfigError, match=r"optimizer.nesterov: requires a momentum above 0"):
        sample_config(config, choose_first)


def test_config_as_given_is_found_in_its_space(load):
    lines = ("model.encoder.hidden_size: [32, 64]", "optimizer.learning_rate: {from: 1e-4, to: 1}")
    assert find_given(load(space(*lines)).config) == {
        "model.encoder.hidden_size": 64,
        "optimizer.learning_rate": 1e-3,
    }
    assert find_given(load(space("model.encoder.hidden_size: [16, 32]")).config) is None
    assert find_given(load(space("model.dropout: {from: 0.1, to: 0.5}")).config) is None


def test_command_line_adds_to_the_space_and_replaces_what_stands_there(tmp_path):
    path = tmp_path / "c.yaml"
    path.write_text(space("model.dropout: [0.0, 0.5]", "training.batch_size: [32, 64]"))
    varied = [
        "model.dropout=0..0.5:step=0.1",
        "optimizer.learning_rate=1e-4..1e-1:log",
        "model.encoder.hidden_size=16..64",
        "model.readout=last,[mean, max]",
    ]
    found = {axis.path: axis for axis in load_config(path, [], varied).config.search.space}
    assert found == {
        "model.dropout": Span("model.dropout", 0, 0.5, step=0.1),
        "training.batch_size": Choices("training.batch_size", ("32", "64")),
        "optimizer.learning_rate": Span("optimizer.learning_rate", 1e-4, 1e-1, log=True),
        "model.encoder.hidden_size": Span("model.encoder.hidden_size", 16, 64),
        "model.readout": Choices("model.readout", ('"last"', '["mean", "max"]')),
    }


@pytest.mark.parametrize(
    ("varied", "problem"),
    [
        ("model.dropout", "write --vary key.path=from..to"),
        ("model.dropout=0..2", "--vary model.dropout=0..2: search.space.model.dropout.to: 2 is"),
        ("model.dropout=0..0.5:lin", "unknown key; allowed: from, to, log, step"),
        ("model.droput=0..0.5", "did you mean 'dropout'?"),
        ("model.dropout=a..b", "'a' is not a number"),
        ("model.readout=last,[mean", "invalid YAML"),
    ],
)
def test_command_line_that_cannot_be_is_one_error(tmp_path, varied, problem):
    path = tmp_path / "c.yaml"
    path.write_text("seed: 1\n")
    with pytest.raises(ConfigError) as caught:
        load_config(path, [], [varied])
    assert problem in str(caught.value)


def test_packaged_spaces_are_valid_and_hold_their_own_config():
    searched = []
    for name in packaged_configs():
        config = load_config(name, [], []).config
        if config.search.space:
            searched.append(name)
            assert find_given(config) is not None
    assert "own_file" in searched


@pytest.mark.parametrize(
    ("point", "complaint"),
    [
        ("[3]", ":4:15: search.try_first.0: is not a section; write for each trial the values by"),
        ("[{model.droput: 0.2}]", ":4:16: search.try_first.0.model.droput: is not searched; name"),
        ("[{model.dropout: 0.9}]", ":4:31: search.try_first.0.model.dropout: 0.9 is not in search"),
        (
            "[{model.encoder.type: cnn, model.encoder.hidden_size: 16}]",
            ":4:41: search.try_first.0.model.encoder.hidden_size: does not exist with the others",
        ),
    ],
)
def test_what_is_tried_first_has_to_be_in_the_space(refuse, point, complaint):
    axes = "model.dropout: [0.2], model.encoder.type: [rnn, cnn]"
    more = "model.encoder.hidden_size: [16]"
    text = f"search:\n  space: {{{axes},\n    {more}}}\n  try_first: {point}\n"
    assert refuse(text)[0].startswith(f"c.yaml{complaint}")


def test_space_is_stable_through_a_dump(load):
    lines = ("model.dropout: {from: 0.1, to: 0.5}", "model.readout: [last, [mean, max]]")
    text = space(*lines) + "  try_first: [{model.readout: [mean, max]}]\n"
    config = load(text).config
    assert load(dump_config(config)).config == config
    assert hash(config) == hash(load(dump_config(config)).config)
