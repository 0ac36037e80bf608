"""The table of benchmarks/cuda.py as Markdown, and what it says of the targets."""

from collections.abc import Iterator
from dataclasses import dataclass, field

LEAST_DATALOADER, LARGEST_FOR_IT = 2.0, 1024
LEAST_BUSY = 0.8


@dataclass
class Result:
    """What was measured of one network.

    Attributes:
        encoder: With its units.
        batch: Strings per update.
        hidden: Units.
        work: Products of a step, estimated.
        rates: Strings per second by way.
        busy: Share of a step in which the device computes.
    """

    encoder: str
    batch: int
    hidden: int
    work: float
    rates: dict[str, float] = field(default_factory=dict)
    busy: float | None = None


def list_rows(results: list[Result]) -> Iterator[str]:
    """Yield the table as Markdown, strings per second in thousands."""
    ways = list(dict.fromkeys(way for each in results for way in each.rates))
    yield f"| 1,000 strings/s | units | batch | {' | '.join(ways)} | busy |"
    yield f"|---{'|---:' * (len(ways) + 3)}|"
    for each in results:
        rates = (f"{each.rates[way] / 1000:,.1f}" if way in each.rates else "" for way in ways)
        busy = "" if each.busy is None else f"{each.busy:.0%}"
        cells = [each.encoder, f"{each.hidden:,}", f"{each.batch:,}", *rates, busy]
        yield f"| {' | '.join(cells)} |"


def list_verdicts(results: list[Result]) -> Iterator[str]:
    """Yield a sentence for each target, and one for where a GPU pays."""
    small = [each for each in results if each.batch <= LARGEST_FOR_IT]
    yield from _compare(small, "DataLoader", LEAST_DATALOADER)
    yield from _compare(results, "on device", 1.0)
    largest = [each for each in results if each.hidden * each.batch == 1024 * 16384 and each.busy]
    if largest:
        met = sum(each.busy >= LEAST_BUSY for each in largest)
        yield f"- busy at least {LEAST_BUSY:.0%} where largest: {met} of {len(largest)}"
    yield f"- {recommend(results)}"


def _compare(results: list[Result], way: str, target: float) -> Iterator[str]:
    ratios = [
        each.rates["ours"] / each.rates[way]
        for each in results
        if {"ours", way} <= each.rates.keys()
    ]
    if ratios:
        met = sum(ratio >= target for ratio in ratios)
        yield (
            f"- at least {target:g} times `{way}`: {met} of {len(ratios)}, "
            f"from {min(ratios):.2f} to {max(ratios):.2f} times"
        )


def recommend(results: list[Result]) -> str:
    """Say from how many products of a step on this device was faster than the CPU."""
    faster: dict[bool, list[float]] = {True: [], False: []}
    for each in results:
        on_cpu = [rate for way, rate in each.rates.items() if way.startswith("CPU")]
        if on_cpu and "ours" in each.rates:
            faster[each.rates["ours"] > max(on_cpu)].append(each.work)
    if not faster[True]:
        return "device: auto: the CPU was faster wherever both were measured"
    pays, pays_not = min(faster[True]), max(faster[False], default=0)
    return (
        f"device: auto: this device was faster from {pays:,.0f} products of a step on "
        f"(parameters × characters of a batch), the CPU up to {pays_not:,.0f}; a threshold of "
        f"{max(pays, pays_not):,.0f} would never be slower than the CPU"
    )
