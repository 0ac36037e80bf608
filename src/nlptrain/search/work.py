"""One process at work on a study: it proposes trials and trains them until there are enough."""

import hashlib
from contextlib import suppress
from dataclasses import asdict
from typing import TYPE_CHECKING

from nlptrain.config.run import RunConfig
from nlptrain.config.space import find_given, sample_config
from nlptrain.errors import ConfigError, DataError
from nlptrain.reporting.records import EvaluationRecord
from nlptrain.search.enough import TWIN, check_refusals, is_enough
from nlptrain.search.folder import SearchFolder
from nlptrain.search.space import suggest
from nlptrain.search.storage import beating, open_storage
from nlptrain.search.study import (
    ask,
    build_idle_sampler,
    build_sampler,
    enqueue_again,
    enqueue_first,
    fail_stale,
    is_told,
    objectives_of,
    open_study,
)
from nlptrain.search.task import Task
from nlptrain.search.trial import TrialResult, train_trial, trial_config

if TYPE_CHECKING:
    from optuna import Trial
    from optuna.trial import FrozenTrial


def work(task: Task) -> int:
    """Propose and train trials until there are enough, or the time is over.

    Returns:
        How many were trained.

    Raises:
        ConfigError: Hardly any combination of the space is a config.
        RunFolderError: The study cannot be written.
    """
    return _Worker(task).run()


class _Worker:
    def __init__(self, task: Task) -> None:
        self._task = task
        self._config = task.config
        self._folder = SearchFolder(task.folder)
        self._storage = open_storage(task.storage, task.folder)
        self._study = open_study(self._storage, task.study, task.config)

    def run(self) -> int:
        trained = 0
        with self._folder.working() as name:
            while trained != self._task.most and (proposed := self._propose(name)) is not None:
                trial, config = proposed
                if config is not None:
                    with beating(self._storage, trial):
                        self._carry_out(trial, config)
                    trained += 1
        return trained

    def _propose(self, worker: str) -> "tuple[Trial, RunConfig | None] | None":
        """Begin a trial; None: there are enough. Its config is None where it is refused."""
        with self._folder.asking():
            trials = self._give_up_dead(self._study.get_trials(deepcopy=False))
            if enqueue_first(self._study, self._config, trials):
                trials = self._study.get_trials(deepcopy=False)
            told = [trial for trial in trials if is_told(trial)]
            check_refusals(told)
            if is_enough(self._task, self._study, trials, told):
                return None
            self._study.sampler = build_sampler(
                self._config, len(told), parallel=self._task.parallel
            )
            trial = ask(self._study)
            return self._claim(trial, trials, worker)

    def _claim(
        self, trial: "Trial", trials: "list[FrozenTrial]", worker: str
    ) -> "tuple[Trial, RunConfig | None]":
        """Choose the values of a trial, and write down whose it is."""
        try:
            config = self._choose(trial)
        except ConfigError as error:
            self._refuse(trial, str(error))
            return trial, None
        key = hashlib.sha256(config.model_dump_json().encode()).hexdigest()
        trial.set_user_attr("claim", {"worker": worker, "key": key})
        twins = [each for each in trials if each.user_attrs.get("claim", {}).get("key") == key]
        known = next((each for each in twins if each.state.name in ("COMPLETE", "PRUNED")), None)
        if known is not None:
            self._repeat(trial, known)
        elif any(each.state.name == "RUNNING" for each in twins):
            self._refuse(trial, TWIN)
        else:
            return trial, config
        return trial, None

    def _choose(self, trial: "Trial") -> RunConfig:
        if trial.user_attrs.get("given") and find_given(self._config) is None:
            config = self._config
        else:
            config, _ = sample_config(
                self._config, lambda axis, is_whole: suggest(trial, axis, is_whole)
            )
        return trial_config(config, objectives_of(self._config)[0])

    def _carry_out(self, trial: "Trial", config: RunConfig) -> None:
        from optuna.exceptions import UpdateFinishedTrialError

        with suppress(UpdateFinishedTrialError):  # Another machine has given it up meanwhile.
            self._train(trial, config)

    def _train(self, trial: "Trial", config: RunConfig) -> None:
        score = objectives_of(self._config)[0]

        def keep_on(budget: int, best: EvaluationRecord) -> bool:
            if len(self._study.directions) > 1:
                return True
            trial.report(getattr(best, score), budget)
            return not trial.should_prune()

        try:
            result = train_trial(config, keep_on)
        except (ConfigError, DataError) as error:
            self._refuse(trial, str(error))
        else:
            trial.set_user_attr("result", asdict(result))
            self._tell_result(trial, result)

    def _tell_result(self, trial: "Trial", result: TrialResult) -> None:
        values = [getattr(result, name) for name in objectives_of(self._config)]
        if result.diverged and len(values) > 1:
            self._refuse(trial, "diverged")
        elif result.pruned or result.diverged:
            self._tell(trial, None, "PRUNED")
        else:
            self._tell(trial, values, "COMPLETE")

    def _repeat(self, trial: "Trial", known: "FrozenTrial") -> None:
        """Assign a trial the result of an earlier one with the same config."""
        trial.set_user_attr("repeats", known.number)
        if (result := known.user_attrs.get("result")) is not None:
            trial.set_user_attr("result", result)
        for budget, value in known.intermediate_values.items():
            trial.report(value, budget)
        self._tell(trial, known.values, known.state.name)

    def _refuse(self, trial: "Trial", reason: str) -> None:
        trial.set_user_attr("reason", reason)
        self._tell(trial, None, "FAIL")

    def _tell(self, trial: "Trial", values: list[float] | None, state: str) -> None:
        from optuna.trial import TrialState

        # After a trial, only the sampler of a grid does anything: it ends Optuna's own loop.
        self._study.sampler = build_idle_sampler()
        pruned = state == "PRUNED"
        self._study.tell(trial, None if pruned else values, TrialState[state])

    def _give_up_dead(self, trials: "list[FrozenTrial]") -> "list[FrozenTrial]":
        """Let the trials of processes and machines that died be trained again."""
        from optuna.trial import TrialState

        dead = [trial for trial in trials if trial.state.name == "RUNNING" and self._is_dead(trial)]
        for trial in dead:
            enqueue_again(self._study, trial)
            self._study.sampler = build_idle_sampler()
            self._study.tell(trial.number, state=TrialState.FAIL)
        fail_stale(self._study)
        return self._study.get_trials(deepcopy=False) if dead or self._task.storage else trials

    def _is_dead(self, trial: "FrozenTrial") -> bool:
        claim = trial.user_attrs.get("claim")
        # Proposing is one process's at a time, and this one does: who had no claim died at it.
        return (
            not self._task.storage if claim is None else not self._folder.is_alive(claim["worker"])
        )
