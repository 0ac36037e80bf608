"""Finished comparisons, from their folders: reported again, and joined with more seeds."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

from nlptrain.comparison.encoders.entries import Grid
from nlptrain.comparison.encoders.report import write_matrix_report
from nlptrain.comparison.encoders.stored_grid import is_matrix, rebuild_grid
from nlptrain.comparison.report.write import write_report
from nlptrain.comparison.results import Protocol, Results, TrialRecord
from nlptrain.comparison.statistics.wording import say_settings
from nlptrain.comparison.trials.adams import read_adams, write_adams
from nlptrain.comparison.trials.protocol_differences import list_differences
from nlptrain.comparison.trials.store import (
    TrialKey,
    TrialStore,
    open_store,
    read_command,
    read_protocol,
    trial_key,
)
from nlptrain.errors import RunFolderError
from nlptrain.reporting.literal import list_some


@dataclass(frozen=True)
class Reported:
    """A comparison whose report has been written again.

    Attributes:
        results: What its trials came to.
        grid: Rows and columns, where encoders were compared; None: it is a ranking.
        folder: Where it lies.
    """

    results: Results
    grid: Grid | None
    folder: Path


def report_again(folder: Path, *, all_events: bool = False) -> Reported:
    """Write the report of a finished comparison again; nothing is trained.

    Args:
        folder: Of the comparison.
        all_events: Whether TensorBoard gets every trial.

    Raises:
        RunFolderError: There is no comparison, it is not finished, or cannot be written.
        DataError: The strings of a comparison of encoders are gone or have changed.
    """
    with _open(folder) as (results, store):
        grid = rebuild_grid(results.protocol) if is_matrix(results.protocol) else None
        if grid is None:
            write_report(results, store.folder, all_events=all_events)
        else:
            write_matrix_report(results, store.folder, grid=grid, all_events=all_events)
        return Reported(results, grid, store.folder)


def join(folders: Sequence[Path], output: Path) -> None:
    """Put the trials of comparisons together that differ in their final seeds alone.

    The tuning trials are those of the first: the others chose the same learning rates.

    Raises:
        RunFolderError: A comparison is not finished, or they differ in anything else.
    """
    found = [_read(folder) for folder in folders]
    first = found[0]
    finals: dict[tuple[str, int], TrialRecord] = {}
    for folder, results in zip(folders, found, strict=True):
        where = f"{folders[0]} and {folder}"
        _check_protocols(first.protocol, results.protocol, (folders[0], folder))
        _check_chosen(first, results, where)
        for trial in (each for each in results.trials if each.stage == "final"):
            known = finals.setdefault((trial.contestant, trial.seed), trial)
            _check_numbers(known, trial, folder)
    seeds = sorted({seed for results in found for seed in results.protocol.final_seeds})
    protocol = replace(first.protocol, final_seeds=tuple(seeds))
    tuning = [trial for trial in first.trials if trial.stage == "tuning"]
    with open_store(protocol, output=output, runs_dir=output.parent) as store:
        trials = [*tuning, *finals.values()]
        store.add([trial for trial in trials if _key(trial) not in store])
        if first.adams:
            write_adams(store.folder, first.adams)


def _key(trial: TrialRecord) -> TrialKey:
    return trial_key(trial.contestant, trial.stage, trial.candidate, trial.seed)


def read_results(protocol: Protocol, store: TrialStore) -> Results:
    """Gather what a store holds of a finished comparison.

    Raises:
        RunFolderError: Final trials are missing; names the command that trains them.
    """
    names = [contestant.name for contestant in protocol.contestants]
    finals = {name: store.of(name, "final") for name in names}
    trained = {(name, trial.seed) for name, own in finals.items() for trial in own}
    wanted = set(product(names, protocol.final_seeds))
    if missing := wanted - trained:
        raise RunFolderError(
            f"{store.folder}: not finished: {len(wanted) - len(missing)} of {len(wanted)} final "
            f"trials; to finish it: {_finishing(store.folder)}"
        )
    tuning = [trial for name in names for trial in store.of(name, "tuning")]
    return Results(
        protocol,
        {name: own[0].learning_rate for name, own in finals.items()},
        (*tuning, *(trial for own in finals.values() for trial in own)),
        read_adams(store.folder),
        {name: own[0].settings for name, own in finals.items() if own[0].settings},
    )


def _finishing(folder: Path) -> str:
    command = read_command(folder)
    if command is None:
        return f"the command that began it, with --output {folder}"
    return command if "--output" in command else f"{command} --output {folder}"


@contextmanager
def _open(folder: Path) -> Iterator[tuple[Results, TrialStore]]:
    protocol = read_protocol(folder)
    with open_store(protocol, output=folder, runs_dir=folder.parent) as store:
        yield read_results(protocol, store), store


def _read(folder: Path) -> Results:
    with _open(folder) as (results, _):
        return results


def _check_protocols(one: Protocol, other: Protocol, folders: tuple[Path, Path]) -> None:
    places = (f"in {folders[0]}", f"in {folders[1]}")
    differences = list_differences(_comparable(one), _comparable(other), places)
    # The same strings, by their SHA-256, may lie elsewhere on another machine.
    different = [text for text in differences if "data.file.path (" not in text]
    if different:
        raise RunFolderError(
            f"{folders[0]} and {folders[1]}: they differ in {list_some(different, 6)}; only "
            "comparisons that differ in their final seeds alone can be joined"
        )


def _comparable(protocol: Protocol) -> dict[str, Any]:
    return {key: value for key, value in asdict(protocol).items() if key != "final_seeds"}


def _check_chosen(one: Results, other: Results, where: str) -> None:
    for name in one.chosen:
        chosen = [
            f"{each.chosen[name]:g} {say_settings(each.chosen_settings.get(name, {}))}".strip()
            for each in (one, other)
        ]
        if chosen[0] != chosen[1]:
            raise RunFolderError(
                f"{where}: their tuning chose different settings of {name}, learning rate "
                f"{chosen[0]} and {chosen[1]}, so their final trials are not of one contestant"
            )


def _check_numbers(known: TrialRecord, trial: TrialRecord, folder: Path) -> None:
    different = [
        key
        for key, value in known.to_json().items()
        if key != "seconds" and value != trial.to_json()[key]
    ]
    if different:
        key = "test_loss" if "test_loss" in different else different[0]
        raise RunFolderError(
            f"{folder}: the final trial of {trial.contestant}, seed {trial.seed}, has other "
            f"numbers than in the folders before it, such as {key} {getattr(trial, key)} and "
            f"{getattr(known, key)}; give each machine seeds of its own: comparison.first_seed"
        )
