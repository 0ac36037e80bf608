import pytest
import torch

from nlptrain.errors import ConfigError
from nlptrain.training.engine import SMALL_NETWORK, build_learner
from nlptrain.training.preparation import prepare


@pytest.fixture
def threads(monkeypatch):
    """Note what is asked of torch, which cannot be asked to change its threads twice everywhere."""
    asked = []
    monkeypatch.setattr(torch, "set_num_threads", asked.append)
    monkeypatch.setattr(torch, "get_num_threads", lambda: 7)
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


def test_large_network_gets_torchs_threads(make_config, threads):
    build(make_config("model.encoder.hidden_size=450"))
    assert SMALL_NETWORK < 450**2
    assert threads == [7]


def test_threads_of_the_config_count(make_config, threads):
    build(make_config("training.threads=3"))
    assert threads == [3]
