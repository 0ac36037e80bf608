"""What every page about a comparison has: its style, figures, rules, settings, diverged trials."""

import base64
from collections.abc import Iterable
from html import escape

from nlptrain.comparison.answer import show_rate
from nlptrain.comparison.flat_settings import flatten_settings
from nlptrain.comparison.results import Results
from nlptrain.comparison.rules import Statement
from nlptrain.comparison.sensitivity import sensitivity_of
from nlptrain.comparison.statistics import rank_contestants
from nlptrain.reporting.html_page import render_cell, render_row, render_table
from nlptrain.reporting.literal import literal

STYLE = """
body { max-width: 70rem; }
.answer:first-of-type { font-size: 1.2rem; font-weight: 600; margin-top: .75rem; }
figure { margin: .5rem 0 1rem; }
figure img { width: 100%; height: auto; background: #fff; border-radius: .3rem; }
.narrow img { max-width: 46rem; }
li { margin: .15rem 0; overflow-wrap: anywhere; }
tbody th { white-space: normal; min-width: 7rem; max-width: 12rem; overflow-wrap: break-word; }
.texts th:last-child { text-align: left; }
td.text { text-align: left; white-space: normal; min-width: 12rem; overflow-wrap: anywhere; }
@media print {
  figure { break-inside: avoid; }
  .ranking { font-size: 8.5pt; }
  th, td { padding: .1rem .25rem; }
}
"""


def shown(text: str) -> str:
    """Escape a sentence that may hold names of the user's."""
    return escape(literal(text))


def render_figure(title: str, explanation: str, png: bytes, *, is_narrow: bool = False) -> str:
    """Put a picture under its title, with a line on how to read it."""
    picture = base64.b64encode(png).decode()
    kind = ' class="narrow"' if is_narrow else ""
    return (
        f"<h2>{title}</h2>\n<figure{kind}>\n<figcaption>{explanation}"
        f'</figcaption>\n<img alt="{title}" src="data:image/png;base64,{picture}">\n'
        "</figure>\n"
    )


def render_tuning(results: Results) -> str:
    """List what was tried for each contestant, and what was chosen."""
    standings = rank_contestants(results)
    body = ""
    for standing in standings:
        rates = [point.learning_rate for point in sensitivity_of(results, standing.contestant)]
        if rates:
            tried = ", ".join(f"{rate:.3g}" for rate in rates)
            cells = render_cell(show_rate(standing)) + f'<td class="text">{tried}</td>'
            body += render_row(literal(standing.contestant), cells)
    if not body:
        return ""
    warning = (
        "<p>A chosen learning rate marked as an edge is the last that was tried on its side: a "
        "better one may lie beyond.</p>\n"
    )
    edges = any(standing.edge for standing in standings)
    table = render_table(["contestant", "chosen", "learning rates tried"], body, "texts")
    return "<h2>Learning rates tried</h2>\n" + warning * edges + table


def render_diverged(results: Results) -> str:
    """Count the diverged trials by contestant, stage and learning rate."""
    groups: dict[tuple[str, str, float], list[bool]] = {}
    for trial in results.trials:
        key = trial.contestant, trial.stage, trial.learning_rate
        groups.setdefault(key, []).append(trial.diverged)
    body = "".join(
        render_row(
            literal(name),
            "".join(
                map(render_cell, [stage, f"{rate:.3g}", f"{sum(diverged)} of {len(diverged)}"])
            ),
        )
        for (name, stage, rate), diverged in groups.items()
        if any(diverged)
    )
    if not body:
        return "<h2>Diverged trials</h2>\n<p>None.</p>\n"
    return "<h2>Diverged trials</h2>\n" + render_table(
        ["contestant", "stage", "learning rate", "diverged"], body
    )


def render_statements(statements: Iterable[Statement]) -> str:
    """List the rules."""
    items = "".join(f'<li id="rule-{rule.id}">{shown(rule.text)}</li>\n' for rule in statements)
    return f"<h2>Protocol</h2>\n<ul>\n{items}</ul>\n"


def render_settings(results: Results) -> str:
    """List what sets each contestant apart."""
    body = ""
    for contestant in results.protocol.contestants:
        pairs = [f"{key} = {value}" for key, value in flatten_settings(contestant.settings)]
        cells = f'<td class="text">{shown(", ".join(pairs))}</td>'
        body += render_row(literal(contestant.name), cells)
    return (
        "<h2>Settings of each contestant</h2>\n"
        "<p>All else is the same for all; comparison.json has the whole config.</p>\n"
        + render_table(["contestant", "settings"], body, "texts")
    )
