"""Test strings of a task that are longer or shorter than training's: does the rule carry on?"""

from collections.abc import Sequence

import numpy as np

from nlptrain.datasets.examples import Examples
from nlptrain.errors import ConfigError, DataError
from nlptrain.tasks.language import Language
from nlptrain.tasks.sampling import sample_task


def draw_other_lengths(
    task: Language, ranges: Sequence[tuple[int, int]], size: int, *, seed: int
) -> Examples:
    """Draw strings of each range of lengths, as the task draws its own: classes balanced.

    Args:
        task: The task that is trained on.
        ranges: Shortest and longest length of each set.
        size: Strings of each set.
        seed: Decides the draw.

    Raises:
        ConfigError: At these lengths the task has other classes.
        DataError: It has too few strings of them.
    """
    texts: list[str] = []
    classes = [np.empty(0, np.int64)]
    automaton = task.automaton()
    for shortest, longest in ranges:
        settings = {**task.model_dump(), "lengths": (shortest, longest)}
        other = type(task).model_validate(settings)
        if other.labels() != task.labels():
            raise ConfigError(
                f"data.evaluate_lengths: at lengths {shortest} to {longest} the task has other "
                f"classes than at {task.lengths[0]} to {task.lengths[1]}: leave the lengths out"
            )
        found = other.automaton()
        # Counting the strings of many lengths takes longer than drawing a few: once is enough.
        automaton = automaton if automaton.equals(found) else found
        try:
            sample = sample_task(other, {"test": size}, seed, automaton).splits["test"]
        except DataError as error:
            raise DataError(f"data.evaluate_lengths: {shortest} to {longest}: {error}") from error
        texts += sample.texts
        classes.append(sample.classes)
    return Examples(texts, np.concatenate(classes))
