"""The rules by which contestants are compared and ranked."""

from nlptrain.comparison.report.statement import Statement
from nlptrain.comparison.results import Protocol
from nlptrain.comparison.statistics.measure import PENALTY
from nlptrain.comparison.statistics.sign_flips import DRAWN_FLIPS, ERROR, EXACT_UP_TO, fewest_seeds


def verdict_rules(protocol: Protocol) -> list[Statement]:
    """State what counts, and when one contestant is better than another."""
    return [
        Statement(
            "misses-counted",
            "A trial that misses the target is counted, and is in no median of steps or seconds; "
            "in the performance profile its steps are infinite.",
        ),
        Statement(
            "diverged-counted",
            "A trial whose loss stops being a finite number has diverged. It is counted and "
            "shown, misses the target, and is in no mean that is shown: those are over the other "
            "trials.",
        ),
        Statement(
            "ranges",
            "Beside a contestant's own mean stand its lowest and its highest seed; they decide "
            "nothing.",
        ),
        Statement(
            "early-scores",
            "At a quarter and at half of the most steps of any final trial, each trial counts with "
            "the validation accuracy of its last evaluation until then; these scores decide "
            "nothing.",
        ),
        Statement("compared-by", _compared_by(protocol)),
        Statement(
            "failures-count",
            "Where contestants are compared, every final seed counts: a diverged trial with a test "
            f"accuracy of 0, a missed target as {PENALTY} times the most steps of any final trial, "
            f"and the test loss of a diverged trial as {PENALTY} times the highest of any other.",
        ),
        Statement("differences-paired", _testing(protocol)),
        Statement("family", _family(protocol)),
        Statement(
            "negligible",
            "A difference is negligible up to "
            f"{100 * protocol.negligible_accuracy:.4g} points of accuracy or "
            f"{100 * protocol.negligible_steps:.4g} % of the steps, fixed beforehand. Two "
            "contestants are practically equal where the whole interval is within that, and one "
            "is better only where the mean difference is more.",
        ),
        Statement(
            "ranking",
            "A contestant's rank is 1 more than the number of contestants that are better. Those "
            "that share a rank stand in the order of the config.",
        ),
    ]


def _compared_by(protocol: Protocol) -> str:
    if protocol.rank_by != "auto":
        score = {"accuracy": "test accuracy", "steps": "steps to the target", "loss": "test loss"}
        return f"All contestants are compared by {score[protocol.rank_by]}, as the config asks."
    return (
        "Two contestants that both solve the task are compared by steps to the target, any others "
        "by test accuracy. To solve it, every final trial must reach the target and score at least "
        f"{100 * (1 - protocol.negligible_accuracy):.4g} % on the test."
    )


def _testing(protocol: Protocol) -> str:
    count = len(protocol.final_seeds)
    flips = f"all {2**count:,}" if count <= EXACT_UP_TO else f"{DRAWN_FLIPS:,} random"
    return (
        "Two contestants are compared seed by seed: by the mean difference over the seeds, of "
        "steps the mean logarithm of their ratio. Its p-value is the share of sign flips of these "
        f"differences, {flips} of them, that give a mean as far from zero, and its interval holds "
        "the differences that the same test does not refuse (Hartigan 1969)."
    )


def _family(protocol: Protocol) -> str:
    contestants = len(protocol.contestants)
    pairs = contestants * (contestants - 1) // 2
    return (
        f"One contestant is called better where p, by Holm's correction over {_pairs(pairs)}, is "
        f"at most {ERROR:g}: where none is, any is called better in at most {ERROR:.0%} of "
        "comparisons. A pair's interval has the confidence of its step in that correction, at "
        f"least {1 - ERROR:.0%}. That takes {fewest_seeds(pairs)} seeds or more"
        f"{_too_few(protocol, pairs)}."
    )


def _pairs(pairs: int) -> str:
    return f"all {pairs} pairs" if pairs != 1 else "the only pair"


def _too_few(protocol: Protocol, pairs: int) -> str:
    count = len(protocol.final_seeds)
    return f"; with {count} here, none is" if count < fewest_seeds(pairs) else ""
