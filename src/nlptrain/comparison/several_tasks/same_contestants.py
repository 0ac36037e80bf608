"""Whether several comparisons can be taken together: the same contestants, as many seeds."""

from collections.abc import Iterator, Mapping, Sequence

from nlptrain.comparison.protocol.contestants import Entry
from nlptrain.comparison.protocol.flat_settings import flatten_settings
from nlptrain.comparison.results import Contestant
from nlptrain.config.run import RunConfig
from nlptrain.errors import ConfigError


def check_same_contestants(
    configs: Sequence[RunConfig], entries: Sequence[Sequence[Entry]]
) -> None:
    """Check, before anything is trained, that all configs compare the same.

    Args:
        configs: Two or more.
        entries: Who takes part in each.

    Raises:
        ConfigError: They do not, or two configs have one name.
    """
    names = [config.name for config in configs]
    for name in names:
        if names.count(name) > 1:
            raise ConfigError(f"two configs are named {name!r}; give each its own `name:`")
    first = {entry.contestant.name: entry.contestant for entry in entries[0]}
    for config, own in zip(configs[1:], entries[1:], strict=True):
        others = {entry.contestant.name: entry.contestant for entry in own}
        differences = [*_differences(first, others)]
        seeds = configs[0].comparison.seeds, config.comparison.seeds
        if seeds[0] != seeds[1]:
            differences.append(f"comparison.seeds is {seeds[1]}, not {seeds[0]}")
        if differences:
            raise ConfigError(
                f"{config.name}: does not compare the same as {names[0]}: {differences[0]}; "
                "several configs need the same comparison.optimizers, trials and seeds"
            )


def _differences(
    first: Mapping[str, Contestant], others: Mapping[str, Contestant]
) -> Iterator[str]:
    for name in dict.fromkeys([*first, *others]):
        if name not in others:
            yield f"{name} does not take part"
        elif name not in first:
            yield f"{name} takes part only here"
    for name, contestant in first.items():
        if name in others:
            yield from _of_one(contestant, others[name])


def _of_one(contestant: Contestant, other: Contestant) -> Iterator[str]:
    own, found = (dict(flatten_settings(each.settings)) for each in (contestant, other))
    for path in dict.fromkeys([*own, *found]):
        if own.get(path) != found.get(path):
            yield f"{contestant.name} has {path} {found.get(path)}, not {own.get(path)}"
    if contestant.grid != other.grid or contestant.tune != other.tune:
        yield f"{contestant.name} is tuned in other values"
