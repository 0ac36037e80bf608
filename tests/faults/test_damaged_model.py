"""A model file that is not what it should be: one message, exit 1, no traceback."""

import struct

import numpy as np
import pytest
from safetensors.numpy import save_file

from nlptrain.files.array_file import load_arrays, save_arrays


def truncate(path):
    path.write_bytes(path.read_bytes()[:-20])


def empty(path):
    path.write_bytes(b"")


def replace_by_noise(path):
    path.write_bytes(np.random.default_rng(0).bytes(2000))


def claim_a_huge_header(path):
    path.write_bytes(struct.pack("<Q", 2**63) + path.read_bytes()[8:])


def spoil_the_header(path):
    content = bytearray(path.read_bytes())
    content[10:20] = b"\xff" * 10
    path.write_bytes(content)


def replace_by_text(path):
    path.write_text('{"format": "model"}')


def replace_by_foreign_arrays(path):
    save_file({"weight": np.zeros((2, 2))}, path)


def spoil_the_description(path):
    save_file({"weight": np.zeros((2, 2))}, path, metadata={"nlptrain": "not json"})


def drop_an_array(path):
    arrays, metadata = load_arrays(path)
    del arrays["head.0.weight"]
    save_arrays(path, arrays, metadata)


def transpose_an_array(path):
    arrays, metadata = load_arrays(path)
    arrays["head.0.weight"] = arrays["head.0.weight"].T
    save_arrays(path, arrays, metadata)


def come_from_the_future(path):
    arrays, metadata = load_arrays(path)
    save_arrays(path, arrays, metadata | {"format_version": 99})


def replace_by_the_checkpoint(path):
    path.write_bytes(path.with_name("checkpoint.safetensors").read_bytes())


DAMAGES = [
    truncate,
    empty,
    replace_by_noise,
    claim_a_huge_header,
    spoil_the_header,
    replace_by_text,
    replace_by_foreign_arrays,
    spoil_the_description,
    drop_an_array,
    transpose_an_array,
    come_from_the_future,
    replace_by_the_checkpoint,
]


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("command", [("predict", "abcd", "--run"), ("evaluate",)], ids=" ".join)
def test_damaged_model_is_one_message(cli, runs, command, damage):
    path = runs / "rnn-001" / "model.safetensors"
    damage(path)
    code, out, err = cli(*command, "rnn-001")
    assert (code, out) == (1, "")
    assert err.startswith("runs/rnn-001/model.safetensors: ")
    assert err.count("\n") == 1


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_model_does_not_spoil_the_list_of_runs(cli, runs, damage):
    damage(runs / "rnn-001" / "model.safetensors")
    assert cli("runs").code == 0
    assert cli("runs", "show", "rnn-001").code == 0


def test_checkpoint_as_run_is_one_message(cli, runs):
    code, out, err = cli("predict", "abcd", "--run", "runs/rnn-001/checkpoint.safetensors")
    assert (code, out) == (1, "")
    assert "not a model file (a checkpoint cannot predict)" in err


def test_missing_model_is_one_message(cli, runs):
    (runs / "rnn-001" / "model.safetensors").unlink()
    code, out, err = cli("predict", "abcd")
    assert (code, out) == (1, "")
    assert "runs/rnn-001: no model file; " in err
