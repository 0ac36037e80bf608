import pytest

from nlptrain.numpy_nn.architecture import Architecture
from nlptrain.numpy_nn.convolution import Convolutional
from nlptrain.numpy_nn.encoders import Pooling
from nlptrain.numpy_nn.recurrent import Recurrent
from nlptrain.torch_nn.classifier import Classifier
from nlptrain.training.dry_run import dry_run, network_layers

COURSE = Architecture(50, 2, 256, Recurrent(hidden_size=128), output="sigmoid", readout="last")


def test_course_example_shows_shapes_and_49408_parameters():
    assert network_layers(COURSE) == [
        ("input", "B × T", 0),
        ("embedding", "B × T × 256", 12_800),
        ("encoder (rnn_tanh)", "B × T × 128", 49_408),
        ("readout (last)", "B × 128", 0),
        ("head.0", "B × 1", 129),
    ]


@pytest.mark.parametrize(
    "encoder",
    [
        Pooling(),
        Recurrent("lstm", 3, 2, bidirectional=True),
        Convolutional(4, (2, 3), stride=2),
        Convolutional(4, (3,), padding="valid"),
    ],
    ids=str,
)
def test_parameters_add_up_to_torchs(encoder):
    kinds = {"normalization": "batch", "activation": "relu", "dropout": 0.5}
    architecture = Architecture(9, 3, 5, encoder, head_hidden_sizes=(4, 2), **kinds)
    layers = network_layers(architecture)
    expected = sum(each.numel() for each in Classifier(architecture).parameters())
    assert sum(count for _, _, count in layers) == expected
    names = [name.split(" (")[0] for name, _, _ in layers]
    assert names[3:] == [
        "normalization",
        "activation",
        "readout",
        "dropout",
        "head.0",
        "head.2",
        "head.4",
    ]


def test_heads_of_branches_are_listed_with_what_they_read():
    branches = {"encoder": Convolutional(4, (2, 3)), "beside": (Recurrent(hidden_size=5),)}
    architecture = Architecture(9, 3, 5, **branches, head_hidden_sizes=(6,), heads="each")
    layers = network_layers(architecture)
    assert layers[layers.index(("join", "B × 13", 0)) + 1 :] == [
        ("head.0", "B × 6", 13 * 6 + 6),
        ("head.2", "B × 3", 6 * 3 + 3),
        ("parts.0", "B × 8", 0),
        ("heads.0.0", "B × 6", 8 * 6 + 6),
        ("heads.0.2", "B × 3", 6 * 3 + 3),
        ("parts.1", "B × 5", 0),
        ("heads.1.0", "B × 6", 5 * 6 + 6),
        ("heads.1.2", "B × 3", 6 * 3 + 3),
        ("average", "B × 3", 0),
    ]
    expected = sum(each.numel() for each in Classifier(architecture).parameters())
    assert sum(count for _, _, count in layers) == expected


def test_windows_are_named_where_they_are_fewer_than_characters():
    for encoder, letter in ((Convolutional(stride=2), "W"), (Convolutional(), "T")):
        layers = network_layers(Architecture(9, 2, 5, encoder))
        assert layers[2][1] == f"B × {letter} × 64"


def test_dry_run_learns_one_batch_and_writes_nothing(make_config, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = dry_run(make_config())
    assert result.facts["train strings"] == "40"
    assert result.facts["steps"] == "10 of 8 strings"
    assert result.facts["classes"] == "2: absent, present"
    assert result.facts["loss"].startswith("bce: 0.")
    assert not list(tmp_path.iterdir())
