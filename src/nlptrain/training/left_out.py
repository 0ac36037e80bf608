"""What a training leaves out where a package is missing: events and the linear model."""

from nlptrain.config.run import RunConfig
from nlptrain.packages import is_installed


def writes_events(config: RunConfig) -> bool:
    """Return whether a run has event files for TensorBoard."""
    return config.logging.tensorboard and is_installed("tensorboard")


def scores_linear_model(config: RunConfig, *, baseline: bool) -> bool:
    """Return whether a linear model is scored beside the network.

    Args:
        config: The run's.
        baseline: Whether whoever trains wants one, on a file of theirs.
    """
    return baseline and config.data.file is not None and is_installed("scipy")


def list_left_out(config: RunConfig, *, baseline: bool) -> list[str]:
    """Describe what is missing, a sentence each; arguments as above."""
    wanted = {
        "tensorboard": (config.logging.tensorboard, "no events for TensorBoard"),
        "scipy": (baseline and config.data.file is not None, "no linear model beside the network"),
    }
    return [
        f"{what}: {package} is not installed: pip install {package}"
        for package, (is_wanted, what) in wanted.items()
        if is_wanted and not is_installed(package)
    ]
