"""From a prepared config to what trains: learner, plan and progress in one object."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nlptrain.config.optimizer import Optimizer
from nlptrain.config.run import RunConfig
from nlptrain.errors import ConfigError
from nlptrain.evaluation.threshold import DEFAULT
from nlptrain.files.model_file import ModelFile
from nlptrain.numpy_nn.architecture import Architecture
from nlptrain.numpy_nn.arrays import Floats
from nlptrain.reporting.records import Record
from nlptrain.training.checkpoint import Checkpoint
from nlptrain.training.distributed.launch import count_processes, current_group
from nlptrain.training.encoded_split import EncodedSplit
from nlptrain.training.engine import choose_threads, find_device
from nlptrain.training.learner import (
    Learner,
    LearnerInHalves,
    LearnerStack,
    Objective,
    SingleLearner,
)
from nlptrain.training.loop import train
from nlptrain.training.members import build_member_arrays, member_seeds
from nlptrain.training.members_in_turn import MembersInTurn
from nlptrain.training.memory import check_memory
from nlptrain.training.plan import Plan, Progress, build_plan, build_refit_plan
from nlptrain.training.preparation import (
    Preparation,
    build_initial_arrays,
    build_objective,
    prepare,
)


@dataclass(frozen=True, eq=False)
class Training:
    """Everything needed to start or resume training.

    Attributes:
        config: What to train.
        preparation: Its data, the network's architecture and the engine.
        learner: With its initial values, or those of the checkpoint.
        plan: How long to train.
        progress: Kept up to date by the loop.
        checkpoint: Where to resume; None to start.
        first: The progress of the finished first training, where this is the second one, of
            `training.refit`, whose preparation has the validation strings among those of training.
    """

    config: RunConfig
    preparation: Preparation
    learner: Learner
    plan: Plan
    progress: Progress
    checkpoint: Checkpoint | None = None
    first: Progress | None = None

    def records(self) -> Iterator[Record]:
        """Train to the end of the plan: `loop.train`."""
        preparation = self.preparation
        validation = preparation.splits["validation"] if self.first is None else None
        return train(self.learner, self._train_split, validation, self.plan, self.progress)

    def _train_split(self, epoch: int) -> EncodedSplit:
        """Return the training strings of an epoch, which all processes read together."""
        split = self.preparation.train_split(epoch)
        if (group := current_group()) is None:
            return split
        from nlptrain.training.distributed.shared_split import share_reading

        return share_reading(group, split)

    def model_file(self) -> ModelFile:
        """Return the network as it predicts now, before a rule has chosen the threshold."""
        config, preparation = self.config, self.preparation
        threshold, tables = config.training.threshold, config.model.tables.values()
        return ModelFile(
            architecture=preparation.architecture,
            arrays=self.learner.arrays(),
            text=preparation.text,
            labels=preparation.dataset.labels,
            loss=preparation.loss,
            columns=preparation.dataset.columns,
            threshold=threshold if isinstance(threshold, float) else DEFAULT,
            members=config.training.members,
            half_precision=any(each.half_precision for each in tables),
        )


def assemble(
    config: RunConfig,
    preparation: Preparation | None = None,
    checkpoint: Checkpoint | None = None,
) -> Training:
    """Build everything that training needs, to start or to resume from a checked checkpoint.

    Raises:
        ConfigError: The device does not exist, or settings do not fit the data.
        DataError: The data or the pre-trained vectors cannot be read.
    """
    preparation = preparation or prepare(config)
    plan = build_plan(config, preparation)
    if checkpoint is None:
        learner = build_learner(config, preparation)
        return Training(config, preparation, learner, plan, Progress())
    # The checkpoint has the trained vectors, so their file need no longer exist.
    embedding = config.model.embedding.model_copy(update={"vectors": None})
    model = config.model.model_copy(update={"embedding": embedding})
    first = checkpoint.first
    if first is not None:
        plan = build_refit_plan(config, preparation, first.best_step)
        preparation = preparation.join_validation()
    learner = build_learner(config.model_copy(update={"model": model}), preparation)
    learner.load_state(checkpoint.state)
    return Training(config, preparation, learner, plan, checkpoint.progress, checkpoint, first)


def build_learner(
    config: RunConfig, preparation: Preparation, *, engine: str | None = None
) -> Learner:
    """Build a learner with its initial values, in the engine chosen unless another is named.

    Raises:
        ConfigError: The device does not exist.
        DataError: The pre-trained vectors cannot be read.
    """
    by_hand = (engine or preparation.engine.name) == "numpy"
    if by_hand and (processes := count_processes()) > 1:
        raise ConfigError(
            f"engine: numpy computes in one process, but torchrun started {processes:,}; "
            "train with --set engine=torch, or without torchrun"
        )
    members = config.training.members
    at_once = _members_at_once(config, preparation) if by_hand and members > 1 else 1
    check_memory(config, preparation, networks=members, at_once=at_once)
    if at_once > 1:
        return _build_side_by_side(config, preparation, at_once)
    build = _build_by_hand if by_hand else _build_in_torch
    seeds = member_seeds(config)
    each = [build(config.model_copy(update={"seed": seed}), preparation) for seed in seeds]
    return each[0] if members == 1 else MembersInTurn(each)


def _members_at_once(config: RunConfig, preparation: Preparation) -> int:
    from nlptrain.training.stacked_learner import networks_in_training

    return min(config.training.members, networks_in_training(preparation, config.training))


def _build_side_by_side(config: RunConfig, preparation: Preparation, at_once: int) -> Learner:
    from nlptrain.training.members_side_by_side import MembersSideBySide

    _limit_blas(config, preparation)
    return MembersSideBySide(
        preparation.architecture,
        build_member_arrays(config, preparation),
        build_objective(config, preparation),
        embedding_frozen=config.model.embedding.frozen,
        optimizer=config.optimizer,
        seeds=member_seeds(config),
        at_once=at_once,
    )


def _build_by_hand(config: RunConfig, preparation: Preparation) -> LearnerInHalves:
    from nlptrain.training.numpy_learner import NumpyLearner

    _limit_blas(config, preparation)
    frozen, optimizer = config.model.embedding.frozen, config.optimizer
    start = _build_start(config, preparation)
    return NumpyLearner(*start, embedding_frozen=frozen, optimizer=optimizer)


def _build_in_torch(config: RunConfig, preparation: Preparation) -> LearnerInHalves:
    device = find_device(config.device)  # It refuses where there is no torch.
    import torch

    from nlptrain.training.torch_ahead import TorchLearnerAhead, goes_ahead
    from nlptrain.training.torch_learner import TorchLearner
    from nlptrain.training.torch_precision import prepare_precision

    threads = choose_threads(config, preparation.architecture)
    prepare_precision(config.training.precision, device)
    start = _build_start(config, preparation)
    if (group := current_group()) is not None:
        from nlptrain.training.distributed.leader import build_leading_learner

        return build_leading_learner(group, config, start, device, threads)
    torch.set_num_threads(threads)
    kind = TorchLearnerAhead if goes_ahead(preparation.architecture, device) else TorchLearner
    return kind(
        *start,
        embedding_frozen=config.model.embedding.frozen,
        optimizer=config.optimizer,
        device=device,
        precision=config.training.precision,
    )


def build_stack(
    config: RunConfig, preparation: Preparation, optimizers: Sequence[Optimizer]
) -> LearnerStack:
    """Build networks side by side, each with its own optimizer; more than one only by hand.

    Raises:
        ConfigError: The device does not exist.
        DataError: The pre-trained vectors cannot be read.
    """
    if len(optimizers) == 1:
        single = config.model_copy(update={"optimizer": optimizers[0]})
        return SingleLearner(build_learner(single, preparation))
    check_memory(config, preparation, networks=len(optimizers), at_once=len(optimizers))
    from nlptrain.training.stacked_learner import StackedLearner

    _limit_blas(config, preparation)
    frozen = config.model.embedding.frozen
    start = _build_start(config, preparation)
    return StackedLearner(*start, embedding_frozen=frozen, optimizers=optimizers)


def _build_start(
    config: RunConfig, preparation: Preparation
) -> tuple[Architecture, dict[str, Floats], Objective]:
    return (
        preparation.architecture,
        build_initial_arrays(config, preparation),
        build_objective(config, preparation),
    )


def _limit_blas(config: RunConfig, preparation: Preparation) -> None:
    from threadpoolctl import threadpool_limits

    threadpool_limits(choose_threads(config, preparation.architecture), user_api="blas")
