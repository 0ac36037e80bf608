"""The linear model's score beside the network's, on standard output."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nlptrain.evaluation.paired import PairedCounts
    from nlptrain.training.baseline import BaselineComparison


def linear_model_facts(baseline: "BaselineComparison") -> dict[str, str]:
    """Describe a linear model beside the network: what, its score, and the difference."""
    trained, tested = baseline.model.trained_on, baseline.tested_on
    facts = {
        "linear model": f"{baseline.accuracy:.4f}, macro F1 {baseline.macro_f1:.4f}, "
        f"in {baseline.seconds:.1f} s"
    }
    if (trained, tested) != (baseline.strings, baseline.test_strings):
        facts["on a sample"] = (
            f"{trained:,} of {baseline.strings:,} training strings, "
            f"{tested:,} of {baseline.test_strings:,} tested"
        )
    return {**facts, "difference": describe_difference(baseline.counts)}


def describe_difference(counts: "PairedCounts") -> str:
    """Describe the network's accuracy less the linear model's, with its interval and p."""
    from nlptrain.comparison.statistics.wording import p_value

    low, high = counts.interval()
    p = p_value(counts.p_value())
    return f"{counts.difference:+.4f}, 95 % interval {low:+.4f} to {high:+.4f}, {p}"


def warn_of_linear_model(counts: "PairedCounts") -> str | None:
    """State that the linear model does better, if the interval of the difference is below 0."""
    low, high = counts.interval()
    if high >= 0:
        return None
    return (
        f"the linear model does better: its test accuracy is {-counts.difference:.4f} higher, "
        f"95 % interval {-high:.4f} to {-low:.4f}"
    )
