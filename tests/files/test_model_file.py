from dataclasses import asdict, fields, replace

import numpy as np
import pytest

from nlptrain.errors import RunFolderError
from nlptrain.files.array_file import load_arrays, save_arrays
from nlptrain.files.model_file import ModelFile, TextPipeline
from nlptrain.numpy_nn.architecture import Architecture
from nlptrain.numpy_nn.convolution import Convolutional
from nlptrain.numpy_nn.encoders import Pooling
from nlptrain.numpy_nn.ngrams import NGrams
from nlptrain.numpy_nn.recurrent import Recurrent
from nlptrain.text.vocabulary import Vocabulary


def make(encoder=None, **changes):
    """Make a model of the characters a and b with arrays of ones."""
    architecture = Architecture(
        vocabulary_size=4,
        num_classes=2,
        embedding_dim=3,
        encoder=encoder or Pooling(),
        output="sigmoid",
    )
    shapes = architecture.parameter_shapes() | architecture.buffer_shapes()
    model = ModelFile(
        architecture=architecture,
        arrays={name: np.ones(shape, np.float32) for name, shape in shapes.items()},
        text=TextPipeline(Vocabulary("ab")),
        labels=("no", "yes"),
        loss="bce",
    )
    return replace(model, **changes)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "model.safetensors"


@pytest.fixture
def rewrite(path):
    """Save a good model, then change its description or its arrays."""
    make().save(path)

    def write(arrays=None, **metadata):
        old_arrays, old_metadata = load_arrays(path)
        save_arrays(path, old_arrays if arrays is None else arrays, old_metadata | metadata)

    return write


@pytest.mark.parametrize(
    "encoder",
    [Pooling(), Recurrent(cell="lstm", bidirectional=True), Convolutional(kernel_sizes=(2, 3))],
)
def test_model_comes_back_as_it_was(path, encoder):
    text = TextPipeline(Vocabulary("b\0"), 5, "NFKC", lowercase=True, strip=True)
    saved = make(
        encoder,
        text=text,
        labels=("ja", "\ud800"),
        columns=(0, 1),
        threshold=0.25,
        temperature=1.5,
        loss="mse",
        head_weights=(0.5,),
    )
    saved.save(path)
    loaded = ModelFile.load(path)
    for field in fields(saved):
        if field.name != "arrays":
            assert getattr(loaded, field.name) == getattr(saved, field.name)
    assert loaded.arrays.keys() == saved.arrays.keys()


def stack(model, members):
    arrays = {name: np.stack([array] * members) for name, array in model.arrays.items()}
    return replace(model, arrays=arrays, members=members)


def test_members_come_back_with_an_axis_of_their_own(path):
    stack(make(), 3).save(path)
    loaded = ModelFile.load(path)
    assert loaded.members == 3
    assert loaded.arrays["embedding.weight"].shape == (3, 4, 3)


def test_file_of_one_network_does_not_speak_of_members(path):
    make().save(path)
    assert "members" not in load_arrays(path)[1]
    assert ModelFile.load(path).members == 1


@pytest.mark.parametrize("members", [1, 2, 4, 0, -3, "3", None, True, 3.0, 10**15])
def test_other_number_of_members_than_of_arrays_is_refused(path, members):
    stack(make(), 3).save(path)
    arrays, metadata = load_arrays(path)
    save_arrays(path, arrays, metadata | {"members": members})
    with pytest.raises(RunFolderError, match="damaged"):
        ModelFile.load(path)


def test_same_model_gives_the_same_bytes(path):
    make().save(path)
    first = path.read_bytes()
    make().save(path)
    assert path.read_bytes() == first


def test_pipeline_normalizes_then_strips_then_cuts():
    pipeline = TextPipeline(Vocabulary("åb"), max_length=2, lowercase=True, strip=True)
    encoded = pipeline.encode(["  A\N{COMBINING RING ABOVE}bb\u3000"])
    assert encoded.batch(np.array([0]))[0].tolist() == [[1, 2]]
    assert encoded.cut == 1


def test_older_file_without_a_temperature_has_one_of_1(path):
    make(temperature=3.0).save(path)
    arrays, metadata = load_arrays(path)
    del metadata["temperature"]
    save_arrays(path, arrays, metadata)
    assert ModelFile.load(path).temperature == 1.0


def test_checkpoint_is_no_model(rewrite, path):
    rewrite(format="checkpoint")
    with pytest.raises(RunFolderError, match="a checkpoint cannot predict"):
        ModelFile.load(path)


@pytest.mark.parametrize("version", [0, 2, "1", None, True, 1.0])
def test_other_format_version_is_named(rewrite, path, version):
    rewrite(format_version=version)
    with pytest.raises(
        RunFolderError, match=f"model format {version!r}; nlptrain .* reads format 1; use"
    ):
        ModelFile.load(path)


@pytest.mark.parametrize(
    "description",
    [
        {"labels": ["no"]},
        {"labels": ["no", 1]},
        {"labels": None},
        {"loss": "hinge"},
        {"characters": "abc"},
        {"characters": ["a", "b"]},
        {"columns": []},
        {"threshold": None},
        {"temperature": 0.0},
        {"temperature": "hot"},
        {"head_weights": [1.0, 0.5]},
        {"head_weights": ["1"]},
        {"max_length": "5"},
        {"unicode": "NFX"},
        {"architecture": {}},
        {"architecture": "rnn"},
    ],
)
def test_description_that_makes_no_sense_is_damaged(rewrite, path, description):
    rewrite(**description)
    with pytest.raises(RunFolderError, match=r"model\.safetensors: damaged: "):
        ModelFile.load(path)


@pytest.mark.parametrize(
    "change",
    [
        {"readout": "attention"},
        {"activation": "gelu"},
        {"normalization": "group"},
        {"output": "hinge"},
        {"num_classes": 3},
        {"embedding_dim": 4},
        {"embedding_dim": "3"},
        {"encoder": {"type": "transformer"}},
        {"encoder": {"type": "rnn", "cell": "mgu"}},
        {"heads": "each"},
        {"heads": "all"},
        {"later": 1},
    ],
)
def test_network_of_another_kind_is_damaged(rewrite, path, change):
    rewrite(architecture=make().architecture.to_json() | change)
    with pytest.raises(RunFolderError, match=r"model\.safetensors: damaged: "):
        ModelFile.load(path)


@pytest.mark.parametrize(
    "change",
    [
        {"sizes": []},
        {"sizes": [0]},
        {"sizes": [2, 1]},
        {"sizes": "12"},
        {"count": 0},
        {"combine": "max"},
        {"hashed": False},
        {"vocabulary_size": 2**40},
    ],
)
def test_ngrams_that_make_no_sense_are_damaged(path, change):
    ngrams = NGrams(sizes=(1, 2), dim=2, count=5, hashed=True, vocabulary_size=4)
    make(ngrams).save(path)
    assert ModelFile.load(path).architecture.encoder == ngrams
    arrays, metadata = load_arrays(path)
    described = asdict(ngrams) | change
    # As many rows as it says, so that only the settings are at fault.
    arrays["encoder.weight"] = np.ones((described["count"], 2), np.float32)
    metadata["architecture"]["encoder"] = described
    save_arrays(path, arrays, metadata)
    with pytest.raises(RunFolderError, match=r"model\.safetensors: damaged: "):
        ModelFile.load(path)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"head.0.bias": None}, r"head\.0\.bias is missing"),
        ({"extra": np.ones(1)}, "'extra' is not part of the network"),
        ({"head.0.weight": np.ones((1, 2))}, r"head\.0\.weight has shape \(1, 2\), .* \(1, 3\)"),
        ({"head.0.bias": np.ones(1, int)}, r"head\.0\.bias has type int64, not float32 or float64"),
    ],
)
def test_wrong_arrays_are_named(rewrite, path, change, problem):
    arrays = {**make().arrays, **change}
    rewrite({name: array for name, array in arrays.items() if array is not None})
    with pytest.raises(RunFolderError, match=f"damaged: {problem}"):
        ModelFile.load(path)
