"""Everything but the training: checks, the network's table, one batch, and nothing written."""

from dataclasses import dataclass

import numpy as np

from nlptrain.config.run import RunConfig
from nlptrain.numpy_nn.architecture import Architecture, Convolutional
from nlptrain.reporting.literal import list_some
from nlptrain.training.engine import build_learner
from nlptrain.training.loop import evaluate
from nlptrain.training.plan import build_plan
from nlptrain.training.preparation import prepare


@dataclass(frozen=True)
class DryRun:
    """What a training would be.

    Attributes:
        layers: Layer, output shape and parameters, from the input on.
        facts: Splits, steps, and the loss of one batch, for a table.
        notes: Sentences about data and text.
    """

    layers: list[tuple[str, str, int]]
    facts: dict[str, str]
    notes: tuple[str, ...]


def dry_run(config: RunConfig) -> DryRun:
    """Build data and network, train one batch, validate once.

    Raises:
        ConfigError, DataError: What `train` would raise.
    """
    preparation = prepare(config)
    learner = build_learner(config, preparation)
    plan = build_plan(config, preparation)
    train, validation = preparation.splits["train"], preparation.splits["validation"]
    batch = train.batch(np.arange(min(plan.batch_size, len(train.classes))))
    result = learner.step(batch, step=0, learning_rate=plan.learning_rate(0), measure_gradient=True)
    # What overflows here shows in the table, which says more than a warning.
    with np.errstate(all="ignore"):
        scores = evaluate(learner, validation, plan.loss)
    dataset = preparation.dataset
    facts = {f"{name} strings": f"{len(split):,}" for name, split in dataset.splits.items()}
    facts |= {
        "classes": f"{len(dataset.labels):,}: {list_some(dataset.labels)}",
        "majority class": f"{scores.majority_rate:.4f} of validation",
        "characters": f"{len(preparation.text.vocabulary.characters)}",
        "steps": f"{plan.total_steps:,} of {plan.batch_size} strings",
        "loss": f"{plan.loss}: {result.loss:.4f} on the first batch",
        "gradient norm": f"{result.grad_norm:.4f}" if result.finite else "not finite",
    }
    return DryRun(network_layers(preparation.architecture), facts, preparation.notes)


def network_layers(architecture: Architecture) -> list[tuple[str, str, int]]:
    """List each layer with its output shape and number of parameters.

    B strings a batch, T characters a string, W windows where a convolution makes them fewer.
    """
    encoder = architecture.encoder
    fewer = isinstance(encoder, Convolutional) and (
        encoder.stride > 1 or encoder.padding == "valid"
    )
    positions, features = "W" if fewer else "T", architecture.num_features
    shapes = {"embedding": f"B × T × {architecture.embedding_dim}"}
    shapes[f"encoder ({_kind(architecture)})"] = f"B × {positions} × {features}"
    if architecture.normalization != "none":
        shapes[f"normalization ({architecture.normalization})"] = f"B × {positions} × {features}"
    if architecture.activation != "none":
        shapes[f"activation ({architecture.activation})"] = f"B × {positions} × {features}"
    shapes[f"readout ({architecture.readout})"] = f"B × {features}"
    if architecture.dropout:
        shapes[f"dropout ({architecture.dropout:g})"] = f"B × {features}"
    sizes = (*architecture.head_hidden_sizes, architecture.num_logits)
    shapes |= {f"head.{2 * index}": f"B × {size}" for index, size in enumerate(sizes)}
    return [
        ("input", "B × T", 0),
        *((layer, shape, _count(architecture, layer)) for layer, shape in shapes.items()),
    ]


def _kind(architecture: Architecture) -> str:
    return getattr(architecture.encoder, "cell", architecture.encoder.type)


def _count(architecture: Architecture, layer: str) -> int:
    start = f"{layer.split(' ', maxsplit=1)[0]}."
    return sum(
        int(np.prod(shape))
        for name, shape in architecture.parameter_shapes().items()
        if name.startswith(start)
    )
