import numpy as np
import pytest

from nlptrain.errors import ConfigError, DataError
from nlptrain.numpy_nn.architecture import Architecture
from nlptrain.numpy_nn.convolution import Convolutional
from nlptrain.numpy_nn.encoders import Pooling
from nlptrain.numpy_nn.recurrent import Recurrent
from nlptrain.training.preparation import build_initial_arrays, build_objective, prepare

POSITIONS = (
    "data.task.type=position_first",
    "data.task.character=a",
    "data.task.lengths=[3, 3]",
)


def test_network_is_what_the_config_says(make_config):
    config = make_config(
        "model.encoder.bidirectional=true",
        "model.encoder.num_layers=2",
        "model.encoder.cell=gru",
        "model.normalization=layer",
        "model.activation=tanh",
        "model.readout=max",
        "model.dropout=0.25",
        "model.head.hidden_sizes=[6, 3]",
        "model.head.activation=sigmoid",
    )
    assert prepare(config).architecture == Architecture(
        vocabulary_size=12,
        num_classes=2,
        embedding_dim=4,
        encoder=Recurrent("gru", 5, 2, bidirectional=True),
        normalization="layer",
        activation="tanh",
        readout="max",
        dropout=0.25,
        head_hidden_sizes=(6, 3),
        head_activation="sigmoid",
        output="sigmoid",
    )


def test_encoders_are_what_the_config_says(make_config):
    kinds = (
        "model.encoder.kernel_sizes=[2, 4]",
        "model.encoder.stride=2",
        "model.encoder.dilation=3",
    )
    encoder = prepare(make_config(*kinds, encoder="cnn")).architecture.encoder
    assert encoder == Convolutional(5, (2, 4), 2, 3, "same")
    assert prepare(make_config(encoder="pooling")).architecture.encoder == Pooling()


@pytest.mark.parametrize(
    ("overrides", "loss", "logits"),
    [
        (("model.loss=auto",), "bce", 1),
        (("model.loss=mse",), "mse", 1),
        (("model.loss=cross_entropy",), "cross_entropy", 2),
        (("model.loss=auto", *POSITIONS), "cross_entropy", 4),
    ],
)
def test_loss_decides_how_many_logits(make_config, overrides, loss, logits):
    preparation = prepare(make_config(*overrides))
    assert preparation.loss == loss
    assert preparation.architecture.num_logits == logits


@pytest.mark.parametrize("loss", ["bce", "mse"])
def test_loss_of_two_classes_is_refused_with_more(make_config, loss):
    with pytest.raises(ConfigError, match=rf"model.loss: '{loss}' needs two classes.* has 4"):
        prepare(make_config(f"model.loss={loss}", *POSITIONS))


def test_fresh_epochs_have_other_strings_after_the_first(make_config):
    preparation = prepare(make_config("data.fresh=true"))
    first, second, third = (preparation.train_split(epoch).texts.ids for epoch in range(3))
    assert first is preparation.splits["train"].texts.ids
    assert second.tolist() != third.tolist() != first.tolist()
    plain = prepare(make_config())
    assert plain.train_split(5) is plain.splits["train"]


def test_unknown_and_cut_are_told(make_config):
    notes = prepare(make_config("text.vocabulary=abcdefgh", "text.max_length=5")).notes
    assert any("read as [unk]" in note and "in train" in note for note in notes)
    assert any("longer than 5 characters and were cut" in note for note in notes)


def test_balanced_weights_make_all_classes_count_alike(make_config):
    preparation = prepare(
        make_config("training.class_weights=balanced", *POSITIONS, "model.loss=auto")
    )
    weights = build_objective(
        make_config("training.class_weights=balanced"), preparation
    ).class_weights
    counts = np.bincount(preparation.splits["train"].classes, minlength=4)
    np.testing.assert_allclose(weights * counts, 10)
    assert build_objective(make_config(), preparation).class_weights is None


def test_objective_says_whether_unknown_is_trained(make_config):
    for overrides, expected in (((), False), (("text.vocabulary=abc",), True)):
        config = make_config(*overrides)
        assert build_objective(config, prepare(config)).unknown_is_trained is expected


def write_vectors(tmp_path, *lines):
    path = tmp_path / "vectors.txt"
    path.write_text("\n".join(lines))
    return f"model.embedding.vectors={path}"


def test_vectors_fill_their_rows_and_no_others(make_config, tmp_path):
    vectors = write_vectors(tmp_path, "c 1 2 3 4", "x 5 6 7 8", "a 9 10 11 12")
    config = make_config(vectors)
    table = build_initial_arrays(config, prepare(config))["embedding.weight"]
    plain = build_initial_arrays(make_config(), prepare(config))["embedding.weight"]
    np.testing.assert_array_equal(table[1], [9, 10, 11, 12])
    np.testing.assert_array_equal(table[3], [1, 2, 3, 4])
    others = [row for row in range(12) if row not in (1, 3)]
    np.testing.assert_array_equal(table[others], plain[others])


def test_vectors_of_none_of_the_characters_are_refused(make_config, tmp_path):
    config = make_config(write_vectors(tmp_path, "A 1 2 3 4", "B 1 2 3 4"))
    with pytest.raises(DataError, match="any of the vocabulary's characters"):
        build_initial_arrays(config, prepare(config))


def test_scheme_and_precision_reach_the_initial_values(make_config):
    config = make_config("model.encoder.initialization=identity", "training.dtype=float64")
    weight = build_initial_arrays(config, prepare(config))["encoder.weight_hh_l0"]
    np.testing.assert_array_equal(weight, np.eye(5))
    assert weight.dtype == np.float64
