"""With no true difference, a comparison claims none in more than 5 of 100 comparisons."""

import numpy as np
import pytest
from drawn_comparisons import DRAWS, build_results, find_claims
from scipy.stats import binom

from nlptrain.comparison.report.page import render_report
from nlptrain.comparison.statistics.differences import pair_differences

REPEATS = 30


def draw(shape, seeds, more=0.0, contestants=4):
    generator = np.random.default_rng([seeds, list(DRAWS).index(shape)])
    for _ in range(REPEATS):
        yield build_results(DRAWS[shape](generator, contestants, seeds, more))


@pytest.mark.parametrize("shape", DRAWS)
@pytest.mark.parametrize("seeds", [5, 10, 12])
def test_contestants_that_are_alike_are_seldom_told_apart(shape, seeds):
    wrong = sum(bool(find_claims(results)) for results in draw(shape, seeds))
    # So many would come in fewer than 1 of 1000 tests, were it 5 of 100.
    assert wrong < binom.isf(0.001, REPEATS, 0.05)


@pytest.mark.parametrize(("shape", "more"), [("normal", 0.02), ("skewed", 0.05), ("solved", 0.5)])
def test_true_difference_is_seen_and_found_in_what_is_written(shape, more):
    for results in draw(shape, 12, more):
        first = results.protocol.contestants[0].name
        pairs = [pair for pair in pair_differences(results) if first in (pair.first, pair.second)]
        seen = [pair for pair in pairs if pair.verdict == "better"]
        assert seen
        assert all(pair.first == first for pair in seen)
        assert any(first in claim for claim in find_claims(results))


def test_page_compares_in_its_list_of_differences_alone():
    results = next(each for each in draw("normal", 12) if not find_claims(each))
    page = render_report(results, {}).split("<h2>Protocol")[0]
    assert page.count("better than") == page.count("No contestant is shown to be better than")
