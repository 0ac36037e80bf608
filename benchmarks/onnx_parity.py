"""Do exported networks compute in ONNX Runtime what they compute by hand?

    python benchmarks/onnx_parity.py [--steps 300] [--output table.md]

Each packaged config is trained for some steps and exported; then every encoder with every readout
and every normalization, untrained, with 32 units and torch's initial values. Each is held by
`nlptrain export --format onnx` against the network by hand, on a thousand strings: empty, with
unknown characters, longer than the network reads. Target: no probability differs by more than 1e-5.

The table has the largest difference of each config and of each kind, over all networks with it.
"""

import argparse
import itertools
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import get_args

import numpy as np

from nlptrain.config.load import load_config
from nlptrain.config.packaged import packaged_configs
from nlptrain.export.onnx.check import check_onnx
from nlptrain.export.onnx.model import build_onnx
from nlptrain.files.model_file import ModelFile, TextPipeline
from nlptrain.inference.model import Model, load
from nlptrain.numpy_nn.architecture import Architecture
from nlptrain.numpy_nn.convolution import Convolutional
from nlptrain.numpy_nn.encoders import AnyEncoder, Pooling
from nlptrain.numpy_nn.initialization import initial_parameters
from nlptrain.numpy_nn.ngram_ids import list_keys
from nlptrain.numpy_nn.ngrams import NGrams
from nlptrain.numpy_nn.recurrent import Recurrent
from nlptrain.settings import kinds
from nlptrain.text.vocabulary import Vocabulary
from nlptrain.training.run import start

CHARACTERS = "abcdefghijklmnopqrstuvwxyz '-é"
TEXT = TextPipeline(Vocabulary(CHARACTERS))
SIZE = len(TEXT.vocabulary)
UNITS = 32
KNOWN = 500
Rows = list[tuple[str, int, float]]
"""What it is, the number of networks, and the largest difference of a probability."""

ENCODERS: dict[str, AnyEncoder] = {
    "mean of embeddings": Pooling(),
    **{cell: Recurrent(cell, UNITS) for cell in get_args(kinds.Cell)},
    **{
        f"{cell}, two layers in both directions": Recurrent(
            cell, UNITS, num_layers=2, bidirectional=True
        )
        for cell in get_args(kinds.Cell)
    },
    "cnn": Convolutional(UNITS, (2, 3, 5)),
    "cnn, stride and dilation": Convolutional(UNITS, (3,), stride=2, dilation=2),
    "cnn without padding": Convolutional(UNITS, (4,), padding="valid"),
    "n-grams, known": NGrams((1, 2, 3), UNITS, count=KNOWN, vocabulary_size=SIZE),
    "n-grams in buckets": NGrams((1, 2, 3), UNITS, count=999, hashed=True, vocabulary_size=SIZE),
}
READOUTS = (*get_args(kinds.Readout), get_args(kinds.Readout))
NORMALIZATIONS = ("none", *get_args(kinds.Normalization))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--steps", type=int, default=300, help="of a config's training")
    parser.add_argument("--output", type=Path, help="file for the table")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rows = list(measure_configs(arguments.steps, Path(folder)))
    table = write_table(rows + measure_kinds())
    print(table)
    if arguments.output:
        arguments.output.write_text(table + "\n")


def measure_configs(steps: int, runs_dir: Path) -> Iterator[tuple[str, int, float]]:
    """Train each config for some steps and export it."""
    for name in packaged_configs():
        overrides = [f"training.steps={steps}", "logging.tensorboard=false"]
        config = load_config(name, overrides).config
        outcome = start(config, runs_dir=runs_dir, command="", baseline=False)
        yield f"`{name}`", 1, measure(load(outcome.folder.path))


def measure_kinds() -> Rows:
    """Export every encoder with every readout and every normalization."""
    found: dict[str, list[float]] = {}
    for encoder, readout, normalization in itertools.product(ENCODERS, READOUTS, NORMALIZATIONS):
        difference = measure(make_model(ENCODERS[encoder], readout, normalization))
        readouts = readout if isinstance(readout, str) else "all of them"
        for name in (encoder, f"readout {readouts}", f"normalization {normalization}"):
            found.setdefault(name, []).append(difference)
    order = [*ENCODERS, *sorted(found.keys() - ENCODERS.keys())]
    return [(name, len(found[name]), max(found[name])) for name in order]


def make_model(encoder: AnyEncoder, readout: str | tuple[str, ...], normalization: str) -> Model:
    """Make an untrained network; its running statistics are not those that it starts with."""
    architecture = Architecture(
        SIZE, 5, UNITS, encoder, normalization=normalization, activation="relu", readout=readout
    )
    generator = np.random.default_rng(0)
    arrays = dict(initial_parameters(architecture, seed=1))
    for name in architecture.buffers():
        arrays[name] = arrays[name] + generator.uniform(0.1, 1, arrays[name].shape)
    for name in architecture.constant_shapes():
        arrays[name] = draw_keys(encoder)
    labels = tuple("abcde")
    return Model(Path("model"), ModelFile(architecture, arrays, TEXT, labels, "cross_entropy"))


def draw_keys(layer: NGrams) -> np.ndarray:
    """Draw known n-grams among those of random strings."""
    ids = np.random.default_rng(2).integers(1, layer.vocabulary_size, (50, 100))
    listed = list_keys(ids, np.full(100, 50), layer.sizes, layer.vocabulary_size)
    return np.unique(np.concatenate([keys[whole] for _, keys, whole in listed]))[: layer.count]


def measure(model: Model) -> float:
    """Return the largest difference of a probability."""
    return check_onnx(model, build_onnx(model.file).SerializeToString())


def write_table(rows: Sequence[tuple[str, int, float]]) -> str:
    """Write the rows as Markdown."""
    lines = ["| network | exported | largest difference |", "|---|---:|---:|"]
    return "\n".join([*lines, *(f"| {name} | {n} | {most:.1e} |" for name, n, most in rows)])


if __name__ == "__main__":
    main()
