"""The whole comparison as one HTML file: the answer first, then what it rests on."""

from collections.abc import Iterable, Mapping
from html import escape

from nlptrain.comparison import figures
from nlptrain.comparison.answer import (
    adam_rows,
    answer_sentences,
    show_rate,
    show_seconds,
    show_steps,
)
from nlptrain.comparison.differences import Difference, pair_differences, say_difference
from nlptrain.comparison.page_sections import (
    STYLE,
    render_diverged,
    render_figure,
    render_settings,
    render_statements,
    render_tuning,
    shown,
)
from nlptrain.comparison.results import Results
from nlptrain.comparison.rules import protocol_statements
from nlptrain.comparison.statistics import Standing, rank_contestants
from nlptrain.comparison.wording import loss, percent
from nlptrain.reporting.html_page import render_cell, render_page, render_row, render_table
from nlptrain.reporting.literal import literal

_MANY_PAIRS = 15
_EXPLANATIONS = {
    figures.SCORES: "Each dot is one seed's final trial, scored with the network of its best "
    "validation evaluation; the mark is their mean and the bar its 95 % interval. Diverged "
    "trials are in neither. A dotted line, where there is one, is always saying the most "
    "frequent class.",
    figures.CURVES: "Loss of the final trials: the line is the mean over the seeds, as far as "
    "all of them were trained, and the band reaches from the lowest to the highest seed. A thin "
    "line to a cross is a single trial that diverged; at the upper edge the cross stands where "
    "its loss had left the picture.",
    figures.SENSITIVITY: "The tuning trials' validation score at each learning rate that was "
    "tried: the wider a curve's good part, the less hangs on choosing well. The band reaches "
    "from the lowest to the highest seed, a ring marks the learning rate that was chosen, and a "
    "cross at the edge one where a trial diverged.",
    figures.PROFILE: "The share of seeds on which a contestant reached the target within τ times "
    "the steps of that seed's fastest contestant (performance profile, Dolan and Moré 2002): "
    "at τ = 1 how often it was the fastest, far right how often it got there at all. Lines that "
    "fall together are drawn a little apart.",
}
_TITLES = {
    figures.SCORES: "Final scores",
    figures.CURVES: "Loss while training",
    figures.SENSITIVITY: "Sensitivity to the learning rate",
    figures.PROFILE: "Time to target",
}


def render_report(results: Results, pictures: Mapping[str, bytes]) -> str:
    """Write the page as HTML; whatever comes from the user is escaped.

    Args:
        results: The finished comparison.
        pictures: PNGs by file name, as `draw_figures` makes them.
    """
    title = f"Comparison: {literal(results.protocol.name)}"
    sections = [
        f"<h1>{escape(title)}</h1>\n",
        *(f'<p class="answer">{shown(sentence)}</p>\n' for sentence in answer_sentences(results)),
        _ranking(results),
        *(_figure(name, pictures[name]) for name in _TITLES if name in pictures),
        render_tuning(results),
        _adams(results),
        _differences(results),
        render_diverged(results),
        render_statements(protocol_statements(results.protocol)),
        render_settings(results),
    ]
    return render_page(title, STYLE, "".join(sections))


def _ranking(results: Results) -> str:
    header = ["contestant", "rank", "learning rate", "test accuracy", "test loss"]
    header += ["steps to target", "seconds to target", "diverged"]
    body = "".join(map(_ranking_row, rank_contestants(results)))
    target = f"{100 * results.protocol.target_accuracy:.4g} %"
    return (
        "<h2>Ranking</h2>\n"
        "<p>By fewest diverged, then mean test accuracy, then mean test loss; in brackets the "
        "95 % interval. Steps and seconds: how many trials reached the target of "
        f"{target} validation accuracy, and the median among those. Where several networks "
        "trained in one computation, a trial's seconds are an equal share of it.</p>\n"
        + render_table(header, body, "ranking")
    )


def _ranking_row(standing: Standing) -> str:
    cells = [
        str(standing.rank),
        show_rate(standing),
        percent(standing.test_accuracy),
        loss(standing.test_loss),
        show_steps(standing),
        show_seconds(standing),
        f"{standing.diverged} of {standing.trials}",
    ]
    return render_row(literal(standing.contestant), "".join(map(render_cell, cells)))


def _figure(name: str, png: bytes) -> str:
    return render_figure(_TITLES[name], _EXPLANATIONS[name], png, is_narrow=name == figures.PROFILE)


def _adams(results: Results) -> str:
    """Set the Adams by hand beside PyTorch's."""
    if not results.adams:
        return ""
    steps = len(results.adams[0].differences)
    header = ["Adam", "precision", "after step 1", f"after step {steps}", "ms a step", "PyTorch's"]
    body = "".join(
        render_row(who, "".join(map(render_cell, cells))) for who, *cells in adam_rows(results)
    )
    return (
        "<h2>Adam by hand beside PyTorch's</h2>\n"
        "<p>The same start and the same batches, at adam's learning rate in the config: the "
        "largest difference of any parameter from torch.optim.Adam (fused), and the "
        "median time of a whole training step of each.</p>\n" + render_table(header, body)
    )


def _differences(results: Results) -> str:
    """List the pairs: first those where one is better, then the others."""
    pairs = pair_differences(results)
    if not pairs:
        return ""
    seen = [pair for pair in pairs if pair.verdict in ("first better", "second better")]
    other = [pair for pair in pairs if pair not in seen]
    by_chance = (
        f"<p>Of {len(pairs)} intervals, about {len(pairs) * 0.05:.0f} can be expected to miss "
        "the true difference by chance.</p>\n"
    )
    return (
        "<h2>Differences, seed by seed</h2>\n"
        "<p>At a seed all contestants have the same start and batches, so what is compared is "
        "the mean difference between two of them on the same seeds, with its 95 % interval in "
        f"brackets.</p>\n{by_chance * (len(pairs) >= _MANY_PAIRS)}"
        f"{_sentences(seen)}{_sentences(other)}"
    )


def _sentences(pairs: Iterable[Difference]) -> str:
    items = "".join(f"<li>{shown(say_difference(pair))}</li>\n" for pair in pairs)
    return f"<ul>\n{items}</ul>\n" if items else ""
