"""Which engine computes a run, on which device, with how many threads."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from nlptrain.config.run import RunConfig
from nlptrain.errors import ConfigError
from nlptrain.numpy_nn.arrays import Floats
from nlptrain.training.learner import Learner
from nlptrain.training.preparation import Preparation, build_initial_arrays, build_objective

if TYPE_CHECKING:
    import torch

SMALL_NETWORK = 200_000
"""Parameters up to which a second thread costs more than it brings, at batches of 64."""


def build_learner(config: RunConfig, preparation: Preparation) -> Learner:
    """Build the learner that a config asks for, at its initial values.

    Raises:
        ConfigError: The device is not there.
        DataError: The pre-trained vectors cannot be read.
    """
    import torch

    from nlptrain.training.torch_learner import TorchLearner

    device = _find_device(config.device)
    arrays = build_initial_arrays(config, preparation)
    torch.set_num_threads(config.training.threads or _choose_threads(arrays.values()))
    return TorchLearner(
        preparation.architecture,
        arrays,
        build_objective(config, preparation),
        embedding_frozen=config.model.embedding.frozen,
        optimizer=config.optimizer,
        device=device,
    )


def _find_device(name: str) -> "torch.device":
    import torch

    available = torch.cuda.device_count()
    if name == "auto":
        return torch.device("cuda" if available else "cpu")
    device = torch.device(name)
    if device.type == "cuda" and not available:
        raise ConfigError(
            f"device: {name!r} asks for CUDA, and torch {torch.__version__} finds no CUDA device "
            "here; use device: cpu, or auto"
        )
    if device.type == "cuda" and (device.index or 0) >= available:
        raise ConfigError(
            f"device: {name!r} is not there; CUDA devices are cuda:0 to cuda:{available - 1}"
        )
    return device


def _choose_threads(arrays: Iterable[Floats]) -> int:
    """Take one thread for a small network, else as many as torch would."""
    import torch

    parameters = sum(array.size for array in arrays)
    return 1 if parameters <= SMALL_NETWORK else torch.get_num_threads()
