"""Products of rounded numbers: what is rounded, what is not, and by how much results differ."""

import numpy as np
import pytest
import torch

from every_kind import NORMALIZATIONS, OPTIMIZER_TYPES
from nlptrain.config.load import load_config
from nlptrain.errors import ConfigError, RunFolderError
from nlptrain.files.model_file import ModelFile
from nlptrain.torch_nn import precision
from nlptrain.training.assembly import build_learner
from nlptrain.training.device_batch import move_batch
from nlptrain.training.engine import choose_engine
from nlptrain.training.machine import describe_machine
from nlptrain.training.preparation import prepare
from nlptrain.training.resume import resume
from nlptrain.training.run import start
from nlptrain.training.torch_precision import prepare_precision

SMALL = (
    *("engine=torch", "device=cpu", "text.min_count=1", "logging.tensorboard=false"),
    *("data.sizes={train: 64, validation: 32, test: 32}", "training.batch_size=32"),
)
CPU, CUDA = torch.device("cpu"), torch.device("cuda")
ENCODERS = {
    "pooling": "model.encoder={type: pooling}",
    "rnn": "model.encoder={type: rnn, hidden_size: 16}",
    "relu": "model.encoder={type: rnn, cell: rnn_relu, hidden_size: 16}",
    "gru": "model.encoder={type: rnn, cell: gru, hidden_size: 16, bidirectional: true}",
    "lstm": "model.encoder={type: rnn, cell: lstm, hidden_size: 16, num_layers: 2}",
    "cnn": "model.encoder={type: cnn, channels: 16, kernel_sizes: [2, 3]}",
    "ngrams": "model.encoder={type: ngrams, dim: 16, sizes: [1, 2]}",
}
READOUTS = {"pooling": "mean", "ngrams": "mean", "cnn": "max"}
BFLOAT16 = 2.0**-9
"""The largest relative error of one rounding to bfloat16, which has 8 significant bits."""


def build(*overrides):
    config = load_config("rnn", [*SMALL, *overrides]).config
    preparation = prepare(config)
    return build_learner(config, preparation), preparation.splits["train"].batch(np.arange(32))


def build_pair(*overrides):
    """Build the same learner in both precisions, and a batch."""
    (exact, batch), (rounded, _) = (
        build(*overrides, f"training.precision={each}") for each in ("float32", "bfloat16")
    )
    return exact, rounded, batch


def overrides_of(encoder, *more):
    readout = () if encoder == "ngrams" else (f"model.readout={READOUTS.get(encoder, 'last')}",)
    return (ENCODERS[encoder], *readout, *more)


def test_logits_are_products_of_rounded_numbers():
    _, rounded, batch = build_pair("model.encoder={type: pooling}", "model.readout=mean")
    arrays = rounded.arrays()
    rows = zip(batch.ids, batch.lengths, strict=True)
    means = np.stack([arrays["embedding.weight"][ids[:size]].mean(axis=0) for ids, size in rows])
    weight, bias = (arrays[f"head.0.{name}"].astype(np.float64) for name in ("weight", "bias"))
    found = rounded._compute_loss(move_batch(batch, CPU, torch.float32), 0).logits.numpy()
    expected = round_to_bfloat16(means) @ round_to_bfloat16(weight).T + bias
    # The sum is rounded, too, and the last bit of a mean may lead to the other neighbour.
    size = (np.abs(means) @ np.abs(weight).T).max()
    np.testing.assert_allclose(found, expected, rtol=0, atol=2 * BFLOAT16 * size)
    assert np.abs(found - (means @ weight.T + bias)).max() > 1e-5


def round_to_bfloat16(array):
    """Round to 8 significant bits, by arithmetic alone."""
    mantissa, exponent = np.frexp(np.asarray(array, np.float64))
    return np.ldexp(np.rint(mantissa * 256) / 256, exponent)


@pytest.mark.parametrize("encoder", ENCODERS)
def test_loss_and_gradients_differ_by_roundings_alone(encoder):
    exact, rounded, batch = build_pair(*overrides_of(encoder))
    right, found = (each.differentiate(batch, step=0) for each in (exact, rounded))
    assert found.loss == pytest.approx(right.loss, rel=16 * BFLOAT16)
    gradients = [join(each.gradients) for each in (right, found)]
    # Measured: at most 0.02, and 0.07 where a rectifier passes what it would not have passed.
    roundings = 64 if encoder == "relu" else 16
    error = np.linalg.norm(gradients[1] - gradients[0])
    assert 0 < error <= roundings * BFLOAT16 * np.linalg.norm(gradients[0])


def join(gradients):
    return np.concatenate([each.ravel() for each in gradients.values()])


@pytest.mark.crossed
@pytest.mark.parametrize("normalization", NORMALIZATIONS)
@pytest.mark.parametrize("encoder", ENCODERS)
def test_weights_gradients_and_optimizer_stay_in_float32(encoder, normalization):
    if encoder == "ngrams" and normalization != "none":
        pytest.skip("n-grams have no positions to normalize")
    learner, batch = build(
        *overrides_of(encoder, f"model.normalization={normalization}", "model.dropout=0.2"),
        *("training.precision=bfloat16", "optimizer.type=adam_by_hand", "training.max_grad_norm=1"),
    )
    result = learner.step(batch, step=0, learning_rate=1e-3, measure_gradient=True)
    assert result.finite
    for name, parameter in learner.network.named_parameters():
        assert parameter.dtype == torch.float32, name
        assert parameter.grad.dtype == torch.float32, name
    for name, array in learner.state().items():
        assert array.dtype.name in ("float32", "float64", "uint64", "int64"), name


@pytest.mark.parametrize("optimizer", OPTIMIZER_TYPES)
def test_training_follows_float32(optimizer):
    learners = build_pair(f"optimizer.type={optimizer}", *overrides_of("gru"))
    *learners, batch = learners
    losses = [
        [
            each.step(batch, step=step, learning_rate=1e-3, measure_gradient=False).loss
            for step in range(10)
        ]
        for each in learners
    ]
    np.testing.assert_allclose(losses[1], losses[0], rtol=16 * BFLOAT16)


@pytest.mark.parametrize("encoder", ["rnn", "cnn", "pooling"])
def test_scores_are_computed_in_float32(encoder):
    exact, rounded, batch = build_pair(*overrides_of(encoder))
    logits = [each.logits(batch.ids, batch.lengths) for each in (exact, rounded)]
    np.testing.assert_array_equal(logits[0], logits[1])


def test_run_in_bfloat16_learns_and_predicts_by_hand_in_float32(tmp_path):
    config = load_config(
        "rnn",
        [
            *("engine=torch", "device=cpu", "training.precision=bfloat16"),
            *("data.sizes={train: 2000, validation: 200, test: 200}", "logging.tensorboard=false"),
            *("training.epochs=5", "optimizer.learning_rate=0.01"),
        ],
    ).config
    outcome = start(config, runs_dir=tmp_path, command="")
    assert outcome.scores.accuracy > 0.95
    model = ModelFile.load(outcome.folder.model_path)
    assert {each.dtype.name for each in model.arrays.values()} == {"float32"}
    record = outcome.folder.read_record()
    assert record.versions["precision"] == "bfloat16"
    assert record.config["training"]["precision"] == "bfloat16"
    with pytest.raises(RunFolderError, match="'bfloat16' in the run, 'float32' wanted"):
        resume(outcome.folder, overrides=["training.precision=float32"])


def test_a_run_in_float32_says_nothing_of_it():
    config = load_config("rnn", SMALL).config
    assert "precision" not in describe_machine(config, prepare(config))


def test_auto_takes_torch_for_it():
    config = load_config("rnn", [*SMALL, "engine=auto", "training.precision=bfloat16"]).config
    preparation = prepare(config)
    engine = choose_engine(config, preparation.architecture, mean_length=8)
    assert (engine.name, engine.reason) == ("torch", "training.precision is bfloat16")


REFUSED = {
    ("engine=numpy", "training.precision=bfloat16"): "'bfloat16' requires engine: torch",
    (
        "training.dtype=float64",
        "training.precision=bfloat16",
    ): "requires dtype: float32, not float64",
    ("device=cpu", "training.precision=tf32"): "'tf32' requires device: cuda",
    ("training.precision=float16",): "'float16' is not one of float32, bfloat16, tf32",
}


@pytest.mark.parametrize("overrides", REFUSED, ids=" ".join)
def test_precision_that_nothing_here_has_is_refused(overrides):
    with pytest.raises(ConfigError) as caught:
        load_config("rnn", overrides)
    assert "training.precision" in str(caught.value)
    assert REFUSED[overrides] in str(caught.value)


def test_tf32_is_refused_where_auto_finds_no_cuda(monkeypatch):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
    config = load_config("rnn", [*SMALL, "device=auto", "training.precision=tf32"]).config
    with pytest.raises(ConfigError, match="would compute on a CPU; use float32 or bfloat16"):
        build_learner(config, prepare(config))


@pytest.mark.parametrize("kind", ["bfloat16", "tf32"])
def test_older_cuda_device_is_refused_by_name(monkeypatch, kind):
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: "Tesla V100")
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: (7, 0))
    with pytest.raises(ConfigError, match=r"cuda \(Tesla V100\), which has 7.0; use float32"):
        prepare_precision(kind, CUDA)


@pytest.mark.parametrize(("kind", "set_to"), [("tf32", "high"), ("float32", "highest")])
def test_tf32_is_on_only_where_the_config_names_it(monkeypatch, kind, set_to):
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: (9, 0))
    told = []
    monkeypatch.setattr(torch, "set_float32_matmul_precision", told.append)
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", kind != "tf32")
    prepare_precision(kind, CUDA)
    assert told == [set_to]
    assert torch.backends.cudnn.allow_tf32 is (kind == "tf32")
    assert precision.supports(kind, CUDA)
