"""Who takes part: the optimizers of a config, or a config varied setting by setting."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from nlptrain.comparison.protocol.tuning import count_rates, draw_candidates, learning_rate_grid
from nlptrain.comparison.results import Contestant
from nlptrain.config.load import load_config
from nlptrain.config.optimizer_entry import OptimizerEntry
from nlptrain.config.run import RunConfig
from nlptrain.config.training import Schedule
from nlptrain.config.vary import split_values, split_variation
from nlptrain.errors import ConfigError

MOST = 200
"""Contestants of one comparison: more is a typing error, or a table that nobody reads."""
_FORM = "write --vary key.path=value,value, for example --vary model.encoder.type=pooling,rnn,cnn"


@dataclass(frozen=True)
class Entry:
    """One that takes part.

    Attributes:
        contestant: As the report knows it.
        config: What its trials train, but for seed and tuned learning rate.
    """

    contestant: Contestant
    config: RunConfig


def enter_optimizers(config: RunConfig, *, one_code: bool) -> list[Entry]:
    """Let every optimizer of `comparison.optimizers` take part, with a grid around its own rate.

    Args:
        config: What all train.
        one_code: Whether `adam` and `adam_by_hand` are the same code, and so each other kind, as
            they are by hand; then of two with the same settings one takes part, under both names.
    """
    return [
        _enter_optimizer(name, optimizer, config)
        for name, optimizer in _name_all(config.comparison.optimizers, one_code=one_code)
    ]


def _enter_optimizer(name: str, own: OptimizerEntry, config: RunConfig) -> Entry:
    trials, tune, optimizer = config.comparison.trials, own.tuned_values(), own.optimizer
    rates = count_rates(trials, len(list(own.combinations())))
    grid = learning_rate_grid(optimizer.learning_rate, rates) if trials > 1 else ()
    contestant = Contestant(
        name=name,
        settings=_settled(own),
        grid=grid,
        tune=tune,
        drawn=draw_candidates(grid, tune, trials, config.seed) if tune else (),
    )
    schedule = own.schedule or config.training.schedule
    training = config.training.model_copy(update={"schedule": schedule})
    update = {"optimizer": optimizer, "training": training}
    return Entry(contestant, config.model_copy(update=update))


def _settled(own: OptimizerEntry) -> dict[str, Any]:
    """Return what is given, by config path, without the other settings that are tuned."""
    optimizer = own.optimizer.model_dump(exclude=set(own.tuned_values()))
    schedule = {"training.schedule": own.schedule.model_dump()} if own.schedule else {}
    return {"optimizer": optimizer, **schedule}


def _name_all(
    optimizers: Sequence[OptimizerEntry], *, one_code: bool
) -> list[tuple[str, OptimizerEntry]]:
    """Pair names with optimizers, twins left out."""
    named = list(zip(name_optimizers(optimizers), optimizers, strict=True))
    if not one_code:
        return named
    twins = {
        name: next((other for other, each in named if _is_twin(each, optimizer)), None)
        for name, optimizer in named
    }
    left_out = set(twins.values())
    return [
        (f"{name} = {twins[name]}" if twins[name] else name, optimizer)
        for name, optimizer in named
        if name not in left_out
    ]


def _is_twin(by_hand: OptimizerEntry, optimizer: OptimizerEntry) -> bool:
    """Return whether one is, say, `adam_by_hand` with the settings of the other, an `adam`."""
    return by_hand.optimizer.type == f"{optimizer.optimizer.type}_by_hand" and (
        by_hand.model_dump(exclude={"type"}) == optimizer.model_dump(exclude={"type"})
    )


def enter_variations(source: str, overrides: Sequence[str], varied: Sequence[str]) -> list[Entry]:
    """Let a config take part once for each combination of the varied values.

    Args:
        source: A config file, or a packaged config's name.
        overrides: What all have in common, as for --set.
        varied: `key.path=value,value,…`; a value with a comma of its own stands in brackets.

    Raises:
        ConfigError: Something is not of that form, or a combination is no valid config.
    """
    axes = [_read_axis(text) for text in varied]
    for key in {key for key, _ in axes if [other for other, _ in axes].count(key) > 1}:
        raise ConfigError(f"--vary {key}: stands there twice; give all its values at once")
    combinations = list(product(*([(key, value) for value in values] for key, values in axes)))
    if len(combinations) > MOST:
        raise ConfigError(
            f"--vary makes {len(combinations):,} combinations, and {MOST} are the most; "
            "vary fewer settings or values"
        )
    names = shorten_paths([key for key, _ in axes])
    return [
        Entry(
            Contestant(
                name=", ".join(f"{names[key]} {value}" for key, value in combination),
                settings=dict(combination),
            ),
            load_config(
                source, [*overrides, *(f"{key}={value}" for key, value in combination)]
            ).config,
        )
        for combination in combinations
    ]


def name_optimizers(optimizers: Sequence[OptimizerEntry]) -> list[str]:
    """Name each by its type, and the settings that tell it from others of that type.

    A schedule tells it from others of any type.
    """
    names = [_name_among(own, optimizers) for own in optimizers]
    return [
        name if names.count(name) == 1 else f"{name} (number {place})"
        for place, name in enumerate(names, 1)
    ]


def _name_among(own: OptimizerEntry, others: Sequence[OptimizerEntry]) -> str:
    """Write `sgd (momentum 0.9)`: what stands first and is as by default goes without saying."""
    settings, tuned = _settled(own)["optimizer"], own.tuned_values()
    alike = [other for other in others if other.optimizer.type == own.optimizer.type]
    settled = [_settled(other)["optimizer"] for other in alike]
    telling = [
        key
        for key in settings
        if any(other.get(key, settings[key]) != settings[key] for other in settled)
    ]
    details = [_detail(key, settings[key]) for key in telling if settings[key] not in (0, False)]
    if own.schedule and any(other.schedule != own.schedule for other in others):
        details.append(_name_schedule(own.schedule, others))
    if tuned and any(other.tuned_values() != tuned for other in alike):
        details.append(f"tuned {', '.join(tuned)}")
    name = own.optimizer.type
    return f"{name} ({', '.join(details)})" if details else name


def _name_schedule(own: Schedule, others: Sequence[OptimizerEntry]) -> str:
    """Write `cosine`, or `cosine, warmup_steps 100` where there is another cosine."""
    alike = [each.schedule for each in others if each.schedule and each.schedule.type == own.type]
    settings = own.model_dump()
    telling = [
        _detail(key, value)
        for key, value in settings.items()
        if any(getattr(other, key) != value for other in alike)
    ]
    return ", ".join([own.type, *telling])


def _detail(key: str, value: object) -> str:
    return key if value is True else f"{key} {value}"


def _read_axis(text: str) -> tuple[str, list[str]]:
    key, values = split_variation(text, _FORM)
    parts = split_values(values)
    if len(set(parts)) < len(parts):
        raise ConfigError(f"--vary {text}: a value stands there twice; leave one out")
    return key, parts


def shorten_paths(keys: Sequence[str]) -> dict[str, str]:
    """Name each key by as few of its last parts as tell it from the others."""
    names = {}
    for key in keys:
        parts = key.split(".")
        endings = [".".join(parts[start:]) for start in range(len(parts) - 1, -1, -1)]
        others = [other for other in keys if other != key]
        names[key] = next(
            ending
            for ending in [*endings, key]
            if ending == key or not any(f".{other}".endswith(f".{ending}") for other in others)
        )
    return names
