import pytest
import torch
from threadpoolctl import threadpool_info

from nlptrain.config.load import load_config
from nlptrain.errors import ConfigError
from nlptrain.numpy_nn.architecture import Architecture
from nlptrain.numpy_nn.recurrent import Recurrent
from nlptrain.training.assembly import build_learner
from nlptrain.training.engine import (
    LONG_FOR_LSTM,
    ONE_THREAD,
    STATES_OF_LSTM,
    choose_engine,
    recorded_engine,
)
from nlptrain.training.numpy_learner import NumpyLearner
from nlptrain.training.preparation import prepare
from nlptrain.training.torch_learner import TorchLearner

SIZES = [f"data.sizes.{split}=40" for split in ("train", "validation", "test")]


@pytest.fixture
def make_config():
    """Load a packaged config with little data and the engine torch."""
    return lambda *overrides: load_config("rnn", [*SIZES, "engine=torch", *overrides]).config


@pytest.fixture
def threads(monkeypatch):
    """Note what is asked of torch, which cannot be asked to change its threads twice everywhere."""
    asked = []
    monkeypatch.setattr(torch, "set_num_threads", asked.append)
    monkeypatch.setattr("os.cpu_count", lambda: 7)
    return asked


def build(config):
    return build_learner(config, prepare(config))


def test_cuda_is_refused_where_there_is_none(make_config, monkeypatch):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
    for device in ("cuda", "cuda:1"):
        with pytest.raises(ConfigError, match="finds no CUDA device"):
            build(make_config(f"device={device}"))


def test_cuda_device_beyond_the_last_is_refused(make_config, monkeypatch):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    with pytest.raises(ConfigError, match="cuda:0 to cuda:1"):
        build(make_config("device=cuda:2"))


def test_auto_takes_the_cpu_where_there_is_no_cuda(make_config, monkeypatch):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
    assert build(make_config("device=auto")).device.type == "cpu"


def test_small_network_gets_one_thread(make_config, threads):
    build(make_config())
    assert threads == [1]


def test_large_network_gets_a_thread_a_processor(make_config, threads):
    build(make_config("model.encoder.hidden_size=1001"))
    assert ONE_THREAD < 1001**2
    assert threads == [7]


def test_threads_of_the_config_count(make_config, threads):
    build(make_config("training.threads=3"))
    assert threads == [3]


def choose(*overrides, length=8.0, **encoder):
    config = load_config("rnn", overrides).config
    architecture = Architecture(12, 2, 16, Recurrent(**encoder))
    return choose_engine(config, architecture, length).name


def test_auto_takes_numpy_for_a_small_network_and_torch_for_a_large_one():
    assert [choose(hidden_size=size) for size in (64, 1001)] == ["numpy", "torch"]


@pytest.mark.parametrize(
    ("hidden_size", "longest"), [(16, LONG_FOR_LSTM), (256, STATES_OF_LSTM / 256)]
)
def test_auto_takes_torch_for_an_lstm_in_one_direction_over_long_strings(hidden_size, longest):
    lstm = {"cell": "lstm", "hidden_size": hidden_size}
    assert choose(**lstm, length=longest + 1) == "torch"
    assert choose(**lstm, length=longest) == "numpy"
    assert choose(**lstm, length=longest + 1, bidirectional=True) == "numpy"
    assert choose(cell="gru", hidden_size=hidden_size, length=longest + 1) == "numpy"


def test_auto_computes_by_hand_where_there_is_no_torch(monkeypatch):
    monkeypatch.setattr("nlptrain.training.engine.is_installed", lambda package: False)
    config = load_config("rnn", ["engine=auto"]).config
    choice = choose_engine(config, Architecture(50, 2, 64, Recurrent(hidden_size=1_500)), 10)
    assert choice.name == "numpy"
    assert "torch would be faster" in choice.reason


def test_auto_takes_torch_where_cuda_is_asked_for():
    assert choose("device=cuda:1") == "torch"


def recall(versions, *overrides, **encoder):
    config = load_config("rnn", overrides).config
    architecture = Architecture(12, 2, 16, Recurrent(**encoder))
    return recorded_engine(config, architecture, versions).name


def test_run_whose_engine_auto_chose_goes_on_with_that():
    for name in ("numpy", "torch"):
        assert recall({"engine": name}) == name
    assert recall({"engine": "numpy"}, "engine=torch") == "torch"
    assert recall({"engine": "torch"}, "device=cuda:0") == "torch"


def test_run_of_the_first_release_goes_on_with_what_auto_chose_then():
    assert [recall({}, hidden_size=size) for size in (64, 450)] == ["numpy", "torch"]


@pytest.mark.parametrize("name", ["numpy", "torch"])
def test_engine_of_the_config_counts(name):
    assert [choose(f"engine={name}", hidden_size=size) for size in (64, 1001)] == [name, name]


def test_each_engine_has_its_learner(make_config):
    learners = [build(make_config(f"engine={name}")) for name in ("numpy", "torch", "auto")]
    assert list(map(type, learners)) == [NumpyLearner, TorchLearner, NumpyLearner]


def test_numpy_engine_takes_the_threads_of_the_config(make_config):
    for threads in (2, 1):
        build(make_config("engine=numpy", f"training.threads={threads}"))
        assert {
            pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"
        } == {threads}


def test_numpy_has_no_cuda():
    with pytest.raises(ConfigError, match="device=cuda: 'cuda' requires engine: torch"):
        load_config("rnn", ["engine=numpy", "device=cuda"])
