"""The seeds and initial values of a model's members, the networks that `training.members` asks for.

The members see the same batches in the same order; their initial values and dropout masks differ.
"""

import numpy as np

from nlptrain.config.run import RunConfig
from nlptrain.numpy_nn.arrays import Floats
from nlptrain.numpy_nn.members import stack
from nlptrain.training.preparation import Preparation, build_initial_arrays


def member_seeds(config: RunConfig) -> tuple[int, ...]:
    """Derive the seed of each member's initial values and dropout masks (M,).

    The first member has the run's own seed, as a network that trains without others. Those of the
    others are hashes, so that no two runs with seeds one after the other have a member in common.
    """
    hashes = (
        int(np.random.SeedSequence((config.seed, member)).generate_state(1)[0])
        for member in range(1, config.training.members)
    )
    return config.seed, *hashes


def build_member_arrays(config: RunConfig, preparation: Preparation) -> dict[str, Floats]:
    """Draw the initial values of all members: arrays (M, …).

    Raises:
        DataError: As `build_initial_arrays`.
    """
    each = [
        build_initial_arrays(config.model_copy(update={"seed": seed}), preparation)
        for seed in member_seeds(config)
    ]
    return stack(each)
