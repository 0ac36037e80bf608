"""How often does a comparison claim a difference that is none, and see one that is true?

    python benchmarks/comparison_claims.py [--repeats 1000] [--contestants 7]
    python benchmarks/comparison_claims.py --real 20 [--runs-dir runs/claims] [--set KEY=VALUE]

Each claim is looked for in what is written: the sentences of the answer, the ranks and the order
of the table, the page. First with scores drawn from several shapes, where contestants are alike;
then with the first of them ahead; then, with `--real`, in as many trained comparisons of one and
the same Adam, whose eps differs in the last digits so that only rounding tells the seven apart.
Trainings that have finished are not done again.

Target: with no true difference, a claim in at most 5 of 100 comparisons.
"""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from drawn_comparisons import DRAWS, build_results, find_claims
from pairs import print_table

from nlptrain.comparison.results import Results
from nlptrain.comparison.statistics.differences import pair_differences

SEEDS = (5, 10, 12)
ALIKE = "comparison.optimizers=[{}]".format(
    ", ".join(f"{{type: adam, learning_rate: 1e-3, eps: 1.00{place}e-8}}" for place in range(7))
)


def main() -> None:
    """Measure and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=1000)
    parser.add_argument("--contestants", type=int, default=7)
    parser.add_argument("--real", type=int, default=0)
    parser.add_argument("--runs-dir", type=Path, default=Path("runs/claims"))
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
    arguments = parser.parse_args()
    if arguments.real:
        _show_real(arguments.real, arguments.set, arguments.runs_dir)
        return
    print("claims in 100 comparisons of contestants that are alike")
    columns = [f"{seeds} seeds" for seeds in SEEDS]
    print_table(["", *columns], _false_claims(arguments.repeats, arguments.contestants))
    print("of 100 differences between the first and the others, seen")
    print_table(["", *columns], _true_claims(arguments.repeats // 2, arguments.contestants))


def _false_claims(repeats: int, contestants: int) -> list[list[str]]:
    rows = []
    for number, (name, draw) in enumerate(DRAWS.items()):
        cells = []
        for seeds in SEEDS:
            generator = np.random.default_rng([number, seeds])
            drawn = [
                build_results(draw(generator, contestants, seeds, 0.0)) for _ in range(repeats)
            ]
            wrong = sum(bool(find_claims(each)) for each in drawn)
            cells.append(f"{100 * wrong / repeats:.1f}")
        rows.append([name, *cells])
    return rows


def _true_claims(repeats: int, contestants: int) -> list[list[str]]:
    cases = [("normal", more) for more in (0.005, 0.01, 0.02)]
    cases += [("skewed", 0.02), ("solved", 0.2), ("solved", 0.3), ("solved", 0.5)]
    rows = []
    for name, more in cases:
        cells = []
        for seeds in SEEDS:
            generator = np.random.default_rng([99, seeds])
            drawn = [
                build_results(DRAWS[name](generator, contestants, seeds, more))
                for _ in range(repeats)
            ]
            seen = sum(_count_beaten(each) for each in drawn)
            cells.append(f"{100 * seen / repeats / (contestants - 1):.0f}")
        amount = f"{100 * more:g} {'% of the steps' if name == 'solved' else 'points'}"
        rows.append([f"{name}, {amount}", *cells])
    return rows


def _count_beaten(results: Results) -> int:
    best = results.protocol.contestants[0].name
    return sum(
        pair.verdict == "better" and pair.first == best for pair in pair_differences(results)
    )


def _show_real(count: int, settings: Sequence[str], runs_dir: Path) -> None:
    """Train comparisons that differ in their seed, and count those with a claim."""
    finished = []
    for seed in range(1, count + 1):
        finished.append(_compare(seed, settings, runs_dir))
        rows = []
        for seeds in (5, 10, 12):
            wrong = [find_claims(first_seeds(each, seeds)) for each in finished]
            rows.append([f"{seeds} seeds", f"{sum(map(bool, wrong))} of {len(finished)}"])
        print_table(["trained, alike", "with a claim"], rows)
        for claim in wrong[-1]:
            print(f"seed {seed}: {claim}")


def _compare(seed: int, settings: Sequence[str], runs_dir: Path) -> Results:
    from nlptrain.comparison.protocol.contestants import enter_optimizers
    from nlptrain.comparison.run import compare
    from nlptrain.config.load import load_config

    config = load_config(
        "optimizers", [ALIKE, "comparison.seeds=12", *settings, f"seed={seed}"]
    ).config
    entries = enter_optimizers(config, one_code=True)
    results, _ = compare(entries, config, runs_dir=runs_dir, write=lambda *_: None)
    return results


def first_seeds(results: Results, count: int) -> Results:
    """Leave the first of the final seeds, as if there had been no others."""
    kept = results.protocol.final_seeds[:count]
    trials = [t for t in results.trials if t.stage == "tuning" or t.seed in kept]
    return replace(
        results, protocol=replace(results.protocol, final_seeds=kept), trials=tuple(trials)
    )


if __name__ == "__main__":
    main()
