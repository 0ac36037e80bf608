"""What guessing may score: binomial bounds, exact."""

from functools import lru_cache

import numpy as np


@lru_cache(maxsize=64)
def beyond_chance(chance: float, strings: int, probability: float) -> int:
    """Find the fewest right answers that guessing gives with at most this probability, or more.

    Args:
        chance: That a guess is right, above 0.
        strings: Guesses.
        probability: Above 0.

    Returns:
        strings + 1 where even all of them right is likelier.
    """
    if chance >= 1:
        return strings + 1
    counts = np.arange(strings + 1)
    logs = np.log(np.maximum(counts, 1)).cumsum()
    ways = logs[-1] - logs - logs[::-1]
    terms = np.exp(ways + counts * np.log(chance) + counts[::-1] * np.log1p(-chance))
    # The chance of so many or more, smallest terms first.
    tails = terms[::-1].cumsum()[::-1]
    rare = np.flatnonzero(tails <= probability)
    return int(rare[0]) if len(rare) else strings + 1
