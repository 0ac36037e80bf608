import platform

import pytest
import torch
from threadpoolctl import threadpool_info

from nlptrain.training import machine
from nlptrain.training.machine import describe_machine
from nlptrain.training.preparation import prepare


@pytest.fixture
def describe(make_config):
    """Describe what computes a small config."""

    def run(*overrides):
        config = make_config(*overrides)
        return describe_machine(config, prepare(config))

    return run


def test_record_of_a_run_says_what_computed_it(train, engine):
    versions = train("training.threads=1").folder.read_record().versions
    assert (versions["engine"], versions["device"], versions["threads"]) == (engine, "cpu", "1")
    assert versions["processor"]
    assert versions["numpy"]


def test_threads_are_those_of_the_config(describe):
    assert describe("training.threads=2")["threads"] == "2"


def test_blas_is_the_one_that_is_loaded(describe):
    libraries = [each for each in threadpool_info() if each["user_api"] == "blas"]
    assert libraries
    for library in libraries:
        assert f"{library['version']} {library['architecture']}" in describe()["blas"]


def test_instructions_of_torch_are_named_where_it_computes(describe, engine):
    found = describe().get("torch_instructions")
    assert found == (torch.backends.cpu.get_cpu_capability() if engine == "torch" else None)


def test_processor_is_the_first_that_the_system_names(describe, tmp_path, monkeypatch):
    monkeypatch.setattr(machine, "PROCESSORS", tmp_path / "cpuinfo")
    machine.PROCESSORS.write_text("processor\t: 0\nmodel name\t: Fast 9000\n" * 2)
    assert describe()["processor"] == "Fast 9000"


def test_processor_without_a_name_is_called_by_its_kind(describe, tmp_path, monkeypatch):
    monkeypatch.setattr(machine, "PROCESSORS", tmp_path / "missing")
    assert describe()["processor"] in (platform.processor(), platform.machine())
