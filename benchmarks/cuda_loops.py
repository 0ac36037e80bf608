"""One network trained for a moment, by our loop and by plain ones: strings per second of each."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from math import inf

import torch
import tutorial
from side_by_side import build_model
from torch import Tensor
from torch.utils.data import DataLoader

from nlptrain.config.load import load_config
from nlptrain.config.run import RunConfig
from nlptrain.reporting.records import StepRecord
from nlptrain.training.assembly import build_learner
from nlptrain.training.engine import EngineChoice
from nlptrain.training.loop import train
from nlptrain.training.plan import Progress, build_plan
from nlptrain.training.preparation import Preparation

WARM = 0.4
"""Share of a way's time before the clock starts: libraries load, kernels are chosen."""
READ_EVERY, SECONDS_UNREAD = 50, 0.3
"""Steps, or about so many seconds, after which the loop on the device looks at its losses."""
PROFILED = 5
LENGTHS = (10, 40)


@dataclass(frozen=True)
class Cell:
    """A network and its batches.

    Attributes:
        encoder: pooling, rnn, gru, lstm or cnn.
        batch: Strings per update.
        hidden: Units, channels, or for pooling the embedding's length.
        is_small: Whether a CPU may be faster.
    """

    encoder: str
    batch: int
    hidden: int
    is_small: bool

    def overrides(self) -> Iterator[str]:
        """Yield the settings of a config."""
        cells = {"rnn": "rnn_tanh", "gru": "gru", "lstm": "lstm"}
        size = min(64, self.hidden)
        if self.encoder == "pooling":
            size = self.hidden
            yield "model.encoder={type: pooling}"
        elif self.encoder == "cnn":
            yield f"model.encoder={{type: cnn, channels: {self.hidden}, kernel_sizes: [3]}}"
            yield "model.activation=relu"
        else:
            cell = f"cell: {cells[self.encoder]}, hidden_size: {self.hidden}"
            yield f"model.encoder={{type: rnn, {cell}}}"
        yield f"model.embedding.dim={size}"
        yield "model.readout=mean"
        yield f"training.batch_size={self.batch}"

    def work(self, preparation: Preparation) -> float:
        """Estimate the products of a step: parameters × characters of the batch."""
        each = preparation.architecture.num_worked_on
        return float(each * self.batch * preparation.splits["train"].texts.lengths.mean())


def load_cell(cell: Cell, *more: str) -> RunConfig:
    """Load a cell's config with more settings, for torch and without an end."""
    endless = ("training.steps=1000000000", "training.evaluate_every_steps=1000000000")
    return load_config("rnn", ["engine=torch", *endless, *cell.overrides(), *more]).config


def run_ours(
    config: RunConfig, preparation: Preparation, seconds: float, engine: str = "torch"
) -> float:
    """Train by our loop, and give strings per second."""
    preparation = replace(preparation, engine=EngineChoice(engine, "measured"))
    learner, plan = build_learner(config, preparation), build_plan(config, preparation)
    records = train(learner, preparation.train_split, None, plan, Progress())
    # Between settled records the device has not been waited for.
    return _rate(
        ((each.examples, each.settled) for each in records if isinstance(each, StepRecord)),
        seconds,
    )


def run_plain(
    config: RunConfig,
    preparation: Preparation,
    strings: tutorial.StringDataset,
    seconds: float,
    device: torch.device,
) -> float:
    """Train as a tutorial does, with a DataLoader, and give strings per second."""
    model = build_model(config, preparation).to(device)
    loader = DataLoader(
        strings,
        batch_size=config.training.batch_size,
        shuffle=True,
        pin_memory=device.type == "cuda",
    )

    def endless() -> Iterator[tutorial.Batch]:
        while True:
            for batch in loader:
                yield tuple(each.to(device) for each in batch)

    return _rate(_tutorial_steps(model, endless(), config), seconds)


def run_on_device(
    config: RunConfig,
    preparation: Preparation,
    strings: tutorial.StringDataset,
    seconds: float,
    device: torch.device,
) -> float:
    """Train in a plain loop over tensors of the device, and give strings per second."""
    model = build_model(config, preparation).to(device)
    ids = torch.stack(strings.ids).to(device)
    lengths = torch.tensor(strings.lengths, device=device)
    classes = torch.tensor(strings.classes, device=device)

    def endless() -> Iterator[tutorial.Batch]:
        while True:
            for rows in torch.randperm(len(ids), device=device).split(config.training.batch_size):
                yield ids[rows], lengths[rows], classes[rows]

    return _rate(_device_steps(model, endless(), config), seconds)


def _tutorial_steps(
    model: tutorial.StringClassifier, batches: Iterable[tutorial.Batch], config: RunConfig
) -> Iterator[tuple[int, bool]]:
    """Make one tutorial's epoch of each batch, which reads loss and hits."""
    criterion, optimizer = tutorial.find_loss(model.kind), _adam(model, config)
    for batch in batches:
        tutorial.train_epoch(model, [batch], criterion, optimizer)
        yield len(batch[0]), True


def _device_steps(
    model: tutorial.StringClassifier, batches: Iterable[tutorial.Batch], config: RunConfig
) -> Iterator[tuple[int, bool]]:
    """Make updates whose losses and hits are added up on the device and read now and then."""
    criterion, optimizer = tutorial.find_loss(model.kind), _adam(model, config)
    model.train()
    total: Tensor | float = 0.0
    hits: Tensor | float = 0.0
    every, began = 1, time.perf_counter()
    for step, (ids, lengths, classes) in enumerate(batches, start=1):
        optimizer.zero_grad()
        logits = model(ids, lengths)
        loss = criterion(logits, classes)
        loss.backward()
        optimizer.step()
        total = total + loss.detach()
        hits = hits + ((logits.detach()[:, 0] > 0) == classes).sum()
        if reads := step % every == 0:
            total, hits = 0.0 * float(total), 0.0 * float(hits)
            now = time.perf_counter()
            if step > 1:  # The first one loads what the others have.
                each = (now - began) / every
                every = int(min(READ_EVERY, max(1, SECONDS_UNREAD / each)))
            began = now
        yield len(ids), reads


def _adam(model: tutorial.StringClassifier, config: RunConfig) -> torch.optim.Optimizer:
    return torch.optim.Adam(model.parameters(), lr=config.optimizer.learning_rate)


def _rate(steps: Iterator[tuple[int, bool]], seconds: float) -> float:
    """Give strings per second, between two moments at which the device has been waited for."""
    began, strings = time.perf_counter(), 0
    warm, warm_strings = inf, 0
    for count, waited in steps:
        strings += count
        if not waited:
            continue
        now = time.perf_counter()
        if warm < inf and now - began > seconds:
            return (strings - warm_strings) / (now - warm)
        if warm == inf and now - began > WARM * seconds:
            warm, warm_strings = now, strings
    raise RuntimeError("the training ended before its time was over")


def measure_busy(config: RunConfig, preparation: Preparation, device: torch.device) -> float:
    """Give the seconds that a device computes in one step of our loop, by torch's profiler."""
    from torch.profiler import ProfilerActivity, profile

    on_cuda = device.type == "cuda"
    learner, plan = build_learner(config, preparation), build_plan(config, preparation)
    plan = replace(plan, log_every_steps=PROFILED)
    records = train(learner, preparation.train_split, None, plan, Progress())
    steps = (each for each in records if isinstance(each, StepRecord))
    list(islice(steps, PROFILED))
    activity = ProfilerActivity.CUDA if on_cuda else ProfilerActivity.CPU
    with profile(activities=[activity]) as profiler:
        list(islice(steps, PROFILED))
    kind = "self_device_time_total" if on_cuda else "self_cpu_time_total"
    return sum(getattr(each, kind) for each in profiler.key_averages()) / PROFILED / 1e6
