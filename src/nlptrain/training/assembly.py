"""From what is prepared to what trains: learner, plan and progress in one object."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nlptrain.config.optimizer import Optimizer
from nlptrain.config.run import RunConfig
from nlptrain.reporting.records import Record
from nlptrain.training.checkpoint import Checkpoint
from nlptrain.training.engine import choose_threads, find_device
from nlptrain.training.learner import Alone, Learner, LearnerStack
from nlptrain.training.loop import train
from nlptrain.training.memory import check_memory
from nlptrain.training.plan import Plan, Progress, build_plan
from nlptrain.training.preparation import (
    Preparation,
    build_initial_arrays,
    build_objective,
    prepare,
)


@dataclass(frozen=True, eq=False)
class Training:
    """A training that is ready to begin, or to be resumed.

    Attributes:
        config: What is trained.
        preparation: Its data, its network's description and its engine.
        learner: At its initial values, or those of the checkpoint.
        plan: How long to train.
        progress: Where it stands; the loop keeps it up to date.
        checkpoint: What it resumes from; None: it begins.
    """

    config: RunConfig
    preparation: Preparation
    learner: Learner
    plan: Plan
    progress: Progress
    checkpoint: Checkpoint | None = None

    def records(self) -> Iterator[Record]:
        """Train to the end of the plan: `loop.train`."""
        preparation = self.preparation
        validation = preparation.splits["validation"]
        return train(self.learner, preparation.train_split, validation, self.plan, self.progress)


def assemble(
    config: RunConfig,
    preparation: Preparation | None = None,
    checkpoint: Checkpoint | None = None,
) -> Training:
    """Build everything that a training needs.

    Args:
        config: What is to be trained.
        preparation: Of that config, where it is prepared already.
        checkpoint: Where to resume, its state checked; None: from the start.

    Raises:
        ConfigError: The device is not there, or settings do not fit the data.
        DataError: The data or the pre-trained vectors cannot be read.
    """
    preparation = preparation or prepare(config)
    plan = build_plan(config, preparation)
    if checkpoint is None:
        learner = build_learner(config, preparation)
        return Training(config, preparation, learner, plan, Progress())
    # What became of the vectors is in the checkpoint, so their file may be gone.
    embedding = config.model.embedding.model_copy(update={"vectors": None})
    model = config.model.model_copy(update={"embedding": embedding})
    learner = build_learner(config.model_copy(update={"model": model}), preparation)
    learner.load_state(checkpoint.state)
    return Training(config, preparation, learner, plan, checkpoint.progress, checkpoint)


def build_learner(
    config: RunConfig, preparation: Preparation, *, engine: str | None = None
) -> Learner:
    """Build a learner at its initial values.

    Args:
        config: Of the training.
        preparation: Of that config.
        engine: numpy or torch; None: the one that was chosen.

    Raises:
        ConfigError: The device is not there.
        DataError: The pre-trained vectors cannot be read.
    """
    check_memory(config, preparation)
    if (engine or preparation.engine.name) == "numpy":
        return _build_numpy_learner(config, preparation)
    return _build_torch_learner(config, preparation)


def build_stack(
    config: RunConfig, preparation: Preparation, optimizers: Sequence[Optimizer]
) -> LearnerStack:
    """Build networks side by side, each with an optimizer of its own; several are by hand.

    Raises:
        ConfigError: The device is not there.
        DataError: The pre-trained vectors cannot be read.
    """
    if len(optimizers) == 1:
        alone = config.model_copy(update={"optimizer": optimizers[0]})
        return Alone(build_learner(alone, preparation))
    check_memory(config, preparation, len(optimizers))
    from nlptrain.training.stacked_learner import StackedLearner

    _limit_blas(config, preparation)
    return StackedLearner(
        preparation.architecture,
        build_initial_arrays(config, preparation),
        build_objective(config, preparation),
        embedding_frozen=config.model.embedding.frozen,
        optimizers=optimizers,
    )


def _build_numpy_learner(config: RunConfig, preparation: Preparation) -> Learner:
    from nlptrain.training.numpy_learner import NumpyLearner

    _limit_blas(config, preparation)
    return NumpyLearner(
        preparation.architecture,
        build_initial_arrays(config, preparation),
        build_objective(config, preparation),
        embedding_frozen=config.model.embedding.frozen,
        optimizer=config.optimizer,
    )


def _limit_blas(config: RunConfig, preparation: Preparation) -> None:
    from threadpoolctl import threadpool_limits

    threadpool_limits(choose_threads(config, preparation.architecture), user_api="blas")


def _build_torch_learner(config: RunConfig, preparation: Preparation) -> Learner:
    import torch

    from nlptrain.training.torch_learner import TorchLearner

    device = find_device(config.device)
    torch.set_num_threads(choose_threads(config, preparation.architecture))
    return TorchLearner(
        preparation.architecture,
        build_initial_arrays(config, preparation),
        build_objective(config, preparation),
        embedding_frozen=config.model.embedding.frozen,
        optimizer=config.optimizer,
        device=device,
    )
