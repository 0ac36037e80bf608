"""Whether a training fits into the memory, asked before it begins.

The estimate is what no implementation can do without, so that nothing is refused that could run.
"""

from dataclasses import dataclass
from math import prod
from pathlib import Path

import numpy as np

from nlptrain.config.run import RunConfig
from nlptrain.datasets.longest_string import find_longest
from nlptrain.errors import TrainingError
from nlptrain.files.address_space import find_address_space
from nlptrain.numpy_nn.branches_in_blocks import find_branches
from nlptrain.numpy_nn.optimizers import list_state_shapes
from nlptrain.training.checkpoint import optimizer_settings
from nlptrain.training.engine import find_device
from nlptrain.training.parts import most_positions, numbers_per_position
from nlptrain.training.preparation import Preparation

CGROUP_FILES = (
    ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"),
    (
        "/sys/fs/cgroup/memory/memory.limit_in_bytes",
        "/sys/fs/cgroup/memory/memory.usage_in_bytes",
    ),
)
"""Limit and use of the control group that a container is, in versions 2 and 1."""


@dataclass(frozen=True)
class MemoryNeed:
    """Bytes that a training cannot do without.

    Attributes:
        parameters: For all parameters, their gradients and the optimizer's state.
        batch: For the activations of the largest batch and their gradients.
    """

    parameters: int
    batch: int


def check_memory(
    config: RunConfig, preparation: Preparation, *, networks: int = 1, at_once: int = 1
) -> None:
    """Refuse a training on the CPU that cannot fit into the memory.

    Args:
        config: What is to be trained.
        preparation: Of that config.
        networks: How many are trained together.
        at_once: How many of them compute a batch at once.

    Raises:
        TrainingError: With what it needs, what there is, and the settings that help.
    """
    each = estimate_need(config, preparation)
    need = MemoryNeed(networks * each.parameters, at_once * each.batch)
    total, free = need.parameters + need.batch, find_free_memory()
    if total <= free:
        return
    if preparation.engine.name == "torch" and find_device(config.device).type != "cpu":
        return
    where = "" if config.data.file is None else f" ({find_longest(config.data.file)})"
    count = f"{preparation.architecture.num_parameters:,}"
    raise TrainingError(
        f"not enough memory: training needs at least {_size(total)}, and {_size(free)} are free: "
        f"{_size(need.parameters)} for {count if networks == 1 else f'{networks:,} × {count}'} "
        f"parameters with their gradients and the state of {config.optimizer.type}, "
        f"{_size(need.batch)} for the largest batch, of up to {config.training.batch_size:,} "
        f"strings; the longest has {_longest(preparation):,} characters{where}; "
        f"{_advise(need, members=config.training.members)}"
    )


def estimate_need(config: RunConfig, preparation: Preparation) -> MemoryNeed:
    """Estimate the least that a training needs, in bytes."""
    architecture, training = preparation.architecture, config.training
    itemsize = np.dtype(training.dtype).itemsize
    shapes = architecture.trained_shapes(embedding_frozen=config.model.embedding.frozen)
    state = list_state_shapes(
        optimizer_settings(config.optimizer), shapes, architecture.hidden_matrices()
    )
    kept = sum(prod(shape) for shape in state.values() if shape)
    largest = max(map(prod, architecture.parameter_shapes().values()))
    batch = _largest_batch(config, preparation) * itemsize
    # Initial values are drawn in float64, one array after the other.
    parameters = (2 * architecture.num_parameters + kept) * itemsize + largest * 8
    return MemoryNeed(parameters, batch)


def _largest_batch(config: RunConfig, preparation: Preparation) -> int:
    """Count the numbers of the largest batch at once, with the gradient of each in training."""
    architecture = preparation.architecture
    lengths = preparation.splits["train"].texts.lengths
    longest = int(lengths.max(initial=0))
    positions = min(config.training.batch_size, len(lengths)) * longest
    in_blocks = {}
    if preparation.engine.name == "numpy":
        positions = min(positions, max(longest, most_positions(architecture)))
        in_blocks = find_branches(architecture.steps)
    each = sum(
        numbers_per_position(step)
        for step in architecture.steps
        if (branch := in_blocks.get(step.name)) is None
        or not branch.is_long(positions, step.input_size)
    )
    return max(2 * positions, _longest(preparation)) * max(each, 1)  # The token ids.


def find_free_memory() -> int:
    """Find how many bytes this process may still take: of the machine, its container, its limit."""
    import psutil

    free = [int(psutil.virtual_memory().available)]
    groups = (_free_of_cgroup(*map(Path, files)) for files in CGROUP_FILES)
    free += [each for each in (*groups, find_address_space()) if each is not None]
    return min(free)


def _free_of_cgroup(limit: Path, use: Path) -> int | None:
    try:
        return max(0, int(limit.read_text()) - int(use.read_text()))
    except (OSError, ValueError):
        return None  # There is none, or it says "max".


def _longest(preparation: Preparation) -> int:
    return max(int(each.texts.lengths.max(initial=0)) for each in preparation.splits.values())


def _advise(need: MemoryNeed, members: int) -> str:
    if need.parameters > need.batch:
        fewer = "train fewer members: --set training.members=…, or " if members > 1 else ""
        return f"{fewer}make the network smaller: --set model.encoder.hidden_size=…"
    return (
        "cut long strings: --set text.max_length=…, or take fewer at a time: "
        "--set training.batch_size=…"
    )


def _size(count: int) -> str:
    return f"{count / 2**30:,.1f} GiB" if count >= 2**30 else f"{count / 2**20:,.1f} MiB"
