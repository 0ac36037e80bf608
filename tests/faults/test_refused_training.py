"""Trainings that cannot be: one message, exit 1, and no run folder."""

import pytest


@pytest.fixture
def refuse(cli, workplace):
    """Train, and return the message of the refusal."""

    def train(*settings, config="own_file"):
        arguments = [argument for setting in settings for argument in ("--set", setting)]
        code, out, err = cli("train", config, *arguments)
        assert (code, out) == (1, "")
        assert "Traceback" not in err
        assert not (workplace / "runs").exists()
        return err

    return train


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "mine.csv: the file is empty"),
        ("text,label\n", "mine.csv: no rows, only column names"),
        ("text,label\n" + "".join(f"{c},x\n" for c in "abcdef"), "only one is left: 'x'"),
        ("text,label\na,\nb,x\nc,y\n", "mine.csv:2: no label"),
        ("text,kind,n\na,x,1\nb,y,2\n", "no column 'label'; there is 'text', 'kind', 'n'"),
        ("text,label\na,x\nb,y\nb,y,z\n", "mine.csv:4: 3 fields instead of 2"),
        ("text,label\n\udcff,x\nb,y\n", "mine.csv:2: bytes that are not valid utf-8"),
    ],
)
def test_data_file_that_cannot_be_trained_on(refuse, workplace, content, problem):
    (workplace / "mine.csv").write_bytes(content.encode("utf-8", "surrogateescape"))
    settings = ["data.file.path=mine.csv", "data.file.label=label"]
    assert problem in refuse(*settings)


def test_data_file_that_is_not_there(refuse):
    assert "none.csv: " in refuse("data.file.path=none.csv")


def test_data_file_that_is_an_empty_folder(refuse, workplace):
    (workplace / "some.csv").mkdir()
    assert "some.csv: holds no file whose ending tells" in refuse("data.file.path=some.csv")


@pytest.mark.parametrize("device", ["cuda", "cuda:0", "cuda:7"])
def test_cuda_where_there_is_none(refuse, device):
    import torch

    if torch.cuda.is_available():
        pytest.skip("there is a CUDA device")
    err = refuse(f"device={device}", config="rnn")
    assert "finds no CUDA device; use device: cpu or auto" in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    "setting",
    [
        "data.sizes.train=100000000",
        "model.loss=mse",
        "text.vocabulary=aa",
        "training.epoch=1",
        "seed=-1",
        "name=../up",
        "engine=jax",
    ],
)
def test_setting_that_cannot_be(refuse, setting):
    assert refuse(setting, config="position")


def test_config_that_is_not_there(refuse):
    err = refuse(config="rrn")
    assert err.startswith("rrn: no such file\n")
    assert "did you mean 'rnn'?" in err
