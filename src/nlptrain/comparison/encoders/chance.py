"""What guessing may score: binomial bounds, exact."""

from bisect import bisect_left


def beyond_chance(chance: float, strings: int, probability: float) -> int:
    """Find the fewest right answers that guessing gives with at most this probability, or more.

    Args:
        chance: That a guess is right, above 0.
        strings: Guesses.
        probability: Above 0.

    Returns:
        strings + 1 where even all of them right is likelier.
    """
    from scipy.special import bdtrc

    counts = range(strings + 1)
    return bisect_left(
        counts, True, key=lambda right: bool(bdtrc(right - 1, strings, chance) <= probability)
    )
