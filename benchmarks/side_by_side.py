"""The tutorial's training of a config of ours: its network, our start values, our batches."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import torch
import tutorial
from nlptrain.datasets.batches import epoch_batches
from nlptrain.training.preparation import build_initial_arrays, build_plan
from torch.utils.data import DataLoader

def tutorial_epochs(
    config: Any, preparation: Any, *, pad_to_batch: bool = False
) -> Iterator[list[float]]:
    """Train as a tutorial does, on nlptrain's batches."""
    import torch
    import tutorial
    from torch.utils.data import DataLoader

    from nlptrain.datasets.batches import epoch_batches
    from nlptrain.training.preparation import build_plan

    plan = build_plan(config, preparation)
    model = _tutorial_model(config, preparation)
    criterion = tutorial.find_loss(model.kind)
    optimizer = _tutorial_optimizer(config, model)
    scheduler = None
    if config.training.schedule.type != "constant":
        rate = config.optimizer.learning_rate
        factor = lambda step: plan.learning_rate(step) / rate  # noqa: E731
        scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, factor)
    collate = partial(_collate, torch) if pad_to_batch else None
    train_set, validation = (
        _tutorial_dataset(preparation, name) for name in ("train", "validation")
    )
    lengths = preparation.splits["train"].texts.lengths
    validation_loader = DataLoader(validation, batch_size=plan.batch_size, collate_fn=collate)
    for epoch in range(plan.epochs):
        batches = [b.tolist() for b in epoch_batches(lengths, plan.batch_size, plan.seed, epoch)]
        loader = DataLoader(train_set, batch_sampler=batches, collate_fn=collate)
        losses, _ = tutorial.train_epoch(
            model,
            loader,
            criterion,
            optimizer,
            max_grad_norm=config.training.max_grad_norm,
            scheduler=scheduler,
        )
        tutorial.evaluate(model, validation_loader, criterion)
        yield losses


def _tutorial_dataset(preparation: Any, name: str) -> Any:
    import tutorial

    vocabulary = preparation.text.vocabulary
    split = preparation.dataset.splits[name]
    longest = max(int(each.texts.lengths.max()) for each in preparation.splits.values())
    ids = {character: index for index, character in enumerate(vocabulary.characters, start=1)}
    return tutorial.StringDataset(split.texts, split.classes.tolist(), ids, longest)


def _collate(torch: Any, items: list[tuple[Any, int, int]]) -> tuple[Any, Any, Any]:
    ids, lengths, classes = zip(*items, strict=True)
    return torch.stack(ids)[:, : max(lengths)], torch.tensor(lengths), torch.tensor(classes)


def _tutorial_model(config: Any, preparation: Any) -> Any:
    """Make the tutorial's network with the start values of ours."""
    import torch
    import tutorial

    from nlptrain.training.preparation import build_initial_arrays

    encoder = config.model.encoder
    name = {"rnn_tanh": "rnn"}.get(getattr(encoder, "cell", None), getattr(encoder, "cell", None))
    kind = tutorial.Kind(
        encoder=name or encoder.type,
        embedding_dim=config.model.embedding.dim,
        hidden_size=getattr(encoder, "hidden_size", getattr(encoder, "channels", 0)),
        kernel_size=getattr(encoder, "kernel_sizes", [0])[0],
        readout=config.model.readout,
        outputs=preparation.architecture.num_logits,
        loss=preparation.loss,
    )
    model = tutorial.StringClassifier(kind, len(preparation.text.vocabulary))
    arrays = build_initial_arrays(config, preparation)
    # Ours may have several kernels and a head with hidden layers, so their names have a number.
    start = {key.replace(".0.", "."): torch.from_numpy(a) for key, a in arrays.items()}
    model.load_state_dict(start)
    return model


def _tutorial_optimizer(config: Any, model: Any) -> Any:
    import torch

    section = config.optimizer
    if section.type == "sgd":
        return torch.optim.SGD(
            model.parameters(),
            lr=section.learning_rate,
            momentum=section.momentum,
            nesterov=section.nesterov,
        )
    return torch.optim.Adam(model.parameters(), lr=section.learning_rate)


