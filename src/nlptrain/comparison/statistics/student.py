"""What bootstrap intervals have in common: how sure, how many resamples, how far out to read."""

import math

CONFIDENCE = 0.95
RESAMPLES = 10_000
BOOTSTRAP_SEED = 0


def student_quantile(probability: float, degrees: int) -> float:
    """Find the quantile of Student's t above its middle, by halving.

    Args:
        probability: Above 0.5, below 1.
        degrees: Degrees of freedom, at least 1.
    """
    low, high = 0.0, 1.0
    while _student_below(high, degrees) < probability:
        high *= 2
    for _ in range(60):
        middle = (low + high) / 2
        if _student_below(middle, degrees) < probability:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _student_below(value: float, degrees: int) -> float:
    """Compute P(T < value) for a value ≥ 0 (Abramowitz & Stegun 26.7.3 and 26.7.4)."""
    angle = math.atan(value / math.sqrt(degrees))
    cosine = math.cos(angle)
    odd = degrees % 2
    term = total = cosine if odd else 1.0
    for index in range(3 if odd else 2, degrees - 1, 2):
        term *= cosine**2 * (index - 1) / index
        total += term
    if odd:
        share = (angle + (math.sin(angle) * total if degrees > 1 else 0.0)) * 2 / math.pi
    else:
        share = math.sin(angle) * total
    return 0.5 + share / 2
