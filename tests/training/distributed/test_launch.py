import pytest
import torch

from nlptrain.errors import ConfigError
from nlptrain.training.distributed.launch import Launch, find_launch
from nlptrain.training.distributed.leader import check_cuda

TOLD = {"RANK": "3", "WORLD_SIZE": "4", "LOCAL_RANK": "1", "LOCAL_WORLD_SIZE": "2"}


@pytest.mark.parametrize(
    ("changed", "launch"),
    [
        ({}, Launch(rank=3, size=4, local_rank=1, local_size=2)),
        ({"RANK": "0", "WORLD_SIZE": "1", "LOCAL_RANK": "0", "LOCAL_WORLD_SIZE": "1"}, None),
        ({"RANK": "of the officer"}, None),
    ],
)
def test_a_process_knows_its_place_from_torchrun(monkeypatch, changed, launch):
    for name, value in (TOLD | changed).items():
        monkeypatch.setenv(name, value)
    assert find_launch() == launch


@pytest.mark.parametrize("missing", TOLD)
def test_a_process_that_is_told_less_works_alone(monkeypatch, missing):
    for name, value in TOLD.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv(missing)
    assert find_launch() is None


@pytest.mark.parametrize(
    ("device", "processes", "message"),
    [
        ("cuda:1", 2, "device: 'cuda:1' is one device, but torchrun started 2 processes here"),
        ("cuda", 3, "torchrun started 3 processes here, but torch finds 2 CUDA devices"),
    ],
)
def test_each_process_needs_a_cuda_device_of_its_own(monkeypatch, device, processes, message):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    with pytest.raises(ConfigError, match=message):
        check_cuda(device, processes)
    check_cuda("cuda", 2)
