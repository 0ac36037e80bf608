"""Everything except training: checks, a table of the network, one batch; nothing is written."""

from dataclasses import dataclass
from math import prod

import numpy as np

from nlptrain.config.run import RunConfig
from nlptrain.datasets.examples import Dataset
from nlptrain.evaluation.metrics import score
from nlptrain.numpy_nn.architecture import Architecture
from nlptrain.numpy_nn.step import Step
from nlptrain.reporting.literal import list_some
from nlptrain.training.assembly import assemble
from nlptrain.training.encoded_split import compute_logits


@dataclass(frozen=True)
class DryRun:
    """What training a config would involve.

    Attributes:
        layers: Layer, output shape and number of parameters, in order.
        facts: Splits, steps, and the loss of one batch, for a table.
        notes: Sentences about data and text.
    """

    layers: list[tuple[str, str, int]]
    facts: dict[str, str]
    notes: tuple[str, ...]


def dry_run(config: RunConfig) -> DryRun:
    """Build data and network, train one batch, validate once.

    Raises:
        ConfigError, DataError: As `train` would.
    """
    training = assemble(config)
    preparation, learner, plan = training.preparation, training.learner, training.plan
    train, validation = preparation.splits["train"], preparation.splits["validation"]
    batch = train.batch(np.arange(min(plan.batch_size, len(train.classes))))
    result = learner.step(batch, step=0, learning_rate=plan.learning_rate(0), measure_gradient=True)
    # An overflow shows in the table, which says more than a warning.
    with np.errstate(all="ignore"):
        logits = compute_logits(learner.logits, validation.texts)
        scores = score(logits, validation.classes, plan.loss)
    dataset = preparation.dataset
    facts = {f"{name} strings": f"{size:,}" for name, size in dataset.sizes.items()}
    facts |= {
        "classes": f"{len(dataset.labels):,}: {list_some(dataset.labels)}",
        "majority class": f"{scores.majority_rate:.4f} of validation",
        "characters": f"{len(preparation.text.vocabulary.characters)}",
        "steps": f"{plan.total_steps:,} of {plan.batch_size} strings",
        **_describe_members(config),
        **_describe_refit(config, dataset),
        "loss": f"{plan.loss}: {result.loss:.4f} on the first batch",
        "gradient norm": f"{result.grad_norm:.4f}" if result.finite else "not finite",
    }
    return DryRun(network_layers(preparation.architecture), facts, preparation.notes)


def _describe_members(config: RunConfig) -> dict[str, str]:
    members = config.training.members
    if members == 1:
        return {}
    return {"members": f"{members:,} networks of these layers, which predict together"}


def _describe_refit(config: RunConfig, dataset: Dataset) -> dict[str, str]:
    if not config.training.refit:
        return {}
    strings = len(dataset.train) + len(dataset.validation)
    return {"refit": f"then as many epochs as validation chooses, on {strings:,} strings"}


def network_layers(architecture: Architecture) -> list[tuple[str, str, int]]:
    """List each layer with its output shape and number of parameters.

    B strings per batch, T characters per string, or W windows if a convolution has fewer.
    """
    positions, rows = "T", [("input", "B × T", 0)]
    for step in architecture.steps:
        if step.reads == ("embedding",):
            positions = "T"
        if not step.layer.keeps_positions:
            positions = "W"
        place = f"B × {positions}" if step.per_position else "B"
        # An activation within a head changes neither shape nor number of parameters.
        if not step.name.startswith(("head.", "heads.")) or step.layer.parameters(step.input_size):
            rows.append((_title(step), f"{place} × {step.output_size}", _count(step)))
    return rows


def _title(step: Step) -> str:
    return f"{step.name} ({step.layer.label})" if step.layer.label else step.name


def _count(step: Step) -> int:
    parameters = step.layer.parameters(step.input_size).values()
    return sum(prod(each.shape) for each in parameters)
