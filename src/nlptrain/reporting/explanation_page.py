"""A worked example as one HTML file that needs nothing else: to read, to print, to hand in."""

from html import escape
from pathlib import Path

from nlptrain.files.storage import write_atomic
from nlptrain.reporting import html_page
from nlptrain.reporting.html_page import render_cell, render_row, render_table
from nlptrain.reporting.worked_example import CharacterScore, Grid, Step, WorkedExample

_STYLE = """
.line { font-family: ui-monospace, monospace; font-size: .9375rem; }
.string { font: 1.5rem/1.6 ui-monospace, monospace; overflow-wrap: anywhere; }
.string span, .character { padding: 0 .15em; border-radius: .15em; }
.scores th:nth-child(4) { text-align: center; }
.bar { display: flex; margin: 0 .5rem; width: 9rem; height: .8rem; }
.bar span { flex: 1; display: flex; }
.bar span:first-child { justify-content: flex-end; border-right: 1px solid var(--faint); }
.string span, .character, .bar i { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
@media (max-width: 30rem) { .bar { width: 6rem; } }
"""


def save_page(example: WorkedExample, path: Path) -> None:
    """Write the page, atomically.

    Raises:
        RunFolderError: The file cannot be written.
    """
    write_atomic(path, render_page(example).encode())


def render_page(example: WorkedExample) -> str:
    """Write the page as HTML; whatever comes from the user is escaped."""
    title = f"{example.text or '(the empty string)'} → {example.outcome}"
    steps = "".join(_step(place, step) for place, step in enumerate(example.steps, start=1))
    heading = f'<h1>{escape(title)}</h1>\n<p class="source">{escape(example.source)}</p>\n'
    return html_page.render_page(title, _STYLE, heading + steps + _scores(example))


def _step(place: int, step: Step) -> str:
    grids = "".join(map(_grid, step.grids))
    lines = "".join(f'<p class="line">{escape(line)}</p>\n' for line in step.lines)
    remark = f'<p class="remark">{escape(step.remark)}</p>\n' if step.remark else ""
    return (
        f"<h2>{place}. {escape(step.title)}</h2>\n<p>{escape(step.sentence)}</p>\n"
        f"{grids}{lines}{remark}"
    )


def _grid(grid: Grid) -> str:
    body = "".join(render_row(name, "".join(map(render_cell, cells))) for name, *cells in grid.rows)
    return render_table(grid.header, body)


def _scores(example: WorkedExample) -> str:
    if not example.scores:
        return ""
    string = "".join(
        f"<span{_style(score)}>{escape(score.character)}</span>" for score in example.scores
    )
    body = "".join(map(_score_row, example.scores))
    first, *others = example.measures
    header = ("position", "", first, "-   |   +", *others)
    return f'<p class="string">{string}</p>\n{render_table(header, body, "scores")}'


def _score_row(score: CharacterScore) -> str:
    first, *others = map(render_cell, score.numbers)
    character = f'<td><span class="character"{_style(score)}>{escape(score.character)}</span></td>'
    return render_row(str(score.position), character + first + _bar(score) + "".join(others))


def _bar(score: CharacterScore) -> str:
    bar = f'<i style="width:{abs(score.strength):.0%};background:{score.hue}"></i>'
    against, supporting = ("", bar) if score.strength > 0 else (bar, "")
    return f'<td><div class="bar"><span>{against}</span><span>{supporting}</span></div></td>'


def _style(score: CharacterScore) -> str:
    if score.background is None:
        return ""
    return f' style="background:{score.background};color:{score.foreground}"'
