import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from every_kind import CELLS, NORMALIZATIONS
from nlptrain.numpy_nn.architecture import Architecture
from nlptrain.numpy_nn.convolution import Convolutional
from nlptrain.numpy_nn.encoders import Pooling
from nlptrain.numpy_nn.recurrent import Recurrent

SIZES = st.integers(1, 9)
ENCODERS = st.one_of(
    st.just(Pooling()),
    st.builds(
        Recurrent,
        st.sampled_from(CELLS),
        hidden_size=SIZES,
        num_layers=SIZES,
        bidirectional=st.booleans(),
    ),
    st.builds(
        Convolutional,
        SIZES,
        kernel_sizes=st.lists(SIZES, min_size=1, max_size=3).map(tuple),
        stride=SIZES,
        dilation=SIZES,
        padding=st.sampled_from(["same", "valid"]),
    ),
)
ARCHITECTURES = st.builds(
    Architecture,
    vocabulary_size=st.integers(2, 99),
    num_classes=st.integers(2, 9),
    embedding_dim=SIZES,
    encoder=ENCODERS,
    normalization=st.sampled_from(NORMALIZATIONS),
    dropout=st.floats(0, 0.99),
    head_hidden_sizes=st.lists(SIZES, max_size=3).map(tuple),
    output=st.sampled_from(["sigmoid", "softmax"]),
)


@given(ARCHITECTURES)
def test_architecture_survives_json(architecture):
    read_back = Architecture.from_json(json.loads(json.dumps(architecture.to_json())))
    assert read_back == architecture
    assert read_back.parameter_shapes() == architecture.parameter_shapes()


@given(ARCHITECTURES)
def test_head_fits_the_encoder_and_the_classes(architecture):
    shapes = architecture.parameter_shapes()
    heads = [
        shape for name, shape in shapes.items() if name.startswith("head.") and "weight" in name
    ]
    assert heads[0][1] == architecture.num_features
    assert [shape[0] for shape in heads[:-1]] == [shape[1] for shape in heads[1:]]
    assert heads[-1][0] == (1 if architecture.output == "sigmoid" else architecture.num_classes)


@pytest.mark.parametrize(
    "change", [{"encoder": {"type": "transformer"}}, {"unknown": 1}, {"encoder": None}]
)
def test_foreign_json_is_refused(change):
    values = Architecture(5, 2, 3, Pooling()).to_json() | change
    with pytest.raises((KeyError, TypeError)):
        Architecture.from_json(values)


@pytest.mark.parametrize(
    ("encoder", "features"),
    [
        (Pooling(), 3),
        (Recurrent(hidden_size=4), 4),
        (Recurrent(hidden_size=4, num_layers=2, bidirectional=True), 8),
        (Convolutional(channels=5, kernel_sizes=(2, 3, 3)), 15),
    ],
)
def test_features_of_a_position(encoder, features):
    assert Architecture(5, 2, 3, encoder).num_features == features


def test_only_batch_norm_keeps_statistics():
    architecture = Architecture(5, 2, 3, Pooling(), normalization="layer")
    assert architecture.buffer_shapes() == {}
    batch = replace(architecture, normalization="batch").buffer_shapes()
    assert batch == {"normalization.running_mean": (3,), "normalization.running_var": (3,)}


@pytest.mark.parametrize(
    ("encoder", "expected"),
    [
        (Pooling(), {}),
        (Recurrent(hidden_size=3), {"encoder.weight_ih_l0": 1, "encoder.weight_hh_l0": 1}),
        (Recurrent("gru", hidden_size=3), {"encoder.weight_ih_l0": 3, "encoder.weight_hh_l0": 3}),
        (Recurrent("lstm", hidden_size=3), {"encoder.weight_ih_l0": 4, "encoder.weight_hh_l0": 4}),
        (Convolutional(3, kernel_sizes=(2, 3)), {"encoder.0.weight": 1, "encoder.1.weight": 1}),
    ],
)
@pytest.mark.parametrize(
    ("head_hidden_sizes", "hidden"), [((), {}), ((4, 5), {"head.0.weight": 1, "head.2.weight": 1})]
)
def test_hidden_matrices_lie_between_the_embedding_and_the_last_layer(
    encoder, expected, head_hidden_sizes, hidden
):
    architecture = Architecture(
        9, 2, 4, encoder, normalization="layer", head_hidden_sizes=head_hidden_sizes
    )
    assert architecture.hidden_matrices() == expected | hidden
