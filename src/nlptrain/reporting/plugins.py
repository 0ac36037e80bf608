"""Reporters that other packages bring, by the entry point group `nlptrain.reporters`."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import Any

from nlptrain.errors import ConfigError
from nlptrain.reporting.literal import shorten
from nlptrain.reporting.records import Record
from nlptrain.reporting.reporter import Reporter
from nlptrain.runs.folder import RunFolder

GROUP = "nlptrain.reporters"
LONGEST_REASON = 800


@dataclass(frozen=True, eq=False)
class ReportedRun:
    """The run that a reporter is told of.

    Attributes:
        folder: Its files. When a reporter is closed, `folder.read_record().status` says whether
            the run is finished, failed or interrupted, and whatever there is of a model file and a
            report is whole. A status of running means that a second training follows, `refit`, to
            which another reporter is opened.
        settings: All settings by their dotted keys; lists are text, unset ones left out.
        every_steps: The config's steps between two points of a curve.
        phase: `refit` in a run's second training, else empty.
        steps_before: Steps of the phases before this one.
    """

    folder: RunFolder
    settings: Mapping[str, float | str | bool]
    every_steps: int
    phase: str = ""
    steps_before: int = 0


OpenReporter = Callable[[ReportedRun], Reporter]
"""What an entry point names: a class of reporters, or a function that makes one."""


def find_reporters(names: Sequence[str]) -> dict[str, OpenReporter]:
    """Load the reporters that a config names.

    Raises:
        ConfigError: One is not installed, or cannot be loaded.
    """
    there = {each.name: each for each in entry_points(group=GROUP)} if names else {}
    found: dict[str, OpenReporter] = {}
    for name in names:
        if name not in there:
            raise ConfigError(
                f"logging.reporters: {name!r} is not one of those installed: "
                f"{', '.join(sorted(there)) or 'none'}"
            )
        try:
            found[name] = there[name].load()
        except Exception as error:
            raise ConfigError(f"logging.reporters: {name} cannot be loaded: {error}") from error
    return found


def open_reporters(
    names: Sequence[str], run: ReportedRun, tell: Callable[[str], None]
) -> Iterator[Reporter]:
    """Open the reporters that a config names.

    Args:
        names: Of those that `find_reporters` found.
        run: What they report.
        tell: Called once with a sentence about each that fails.
    """
    for name, opens in find_reporters(names).items():
        yield _Guarded(name, lambda opens=opens: opens(run), tell)  # type: ignore[misc]


class _Guarded:
    """A reporter of somebody else's, which never ends a training: one that fails is left out."""

    def __init__(
        self, name: str, opens: Callable[[], Reporter], tell: Callable[[str], None]
    ) -> None:
        self._name, self._tell = name, tell
        self._reporter: Reporter | None = None
        self._reporter = self._try(opens)

    def report(self, record: Record) -> None:
        """Report one record, as long as the reporter works."""
        if (reporter := self._reporter) is not None:
            self._try(lambda: reporter.report(record))

    def close(self) -> None:
        """Close it, if it works; a second call does nothing."""
        reporter, self._reporter = self._reporter, None
        if reporter is not None:
            self._try(reporter.close)

    def _try(self, call: Callable[[], Any]) -> Any:
        try:
            return call()
        except Exception as error:  # Whatever a package of others may raise.
            self._reporter = None
            reason = shorten(" ".join(str(error).split()), LONGEST_REASON)
            self._tell(f"reporter {self._name} failed, and is left out: {reason}")
            return None


def flatten_settings(values: Mapping[str, Any], prefix: str = "") -> dict[str, float | str | bool]:
    """Flatten nested settings to dotted ones; lists become text, unset ones are left out."""
    flat: dict[str, float | str | bool] = {}
    for key, value in values.items():
        if isinstance(value, Mapping):
            flat |= flatten_settings(value, f"{prefix}{key}.")
        elif isinstance(value, (bool, int, float, str)):
            flat[prefix + key] = value
        elif value is not None:
            flat[prefix + key] = str(value)
    return flat
