"""One comparison from its entries to its report: tune, train on fresh seeds, write down."""

from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np

from nlptrain.comparison.protocol.contestants import Entry
from nlptrain.comparison.protocol.tuning import choose_candidate, tuned_optimizer, wider_rate
from nlptrain.comparison.report.claims import say_too_few_seeds
from nlptrain.comparison.report.write import write_report
from nlptrain.comparison.results import Candidate, Protocol, Results, Stage, settings_key
from nlptrain.comparison.trials.adams import ADAMS_FILE, AdamParity, read_adams, write_adams
from nlptrain.comparison.trials.stack import group_trials
from nlptrain.comparison.trials.store import TrialStore, open_store, trial_key
from nlptrain.comparison.trials.trial import Trial, prepare_for, run_trials
from nlptrain.config.run import RunConfig
from nlptrain.errors import ConfigError, WritingError
from nlptrain.packages import require
from nlptrain.reporting.audience import Audience
from nlptrain.workers.execution import Workers

REPORTING = ("matplotlib", "polars", "scipy", "tensorboard")
"""Packages without which there would be no report at the end."""


def compare(
    entries: Sequence[Entry],
    config: RunConfig,
    *,
    runs_dir: Path,
    output: Path | None = None,
    command: str | None = None,
    workers: Workers | None = None,
    audience: Audience | None = None,
    write: Callable[[Results, Path], None] | None = None,
) -> tuple[Results, Path]:
    """Compare, or resume an interrupted comparison of the same protocol.

    Args:
        entries: Who takes part.
        config: What they have in common, with the section `comparison`.
        runs_dir: Where the comparison's folder is made, if none is given.
        output: The folder.
        command: What begins the comparison, and goes on with it.
        workers: Where trials run; None: in processes of this machine.
        audience: Who follows.
        write: Writes what came of it into the folder; None: a ranking and all that goes with it.

    Returns:
        What came of it, and its folder.

    Raises:
        ConfigError, DataError: Nothing was trained.
        MissingPackageError: What writes the report is not installed; nothing was trained.
        RunFolderError: The folder is not this comparison's, or cannot be written.
        TrainingError: The trials cannot be run to the end.
    """
    require(*REPORTING, purpose="a comparison")
    protocol = build_protocol(entries, config)
    audience = audience or Audience()
    if write is None:  # Only where a ranking is made.
        for sentence in say_too_few_seeds(protocol):
            audience.tell(sentence)
    try:
        with open_store(protocol, output=output, runs_dir=runs_dir, command=command) as store:
            comparison = _Comparison(entries, protocol, store, workers or Workers(), audience)
            results = comparison.run()
            (write or write_report)(results, store.folder)
            return results, store.folder
    except WritingError as error:
        raise WritingError(
            f"{error}; then give the same command again, finished trials are kept"
        ) from error


def build_protocol(entries: Sequence[Entry], config: RunConfig) -> Protocol:
    """Agree on everything before the first training."""
    settings = config.comparison
    preparations = [prepare_for(entry.config) for entry in entries]
    tuned = any(entry.contestant.grid for entry in entries)
    tuning_seeds = range(config.seed, config.seed + settings.tuning_seeds * tuned)
    first_final = settings.first_seed
    if first_final is None:
        first_final = config.seed + settings.tuning_seeds
    elif first_final in range(tuning_seeds.start - settings.seeds + 1, tuning_seeds.stop):
        raise ConfigError(
            f"comparison.first_seed: the seeds from {first_final} to "
            f"{first_final + settings.seeds - 1} include tuning seeds, {tuning_seeds.start} to "
            f"{tuning_seeds.stop - 1}; begin with {tuning_seeds.stop} or later"
        )
    counts = np.bincount(preparations[0].splits["test"].classes)
    own = {"optimizer"} if all("optimizer" in each.contestant.settings for each in entries) else {}
    return Protocol(
        name=config.name,
        contestants=tuple(entry.contestant for entry in entries),
        tuning_seeds=tuple(tuning_seeds),
        final_seeds=tuple(range(first_final, first_final + settings.seeds)),
        max_widenings=settings.max_widenings,
        tuned_by=config.training.best_by,
        target_accuracy=settings.target_accuracy,
        loss=preparations[0].loss,
        majority=float(counts.max() / counts.sum()),
        data=tuple(preparation.dataset.fingerprint for preparation in preparations),
        config=config.model_dump(mode="json", exclude={"comparison", "search", *own}),
        rank_by=settings.rank_by,
        negligible_accuracy=settings.negligible.accuracy,
        negligible_steps=settings.negligible.steps,
    )


class _Comparison:
    """A comparison that is under way."""

    def __init__(
        self,
        entries: Sequence[Entry],
        protocol: Protocol,
        store: TrialStore,
        workers: Workers,
        audience: Audience,
    ) -> None:
        self._entries = {entry.contestant.name: entry for entry in entries}
        self._protocol = protocol
        self._store = store
        self._workers = workers
        self._audience = audience

    def run(self) -> Results:
        """Tune, then train what is reported."""
        chosen = self._tune() if self._protocol.tuning_seeds else self._given()
        final = {name: [candidate] for name, candidate in chosen.items()}
        self._train("final", final, self._protocol.final_seeds)
        stages: tuple[Stage, ...] = ("tuning", "final")
        trials = [
            trial
            for stage in stages
            for name in self._entries
            for trial in self._store.of(name, stage)
        ]
        return Results(
            self._protocol,
            {name: candidate.learning_rate for name, candidate in chosen.items()},
            tuple(trials),
            self._compare_adams(),
            {name: each.settings for name, each in chosen.items() if each.settings},
        )

    def _compare_adams(self) -> tuple[AdamParity, ...]:
        """Hold the Adams by hand against PyTorch's, where both take part."""
        by_kind = {entry.config.optimizer.type: entry.config for entry in self._entries.values()}
        if not by_kind.keys() >= {"adam", "adam_by_hand"}:
            return ()
        if (self._store.folder / ADAMS_FILE).is_file():
            return read_adams(self._store.folder)
        from nlptrain.comparison.adam_parity import compare_adams

        adams = compare_adams(by_kind["adam"])
        write_adams(self._store.folder, adams)
        return adams

    def _given(self) -> dict[str, Candidate]:
        return {
            name: Candidate(entry.config.optimizer.learning_rate)
            for name, entry in self._entries.items()
        }

    def _tune(self) -> dict[str, Candidate]:
        """Try every candidate, and more where the best is at the edge of the learning rates."""
        tried = {name: entry.contestant.candidates for name, entry in self._entries.items()}
        new = tried
        while new:
            self._train("tuning", new, self._protocol.tuning_seeds)
            chosen = {
                name: choose_candidate(own, self._store.of(name, "tuning"), self._protocol.tuned_by)
                for name, own in tried.items()
            }
            new = {name: added for name in new if (added := self._widen(name, tried, chosen))}
            for name, added in new.items():
                tried[name] += added
        return chosen

    def _widen(
        self, name: str, tried: dict[str, list[Candidate]], chosen: dict[str, Candidate]
    ) -> list[Candidate]:
        """Try what is chosen at a learning rate beyond the edge, if it stands there."""
        grid, best = self._entries[name].contestant.grid, chosen[name]
        rates = [candidate.learning_rate for candidate in tried[name]]
        rate = wider_rate(rates, grid, best.learning_rate, self._protocol.max_widenings)
        if rate is None:
            return []
        self._audience.tell(
            f"{name}: the best learning rate so far, {best.learning_rate:g}, is at the edge of the "
            f"grid; adding {rate:g}"
        )
        return [Candidate(rate, best.settings)]

    def _train(
        self, stage: Stage, candidates: dict[str, list[Candidate]], seeds: Sequence[int]
    ) -> None:
        """Train all that has not been trained yet."""
        trials = [
            self._trial(name, stage, candidate, seed)
            for name, own in candidates.items()
            for seed in seeds
            # Those that differ in the learning rate alone are updated together.
            for candidate in sorted(own, key=lambda each: settings_key(each.settings))
        ]
        missing = [trial for trial in trials if not self._has_finished(trial)]
        done = len(trials) - len(missing)
        # How trials are grouped changes no number: each has the same record as alone.
        share = -(-len(missing) // (self._workers.places or 1))
        groups = group_trials(missing, share or None)
        self._audience.watch_trials(stage, done, len(trials))
        with closing(self._workers.run(run_trials, groups)) as finished:
            for records in finished:
                self._store.add(records)
                done += len(records)
                self._audience.watch_trials(stage, done, len(trials))

    def _has_finished(self, trial: Trial) -> bool:
        candidate = Candidate(trial.config.optimizer.learning_rate, trial.settings)
        return trial_key(trial.contestant, trial.stage, candidate, trial.seed) in self._store

    def _trial(self, name: str, stage: Stage, candidate: Candidate, seed: int) -> Trial:
        config = self._entries[name].config
        optimizer = tuned_optimizer(config.optimizer, candidate)
        # More threads would be in each other's way, and their number may change the last digits.
        threads = config.training.threads or 1
        training = config.training.model_copy(update={"threads": threads})
        update = {"optimizer": optimizer, "training": training}
        return Trial(name, stage, config.model_copy(update=update), seed, candidate.settings)
