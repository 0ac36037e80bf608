"""Several tasks, made by hand."""

import pytest


@pytest.fixture(scope="session")
def make_tasks(make_trial, make_results):
    """Make results of several tasks: of each, the contestants' test accuracies, one a seed.

    None is a trial that diverged after an evaluation of 0.9.
    """

    def make(*tasks, **changes):
        return [make_one(number, task, changes) for number, task in enumerate(tasks)]

    def make_one(number, task, changes):
        trials = [
            make_trial(name, seed, [accuracy or 0.9], diverged=accuracy is None)
            for name, accuracies in task.items()
            for seed, accuracy in enumerate(accuracies)
        ]
        return make_results(trials, name=f"task {number}", **changes)

    return make
