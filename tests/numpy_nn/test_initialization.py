import numpy as np
import pytest
import torch

from nlptrain.numpy_nn.architecture import Architecture
from nlptrain.numpy_nn.convolution import Convolutional
from nlptrain.numpy_nn.encoders import Pooling
from nlptrain.numpy_nn.initialization import initial_parameters
from nlptrain.numpy_nn.recurrent import Recurrent


@pytest.fixture(autouse=True)
def seeded():
    torch.manual_seed(0)


def make_architecture(encoder, **kinds):
    kinds = {"vocabulary_size": 200, "num_classes": 3, "embedding_dim": 30} | kinds
    return Architecture(encoder=encoder, **kinds)


def draw(encoder, *, seed=0, recurrent="torch", dtype="float64", **kinds):
    architecture = make_architecture(encoder, **kinds)
    return initial_parameters(architecture, seed=seed, recurrent=recurrent, dtype=dtype)


def below(arrays, layer):
    return {
        name.removeprefix(layer): each for name, each in arrays.items() if name.startswith(layer)
    }


def assert_same_distribution(values, reference):
    """Compare range and spread of uniform draws, within six standard errors."""
    assert values.shape == tuple(reference.shape)
    bound = np.abs(values).max()
    expected = reference.abs().max().item()
    count = values.size
    assert bound == pytest.approx(expected, rel=12 / count)
    spread = expected / np.sqrt(3)
    assert values.std() == pytest.approx(spread, rel=6 / np.sqrt(count))
    assert abs(values.mean()) < 6 * spread / np.sqrt(count)


def test_recurrent_layer_is_drawn_as_torch_draws_it():
    for cell, kind in (("gru", torch.nn.GRU), ("lstm", torch.nn.LSTM), ("rnn_tanh", torch.nn.RNN)):
        arrays = below(draw(Recurrent(cell, 50, 2, True)), "encoder.")
        layer = kind(30, 50, num_layers=2, bidirectional=True, batch_first=True)
        reference = dict(layer.named_parameters())
        assert arrays.keys() == reference.keys()
        for name in arrays:
            assert_same_distribution(arrays[name], reference[name])


def test_convolutions_are_drawn_as_torch_draws_them():
    arrays = below(draw(Convolutional(64, (1, 4))), "encoder.")
    for index, size in enumerate((1, 4)):
        layer = torch.nn.Conv1d(30, 64, size)
        assert_same_distribution(arrays[f"{index}.weight"], layer.weight)
        assert_same_distribution(arrays[f"{index}.bias"], layer.bias)


def test_head_is_drawn_as_torch_draws_it():
    arrays = below(draw(Pooling(), embedding_dim=100, head_hidden_sizes=(80,)), "head.")
    for index, layer in ((0, torch.nn.Linear(100, 80)), (2, torch.nn.Linear(80, 3))):
        assert_same_distribution(arrays[f"{index}.weight"], layer.weight)
    assert np.abs(arrays["0.bias"]).max() < 0.1
    assert np.abs(arrays["2.bias"]).max() < 1 / np.sqrt(80)


def test_embedding_is_standard_normal_with_a_pad_of_zeros():
    table = draw(Pooling(), vocabulary_size=2000, embedding_dim=50)["embedding.weight"]
    np.testing.assert_array_equal(table[0], np.zeros(50))
    assert abs(table[1:].mean()) < 6 / np.sqrt(table[1:].size)
    assert table[1:].std() == pytest.approx(1, rel=6 / np.sqrt(2 * table[1:].size))
    assert (np.abs(table) > 3).mean() == pytest.approx(0.0027, rel=0.3)


def test_normalization_starts_as_the_identity():
    arrays = below(draw(Pooling(), normalization="batch", embedding_dim=2), "normalization.")
    assert {name: each.tolist() for name, each in arrays.items()} == {
        "weight": [1, 1],
        "bias": [0, 0],
        "running_mean": [0, 0],
        "running_var": [1, 1],
    }


@pytest.mark.parametrize("cell", ["rnn_relu", "gru", "lstm"])
def test_each_gate_has_its_own_orthogonal_matrix(cell):
    arrays = draw(Recurrent(cell, 20, 2), recurrent="orthogonal")
    for layer in (0, 1):
        gates = arrays[f"encoder.weight_hh_l{layer}"].reshape(-1, 20, 20)
        for gate in gates:
            np.testing.assert_allclose(gate @ gate.T, np.eye(20), atol=1e-12)
        assert len(np.unique(gates[:, 0, 0])) == len(gates)


def test_orthogonal_matrices_lean_to_no_side():
    # The bare Q of a QR decomposition by Householder reflections has one sign in its corner.
    corners = [
        draw(Recurrent(hidden_size=3), seed=seed, recurrent="orthogonal")["encoder.weight_hh_l0"]
        for seed in range(40)
    ]
    assert 8 < sum(corner[0, 0] > 0 for corner in corners) < 32


def test_identity_copies_the_state_through_every_gate():
    weight = draw(Recurrent("gru", 6), recurrent="identity")["encoder.weight_hh_l0"]
    np.testing.assert_array_equal(weight, np.concatenate([np.eye(6)] * 3))


def test_normal_scheme_spreads_by_the_root_of_the_fan_in():
    weight = draw(Recurrent("rnn_tanh", 100), recurrent="normal")["encoder.weight_hh_l0"]
    assert weight.std() == pytest.approx(1 / np.sqrt(100), rel=6 / np.sqrt(2 * weight.size))
    assert np.abs(weight).max() > 1 / np.sqrt(100) * np.sqrt(3)


@pytest.mark.parametrize("scheme", ["orthogonal", "identity", "normal"])
def test_scheme_changes_the_recurrent_weights_only(scheme):
    plain, other = draw(Recurrent("lstm", 4)), draw(Recurrent("lstm", 4), recurrent=scheme)
    changed = [name for name in plain if not np.array_equal(plain[name], other[name])]
    assert changed == ["encoder.weight_hh_l0"]


def test_change_of_the_head_leaves_the_other_draws_alone():
    plain = draw(Recurrent("lstm", 4))
    other = draw(Recurrent("lstm", 4), head_hidden_sizes=(7,), normalization="layer")
    for name in plain:
        if not name.startswith("head."):
            np.testing.assert_array_equal(plain[name], other[name])


def test_seed_decides_every_draw():
    first, again, other = (draw(Recurrent("gru", 4), seed=seed) for seed in (5, 5, 6))
    for name in first:
        np.testing.assert_array_equal(first[name], again[name])
        assert not np.array_equal(first[name], other[name])


def test_no_two_arrays_share_their_draws():
    arrays = draw(Recurrent("rnn_tanh", 8, 2, True), embedding_dim=8, num_classes=8)
    first = [array.ravel()[-1] * np.sqrt(8) for array in arrays.values()]
    assert len(set(first)) == len(first)


def test_float32_is_the_rounded_float64():
    single, double = (draw(Recurrent("gru", 4), dtype=each) for each in ("float32", "float64"))
    for name in single:
        np.testing.assert_array_equal(single[name], double[name].astype(np.float32))
