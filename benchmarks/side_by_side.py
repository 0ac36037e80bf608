"""One config trained twice, epoch by epoch: by nlptrain's loop, and as a tutorial would."""

from collections.abc import Iterator
from typing import Any

import torch
import tutorial
from torch import Tensor
from torch.utils.data import DataLoader

from nlptrain.config.optimizer import SgdSection
from nlptrain.config.run import RunConfig
from nlptrain.datasets.batches import epoch_batches
from nlptrain.numpy_nn.architecture import Architecture
from nlptrain.numpy_nn.convolution import Convolutional
from nlptrain.numpy_nn.recurrent import Recurrent
from nlptrain.reporting.records import StepRecord
from nlptrain.training.learner import Learner
from nlptrain.training.loop import train
from nlptrain.training.plan import Progress, build_plan
from nlptrain.training.preparation import Preparation, build_initial_arrays


def our_epochs(
    config: RunConfig, preparation: Preparation, learner: Learner
) -> Iterator[list[float]]:
    """Train as nlptrain does; give the loss of each batch, epoch by epoch."""
    splits = preparation.splits
    plan = build_plan(config, preparation)
    losses: list[float] = []
    for record in train(learner, preparation.train_split, splits["validation"], plan, Progress()):
        if isinstance(record, StepRecord):
            losses.append(record.loss)
        else:
            yield losses
            losses = []


def tutorial_epochs(
    config: RunConfig, preparation: Preparation, *, pad_to_batch: bool = False
) -> Iterator[list[float]]:
    """Train as a tutorial does, from our start values and on our batches.

    Args:
        config: What to train.
        preparation: Its data.
        pad_to_batch: Whether strings are padded to the longest of the batch, not of all.
    """
    plan = build_plan(config, preparation)
    model = build_model(config, preparation)
    criterion = tutorial.find_loss(model.kind)
    optimizer = _build_optimizer(config, model)
    scheduler = None
    if config.training.schedule.type != "constant":
        factor = lambda step: plan.learning_rate(step) / config.optimizer.learning_rate  # noqa: E731
        scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, factor)
    collate = _collate if pad_to_batch else None
    train_set = build_dataset(preparation, "train")
    validation = DataLoader(
        build_dataset(preparation, "validation"), batch_size=plan.batch_size, collate_fn=collate
    )
    lengths = preparation.splits["train"].texts.lengths
    left = plan.total_steps
    for epoch in range(plan.epochs):
        batches = epoch_batches(lengths, plan.batch_size, plan.seed, epoch)
        sampler = [indices.tolist() for indices in batches][:left]
        left -= len(sampler)
        losses, _ = tutorial.train_epoch(
            model,
            DataLoader(train_set, batch_sampler=sampler, collate_fn=collate),
            criterion,
            optimizer,
            max_grad_norm=config.training.max_grad_norm,
            scheduler=scheduler,
        )
        tutorial.evaluate(model, validation, criterion)
        yield losses


def build_dataset(preparation: Preparation, name: str) -> tutorial.StringDataset:
    """Make a split as a tutorial's Dataset, padded to the longest string of all."""
    vocabulary = preparation.text.vocabulary
    split = preparation.dataset.splits[name]
    longest = max(int(each.texts.lengths.max()) for each in preparation.splits.values())
    ids = {character: index for index, character in enumerate(vocabulary.characters, start=1)}
    return tutorial.StringDataset(split.texts, split.classes.tolist(), ids, longest)


def _collate(items: list[tuple[Tensor, int, int]]) -> tutorial.Batch:
    ids, lengths, classes = zip(*items, strict=True)
    return torch.stack(ids)[:, : max(lengths)], torch.tensor(lengths), torch.tensor(classes)


def build_model(config: RunConfig, preparation: Preparation) -> tutorial.StringClassifier:
    """Make the tutorial's network with our start values."""
    model = tutorial.StringClassifier(
        _kind(preparation.architecture, preparation.loss), len(preparation.text.vocabulary)
    )
    arrays = build_initial_arrays(config, preparation)
    # Ours may have several kernels and hidden layers in the head: its names hold a number.
    start = {name.replace(".0.", "."): torch.from_numpy(array) for name, array in arrays.items()}
    model.load_state_dict(start)
    return model


def _kind(architecture: Architecture, loss: str) -> tutorial.Kind:
    encoder = architecture.encoder
    layer: dict[str, Any] = {"encoder": "pooling"}
    if isinstance(encoder, Recurrent):
        layer = {
            "encoder": encoder.cell.removesuffix("_tanh"),
            "hidden_size": encoder.hidden_size,
        }
    elif isinstance(encoder, Convolutional):
        layer = {
            "encoder": "cnn",
            "hidden_size": encoder.channels,
            "kernel_size": encoder.kernel_sizes[0],
        }
    return tutorial.Kind(
        **layer,
        embedding_dim=architecture.embedding_dim,
        readout=architecture.readout,
        outputs=architecture.num_logits,
        loss=loss,
    )


def _build_optimizer(config: RunConfig, model: tutorial.StringClassifier) -> torch.optim.Optimizer:
    section = config.optimizer
    if isinstance(section, SgdSection):
        return torch.optim.SGD(
            model.parameters(),
            lr=section.learning_rate,
            momentum=section.momentum,
            nesterov=section.nesterov,
        )
    return torch.optim.Adam(model.parameters(), lr=section.learning_rate)
