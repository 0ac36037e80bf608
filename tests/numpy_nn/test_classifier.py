import numpy as np
import pytest

from nlptrain.numpy_nn.architecture import Architecture
from nlptrain.numpy_nn.classifier import Classifier
from nlptrain.numpy_nn.encoders import Pooling
from nlptrain.numpy_nn.initialization import initial_parameters
from nlptrain.numpy_nn.recurrent import Recurrent


def test_whole_mapping_of_abcd_by_hand():
    # 4 × 2 matrix → mean (4, 5) → 0.5 · 4 − 1 · 5 + 2 = −1.
    table = np.array([[0.0, 0.0], [1, 2], [3, 4], [5, 6], [7, 8], [9, 9]])
    arrays = {
        "embedding.weight": table,
        "head.0.weight": np.array([[0.5, -1.0]]),
        "head.0.bias": np.array([2.0]),
    }
    network = Classifier(Architecture(6, 2, 2, Pooling(), output="sigmoid"), arrays)
    ids = np.array([[1, 2, 3, 4, 0], [1, 2, 3, 4, 5]])
    logits = network.logits(ids, np.array([4, 5]))
    np.testing.assert_allclose(logits, [[-1.0], [0.5 * 5 - 5.8 + 2]])


@pytest.mark.parametrize("normalization", ["none", "layer", "instance"])
@pytest.mark.parametrize("readout", ["mean", "max", "last"])
def test_overflow_behind_a_strings_end_changes_nothing(readout, normalization):
    # Every step doubles the state, so behind 1,100 pads it is infinite.
    kinds = {"readout": readout, "normalization": normalization}
    architecture = Architecture(3, 2, 1, Recurrent("rnn_relu", 2), **kinds)
    arrays = initial_parameters(architecture, seed=0, recurrent="identity", dtype="float64")
    arrays["encoder.weight_hh_l0"] *= 2
    arrays["encoder.bias_hh_l0"] += 1
    network = Classifier(architecture, arrays)
    ids, one = np.eye(1, 1100, dtype=np.int64), np.array([1])
    alone = network.logits(ids[:, :1], one)
    assert np.isfinite(alone).all()
    np.testing.assert_array_equal(network.logits(ids, one), alone)
