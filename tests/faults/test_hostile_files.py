"""Files made to do harm: one error, little memory, and nothing in them is ever run."""

import ast
import copy
import json
import pickle
import random
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import nlptrain
from nlptrain.comparison.trials.store import TRIALS_FILE, TrialStore
from nlptrain.config.load import load_config
from nlptrain.errors import ConfigError, DataError, RunFolderError
from nlptrain.files.array_file import load_arrays, save_arrays
from nlptrain.files.model_file import ModelFile
from nlptrain.files.storage import read_json, write_json
from nlptrain.inference.model import Model
from nlptrain.runs.folder import RunFolder
from nlptrain.text.vectors import read_vectors
from nlptrain.training.checkpoint import Checkpoint

TINY = (
    "engine=numpy",
    "data.sizes.train=40",
    "data.sizes.validation=12",
    "data.sizes.test=12",
    "model.embedding.dim=2",
    "model.encoder.hidden_size=2",
    "training.epochs=2",
    "training.batch_size=8",
    "training.evaluate_every_steps=5",
    "logging.tensorboard=false",
)
LOADERS = {"model": ModelFile.load, "checkpoint": Checkpoint.load}
VALUES = [
    *(None, True, False, -1, 0, 1, 2, 3.5, 1e308, 10**30, 2**62, 2**40),
    *(float("nan"), float("inf"), "", "x", "\x1b[31m", "\ud800", "a" * 5000),
    *([], {}, [[]], [1], [-1], ["a", "a"], {"a": 1}, [True], [None, None]),
]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Train a network of some bytes."""
    folder = tmp_path_factory.mktemp("runs")
    return nlptrain.train("rnn", overrides=TINY, runs_dir=folder).folder.path


@pytest.fixture(params=LOADERS)
def kind(request):
    return request.param


def problem_of(load, path):
    """Load a file: what is wrong with it in one line, or None."""
    try:
        load(path)
    except RunFolderError as error:
        problem = str(error)
        assert problem.startswith(f"{path}: ")
        assert len(problem.splitlines()) == 1
        assert len(problem) < 500
        return problem
    return None


@pytest.mark.long
def test_a_file_cut_anywhere_is_refused(run, tmp_path, kind):
    whole, path = (run / f"{kind}.safetensors").read_bytes(), tmp_path / "cut"
    for length in range(0, len(whole), 1 if kind == "model" else 7):
        path.write_bytes(whole[:length])
        assert problem_of(LOADERS[kind], path)


@pytest.mark.long
def test_a_header_with_a_flipped_bit_is_refused_or_still_whole(run, tmp_path, kind):
    whole, path = (run / f"{kind}.safetensors").read_bytes(), tmp_path / "flipped"
    chance, refused = random.Random(0), 0
    size = 8 + int.from_bytes(whole[:8], "little")
    for place in range(0, size, 1 if kind == "model" else 5):
        damaged = bytearray(whole)
        damaged[place] ^= 1 << chance.randrange(8)
        path.write_bytes(damaged)
        refused += problem_of(LOADERS[kind], path) is not None
        if kind == "model" and place % 10 == 0 and problem_of(ModelFile.load, path) is None:
            decisions = Model(path, ModelFile.load(path)).decide(["abcd", "", "你"])
            assert np.isfinite(decisions.probabilities).all()
    assert refused > 0.6 * size / (1 if kind == "model" else 5)


def paths_in(value, path=()):
    """List the places in JSON."""
    yield path
    entries = dict(enumerate(value)) if isinstance(value, list) else value
    for key, below in entries.items() if isinstance(entries, dict) else ():
        yield from paths_in(below, (*path, key))


def put(value, path, new):
    if not path:
        return new
    changed = copy.deepcopy(value)
    place = changed
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = new
    return changed


@pytest.mark.long
def test_a_description_of_other_values_is_refused_or_predicts(run, tmp_path):
    arrays, metadata = load_arrays(run / "model.safetensors")
    path, accepted = tmp_path / "changed", set()
    for place in paths_in(metadata):
        for value in VALUES:
            save_arrays(path, arrays, put(metadata, place, value))
            if problem_of(ModelFile.load, path) is None:
                accepted.add(place)
                decisions = Model(path, ModelFile.load(path)).decide(["abcd", "", "你"])
                assert np.isfinite(decisions.probabilities).all()
    free = {"columns", "labels", "max_length", "lowercase", "strip", "threshold", "temperature"}
    sizes = {("architecture", "dropout"), ("architecture", "head_hidden_sizes")}
    same = {place for place in accepted if place[-1:] == ("format_version",)}
    assert {place for place in accepted - same if place[0] not in free} <= sizes | {
        ("architecture", "num_classes"),
        ("architecture", "embedding_dim"),
        ("architecture", "encoder", "hidden_size"),
        ("architecture", "encoder", "num_layers"),
        ("architecture", "encoder", "bidirectional"),
    }


@pytest.mark.long
def test_a_checkpoint_of_other_values_is_refused_or_of_the_right_types(run, tmp_path):
    state, metadata = load_arrays(run / "checkpoint.safetensors")
    path = tmp_path / "changed"
    for place in paths_in(metadata):
        for value in VALUES[::2]:
            save_arrays(path, state, put(metadata, place, value))
            if problem_of(Checkpoint.load, path) is None and place[:1] == ("progress",):
                assert isinstance(value, int | float | dict)


def build(header, data=b""):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def described(text):
    return build({"__metadata__": {"nlptrain": text}})


def one_array(**entry):
    return build({"x": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]} | entry}, bytes(4))


class Bomb:
    """What a pickle could do."""

    def __reduce__(self):
        return Path.touch, (Path("exploded"),)


HEADERS = {
    "claims terabytes": struct.pack("<Q", 2**42) + b"{}",
    "claims all there is": b"\xff" * 100,
    "is 20 MB of spaces": struct.pack("<Q", 20 * 2**20) + b"{" + b" " * (20 * 2**20 - 2) + b"}",
    "nests deep": build(b'{"a":' + b"[" * 10**5 + b"]" * 10**5 + b"}"),
    "has a huge shape": one_array(shape=[2**40, 2**40]),
    "has a shape beyond 64 bits": one_array(shape=[2**70]),
    "has a terabyte of array": one_array(shape=[2**38], data_offsets=[0, 2**40]),
    "has a negative offset": one_array(data_offsets=[-4, 0]),
    "has offsets backward": one_array(data_offsets=[4, 0]),
    "has a dtype that NumPy lacks": one_array(dtype="F8_E4M3", shape=[4]),
    "has bfloat16": one_array(dtype="BF16", shape=[2]),
    "has an unknown dtype": one_array(dtype="F128"),
    "overlaps": build(
        {
            name: {"dtype": "F32", "shape": [1], "data_offsets": [start, start + 4]}
            for name, start in (("x", 0), ("y", 2))
        },
        bytes(6),
    ),
    "describes nothing": described(""),
    "describes a list": described("[]"),
    "describes deep lists": described("[" * 10**6),
    "describes deep objects": described('{"a":' * 10**5),
    "describes a long number": described("1" * 5000),
    "is not ours": one_array(),
    "climbs": build({"../../x": {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]}}),
    "is a pickle": pickle.dumps(Bomb()),
    "is a zip": b"PK\x03\x04" + bytes(100),
}


@pytest.mark.parametrize("content", HEADERS.values(), ids=HEADERS)
@pytest.mark.parametrize("load", LOADERS.values(), ids=LOADERS)
def test_a_hostile_header_is_one_message(workplace, content, load):
    path = workplace / "hostile.safetensors"
    path.write_bytes(content)
    assert problem_of(load, path)
    assert not (workplace / "exploded").exists()


MEASURE = """
import sys
from nlptrain.files.model_file import ModelFile
from nlptrain.errors import RunFolderError
from pathlib import Path
import safetensors

def peak():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))

before = peak()
for path in sys.argv[1:]:
    try:
        ModelFile.load(Path(path))
        sys.exit("loaded")
    except RunFolderError:
        pass
print(peak() - before)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux's /proc")
def test_a_hostile_header_costs_little_memory(run, tmp_path):
    arrays, metadata = load_arrays(run / "model.safetensors")
    layers = put(metadata, ("architecture", "encoder", "num_layers"), 2**40)
    save_arrays(tmp_path / "layers", arrays, layers)
    for number, name in enumerate(("claims terabytes", "is 20 MB of spaces", "has a huge shape")):
        (tmp_path / str(number)).write_bytes(HEADERS[name])
    paths = [tmp_path / name for name in ("layers", "0", "1", "2")]
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, *paths], capture_output=True, text=True, check=True
    )
    assert int(done.stdout) < 30_000  # kB


def cut(name):
    return lambda state: state.pop(name)


def replace(name, array):
    return lambda state: state.update({name: array})


FIRST = "optimizer.exp_avg.head.0.weight"
STATES = {
    "lacks a parameter": cut("head.0.weight"),
    "lacks a moment": cut(FIRST),
    "lacks a count": cut("optimizer.step.head.0.weight"),
    "has a stranger": replace("../../x\x1b[31m", np.zeros(2, np.float32)),
    "has another shape": replace("head.0.weight", np.zeros((2, 1), np.float32)),
    "has a shape that fits by broadcasting": replace("head.0.weight", np.zeros((), np.float32)),
    "has a moment of another shape": replace(FIRST, np.zeros((1, 1), np.float32)),
    "has whole numbers": replace("head.0.weight", np.zeros((1, 2), np.int64)),
    "has NaN": replace("head.0.weight", np.full((1, 2), np.nan, np.float32)),
    "has an infinite moment": replace(FIRST, np.full((1, 2), np.inf, np.float32)),
}


@pytest.mark.parametrize("change", STATES.values(), ids=STATES)
def test_a_checkpoint_of_other_arrays_is_one_message(cli, run, workplace, change):
    folder = workplace / "runs" / "rnn-001"
    folder.mkdir(parents=True)
    for name in ("config.yaml", "run.json", "metrics.jsonl"):
        (folder / name).write_bytes((run / name).read_bytes())
    state, metadata = load_arrays(run / "checkpoint.safetensors")
    change(state)
    save_arrays(folder / "checkpoint.safetensors", state, metadata)
    write_json(folder / "run.json", read_json(folder / "run.json") | {"status": "killed"})
    code, out, err = cli("resume", "rnn-001")
    assert (code, out) == (1, "")
    assert err.startswith("runs/rnn-001/checkpoint.safetensors: damaged: ")
    assert (err.count("\n"), "\x1b" in err) == (1, False)


@pytest.mark.long
def test_a_record_of_other_values_is_refused_or_shown(cli, run, workplace):
    folder = workplace / "runs" / "rnn-001"
    folder.mkdir(parents=True)
    record = read_json(run / "run.json")
    for key in record:
        for value in (*VALUES[::3], "0001-01-01T00:00:00+00:00", "9999-12-31T23:59:59-12:00"):
            (folder / "run.json").write_text(json.dumps(record | {key: value}))
            if problem_of(lambda path: RunFolder(path.parent).read_record(), folder / "run.json"):
                continue
            code, out, err = cli("runs", "show", "rnn-001")
            assert (code, err) == (0, "")
            assert "\x1b" not in out


TRIAL = {
    "contestant": "sgd",
    "stage": "final",
    "learning_rate": 0.1,
    "seed": 1,
    "steps": [5, 10],
    "seconds": [0.1, 0.2],
    "train_losses": [0.6, 0.5],
    "validation_losses": [0.6, 0.5],
    "validation_accuracies": [0.6, 0.7],
    "validation_macro_f1s": [0.6, 0.7],
    "best": 1,
    "test_accuracy": 0.7,
    "test_loss": 0.5,
    "diverged": False,
}
BAD_TRIALS = [
    {"best": 2},
    {"best": -1},
    {"best": "1"},
    {"steps": [5]},
    {"steps": None},
    {"stage": "\x1b[31m"},
    {"seed": 1.5},
    {"learning_rate": "0.1"},
    {"seconds": ["x", "y"]},
    {"diverged": 0},
    {"more": 1},
    {"contestant": ["sgd"]},
]


def test_a_good_trial_is_read(tmp_path):
    (tmp_path / TRIALS_FILE).write_text(f"{json.dumps(TRIAL)}\n")
    assert ("sgd", "final", 0.1, "{}", 1) in TrialStore(tmp_path)


@pytest.mark.parametrize("change", BAD_TRIALS, ids=str)
def test_a_bad_trial_is_named_with_its_line(tmp_path, change):
    lines = [json.dumps(TRIAL), json.dumps(TRIAL | change), json.dumps(TRIAL)]
    (tmp_path / TRIALS_FILE).write_text("\n".join([*lines, ""]))
    with pytest.raises(RunFolderError, match=r":2: damaged: .*; delete that line"):
        TrialStore(tmp_path)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no character vectors found"),
        (b"\x80\x04\x95", "not UTF-8"),
        (pickle.dumps(Bomb()), "not UTF-8"),
        (b"99999999999 2\n", "no character vectors found"),
        (b"a 1 nan\n", ":1: the numbers must be finite"),
        (b"a 1 1e999\n", ":1: the numbers must be finite"),
        (b"a 1\n", ":1: 1 numbers, but model.embedding.dim is 2"),
        (b"b 1 2\na " + b"1 " * 10**5, ":2: 100000 numbers"),
        (b"a 1 \x1b[31m\n", ":1: not a number: "),
    ],
)
def test_hostile_vectors_are_one_message(workplace, content, words):
    (workplace / "v.txt").write_bytes(content)
    with pytest.raises(DataError) as error:
        read_vectors(workplace / "v.txt", 2)
    assert words in str(error.value)
    assert str(error.value).isprintable()
    assert not (workplace / "exploded").exists()


@pytest.mark.parametrize(
    "name",
    ["..", "../x", "/x", "a/b", "a\\b", "a\nb", "a\n", "a\0", ".a", "-a", "a b", "é", "", "a" * 81],
)
def test_no_name_leads_out_of_the_runs_folder(name):
    with pytest.raises(ConfigError, match="name"):
        load_config("rnn", [f"name={json.dumps(name)}"])


def test_nothing_of_ours_reads_code_from_data():
    source = Path(nlptrain.__file__).parent
    found = set()
    # What it reads comes from the processes of the same training, over their own connection.
    between_processes = source / "training" / "distributed" / "group.py"
    for path in {*source.rglob("*.py")} - {between_processes}:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = {getattr(node, "module", None), *(alias.name for alias in node.names)}
                found |= names & {"pickle", "marshal", "shelve", "dill", "cloudpickle"}
            elif isinstance(node, ast.Call):
                found |= {ast.unparse(node.func)} & CALLS
    assert found == set()


CALLS = {
    "eval",
    "exec",
    "compile",
    "__import__",
    "torch.load",
    "np.load",
    "yaml.load",
    "joblib.load",
}
