"""Every encoder trains with every optimizer and every loss, by --set alone."""

import numpy as np
import pytest

from every_kind import (
    CELLS,
    DEFAULT_OPTIMIZERS,
    ENCODER_TYPES,
    LOSSES,
    NORMALIZATIONS,
    READOUTS,
    RECURRENT_STARTS,
    in_yaml,
)
from every_kind import OPTIMIZER_TYPES as OPTIMIZERS
from nlptrain.files.model_file import ModelFile
from nlptrain.training.run import start

POSITION = ("data.task.type=position_first", "data.task.lengths=[4, 4]")


def train(make_config, tmp_path, encoder, *overrides):
    config = make_config("logging.tensorboard=false", *overrides, encoder=encoder)
    return start(config, runs_dir=tmp_path, command="")


def assert_trained(outcome, encoder, optimizer, loss, num_labels):
    record = outcome.folder.read_record()
    assert (record.status, record.encoder, record.optimizer) == (
        "finished",
        {"rnn": "rnn_tanh"}.get(encoder, encoder),
        optimizer,
    )
    model = ModelFile.load(outcome.folder.model_path)
    assert (model.loss, len(model.labels)) == (loss, num_labels)
    assert all(np.isfinite(array).all() for array in model.arrays.values())
    assert outcome.scores.examples == 12


PAIRS = [
    (encoder, optimizer)
    for encoder in ENCODER_TYPES
    for optimizer in OPTIMIZERS
    if encoder != "ngrams" or not DEFAULT_OPTIMIZERS[optimizer].needs_whole_table
]


@pytest.mark.crossed
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize(("encoder", "optimizer"), PAIRS)
def test_two_classes_train(make_config, tmp_path, encoder, optimizer, loss):
    overrides = (f"optimizer.type={optimizer}", f"model.loss={loss}")
    outcome = train(make_config, tmp_path, encoder, *overrides)
    assert_trained(outcome, encoder, optimizer, loss, 2)


@pytest.mark.crossed
@pytest.mark.parametrize(("encoder", "optimizer"), PAIRS)
def test_positions_train_with_cross_entropy(make_config, tmp_path, encoder, optimizer):
    overrides = (f"optimizer.type={optimizer}", "model.loss=cross_entropy", *POSITION)
    outcome = train(make_config, tmp_path, encoder, *overrides)
    assert_trained(outcome, encoder, optimizer, "cross_entropy", 5)


@pytest.mark.crossed
@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("initialization", RECURRENT_STARTS)
def test_every_cell_and_initialization_trains(make_config, tmp_path, cell, initialization):
    overrides = (
        f"model.encoder.cell={cell}",
        f"model.encoder.initialization={initialization}",
        "model.encoder.bidirectional=true",
        "training.steps=2",
    )
    assert train(make_config, tmp_path, "rnn", *overrides).scores.examples == 12


@pytest.mark.crossed
@pytest.mark.parametrize("readout", READOUTS)
@pytest.mark.parametrize("normalization", NORMALIZATIONS)
def test_every_normalization_and_readout_trains(make_config, tmp_path, normalization, readout):
    overrides = (
        f"model.normalization={normalization}",
        f"model.readout={in_yaml(readout)}",
        "model.activation=relu",
        "model.head.hidden_sizes=[3]",
        "training.steps=2",
    )
    assert train(make_config, tmp_path, "cnn", *overrides).scores.examples == 12
