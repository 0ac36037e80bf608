import re
import subprocess
import sys

import pytest

from nlptrain.errors import TrainingError
from nlptrain.reporting.audience import Audience
from nlptrain.training import memory
from nlptrain.training.memory import check_memory, estimate_need, find_free_memory
from nlptrain.training.preparation import prepare
from nlptrain.training.resume import resume

SMALL = (
    "data.task.lengths=[10, 10]",
    "data.sizes={train: 64, validation: 12, test: 12}",
    "model.embedding.dim=4",
    "model.encoder.hidden_size=5",
    "training.batch_size=8",
)


@pytest.fixture
def need(make_config):
    def estimate(*overrides, encoder="rnn"):
        config = make_config(*SMALL, *overrides, encoder=encoder)
        return estimate_need(config, prepare(config))

    return estimate


def test_need_is_that_of_a_case_on_paper(need, make_config):
    config = make_config(*SMALL, "optimizer.type=adam", "training.dtype=float32")
    shapes = prepare(config).architecture.parameter_shapes()
    vocabulary = shapes["embedding.weight"][0]
    # Embedding, input and recurrent weights with two biases, and the head with its bias.
    parameters = vocabulary * 4 + 5 * 4 + 5 * 5 + 2 * 5 + 5 + 1
    found = need("optimizer.type=adam", "training.dtype=float32")
    # Values, gradients and the two means of Adam; the largest array once more in float64.
    assert found.parameters == parameters * 4 * 4 + vocabulary * 4 * 8
    # 8 strings of 10 characters, 5 products at each, with their gradients.
    assert found.batch == 2 * 8 * 10 * 5 * 4


def test_need_counts_the_heads_of_the_branches(need):
    # A second branch of 4 numbers: one weight for each, two of 5 and 4 in heads of their own.
    branches = "model.encoders=[{type: rnn, hidden_size: 5}, {type: pooling}]"
    plain = (
        "model.encoder=null",
        branches,
        "optimizer={type: sgd, momentum: 0}",
        "training.dtype=float32",
    )
    joint, each = need(*plain), need(*plain, "model.heads=each")
    # Values and gradients.
    assert each.parameters - joint.parameters == 2 * 4 * ((5 + 1) + (4 + 1))


def test_need_grows_with_precision_state_and_cell(need):
    plain = need("optimizer={type: sgd, momentum: 0}", "training.dtype=float32")
    assert need("optimizer={type: sgd, momentum: 0}", "training.dtype=float64").batch == (
        2 * plain.batch
    )
    momentum = need("optimizer={type: sgd, momentum: 0.9}", "training.dtype=float32")
    assert momentum.parameters > plain.parameters
    lstm = need(
        "optimizer={type: sgd, momentum: 0}", "training.dtype=float32", "model.encoder.cell=lstm"
    )
    assert lstm.batch == 4 * plain.batch


@pytest.mark.parametrize("encoder", ["rnn", "cnn", "pooling"])
def test_every_encoder_fits_where_there_is_room(make_config, encoder):
    config = make_config(encoder=encoder)
    check_memory(config, prepare(config))


def test_network_that_is_too_large_is_refused_with_numbers_and_remedy(make_config):
    config = make_config("model.encoder.hidden_size=60000", encoder="rnn")
    with pytest.raises(TrainingError) as error:
        check_memory(config, prepare(config))
    message = str(error.value)
    assert re.search(r"needs at least [\d.,]+ GiB, and [\d.,]+ .iB are free", message)
    assert re.search(r"[\d.,]+ GiB for 3,60\d,\d{3},\d{3} parameters", message)
    assert message.endswith("--set model.encoder.hidden_size=…")


def test_members_need_their_parameters_each_and_a_batch_where_computed_at_once(
    make_config, monkeypatch
):
    config = make_config(*SMALL, "training.members=3", "model.encoder.hidden_size=200")
    preparation = prepare(config)
    need = estimate_need(config, preparation)
    room = 3 * need.parameters + 2 * need.batch
    monkeypatch.setattr(memory, "find_free_memory", lambda: room)
    check_memory(config, preparation, networks=3, at_once=2)
    monkeypatch.setattr(memory, "find_free_memory", lambda: room - 1)
    with pytest.raises(TrainingError, match=r"for 3 × [\d,]+ parameters with") as error:
        check_memory(config, preparation, networks=3, at_once=2)
    assert str(error.value).endswith(
        "; train fewer members: --set training.members=…, or make the network smaller: "
        "--set model.encoder.hidden_size=…"
    )


def test_long_string_is_named_with_its_line(make_config, tmp_path, monkeypatch):
    rows = [f"{'ab' * (number % 5 + 1)}{number},{number % 2}" for number in range(60)]
    rows.insert(30, "a" * 5000 + ",1")
    path = tmp_path / "long.csv"
    path.write_text("\n".join(["text,label", *rows]))
    config = make_config("data.task=null", f"data.file={{path: {path}}}", "data.sizes=null")
    preparation = prepare(config)
    monkeypatch.setattr(memory, "find_free_memory", lambda: 1 << 10)
    with pytest.raises(
        TrainingError, match=f"the longest has 5,000 characters \\({path}:32\\); cut long strings"
    ):
        check_memory(config, preparation)


@pytest.mark.parametrize(
    ("limit", "use", "free"), [("1000", "300", 700), ("1000", "2000", 0), ("max", "5", None)]
)
def test_control_group_counts(tmp_path, monkeypatch, limit, use, free):
    files = tmp_path / "limit", tmp_path / "use"
    for path, text in zip(files, (limit, use), strict=True):
        path.write_text(text)
    whole = find_free_memory()
    monkeypatch.setattr(memory, "CGROUP_FILES", (tuple(map(str, files)),))
    assert find_free_memory() == pytest.approx(whole if free is None else free, rel=0.3)


@pytest.mark.skipif(sys.platform != "linux", reason="the limit counts on Linux")
def test_limit_of_the_process_counts():
    program = """
import resource
from nlptrain.training.memory import find_free_memory
resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
print(find_free_memory())
"""
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert 0 < int(found.stdout) < 2 << 30


@pytest.mark.parametrize(
    "lack", [MemoryError(), RuntimeError("DefaultCPUAllocator: can't allocate memory")]
)
@pytest.mark.parametrize("record", [2, 9])
def test_lack_in_the_middle_keeps_the_checkpoint_and_says_so(train, only_run, act_at, lack, record):
    def run_out():
        raise lack

    settings = ("training.checkpoint_every_steps=4", "training.epochs=3")
    with pytest.raises(TrainingError, match="not enough memory") as error:
        train(*settings, audience=act_at(record, run_out))
    folder = only_run()
    saved = "its last checkpoint is kept" if record == 9 else "it has no checkpoint yet"
    assert saved in str(error.value)
    assert str(error.value).endswith(f"nlptrain resume {folder.path}")
    assert folder.read_record().status == "failed"
    assert resume(folder, audience=Audience()).scores is not None
