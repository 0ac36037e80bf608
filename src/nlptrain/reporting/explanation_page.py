"""A worked example as one HTML file that needs nothing else: to read, to print, to hand in."""

from html import escape
from pathlib import Path

from nlptrain.reporting.worked_example import CharacterScore, Grid, Step, WorkedExample
from nlptrain.storage import write_atomic

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; color: #1a1a1a; background: #fff;
  max-width: 56rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
h1 { font-size: 1.5rem; line-height: 1.3; margin: 0 0 .25rem; overflow-wrap: anywhere; }
h2 { font-size: 1.1rem; margin: 2rem 0 .25rem; }
p { margin: .25rem 0 .5rem; overflow-wrap: anywhere; }
.source, .remark { color: #595959; font-size: .875rem; }
.scroll { overflow-x: auto; margin: .5rem 0; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .875rem; }
th, td { padding: .15rem .6rem; text-align: right; white-space: pre; }
thead th { color: #595959; font-weight: 400; border-bottom: 1px solid #bbb; }
tbody th { font-weight: 600; text-align: left; }
tbody th, thead th:first-child { position: sticky; left: 0; background: #fff; }
thead th:first-child { text-align: left; }
.line { font-family: ui-monospace, monospace; font-size: .9375rem; }
.string { font: 1.5rem/1.6 ui-monospace, monospace; overflow-wrap: anywhere; }
.string span, .character { padding: 0 .15em; border-radius: .15em; }
.scores th:nth-child(4) { text-align: center; }
.bar { display: flex; margin: 0 .5rem; width: 9rem; height: .8rem; }
.bar span { flex: 1; display: flex; }
.bar span:first-child { justify-content: flex-end; border-right: 1px solid #595959; }
.string span, .character, .bar i { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
@media (max-width: 30rem) {
  th, td { padding: .15rem .3rem; }
  table { font-size: .8125rem; }
  .bar { width: 6rem; }
}
@media print {
  body { max-width: none; padding: 0; font-size: 11pt; }
  h2 { break-after: avoid; }
  tr { break-inside: avoid; }
  .scroll { overflow: visible; }
}
"""


def save_page(example: WorkedExample, path: Path) -> None:
    """Write the page, atomically.

    Raises:
        RunFolderError: The file cannot be written.
    """
    write_atomic(path, render_page(example).encode())


def render_page(example: WorkedExample) -> str:
    """Write the page as HTML; whatever comes from the user is escaped."""
    title = f"{escape(example.text) or '(the empty string)'} → {escape(example.outcome)}"
    steps = "".join(_step(place, step) for place, step in enumerate(example.steps, start=1))
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f'<h1>{title}</h1>\n<p class="source">{escape(example.source)}</p>\n'
        f"{steps}{_scores(example)}</body>\n</html>\n"
    )


def _step(place: int, step: Step) -> str:
    grids = "".join(map(_grid, step.grids))
    lines = "".join(f'<p class="line">{escape(line)}</p>\n' for line in step.lines)
    remark = f'<p class="remark">{escape(step.remark)}</p>\n' if step.remark else ""
    return (
        f"<h2>{place}. {escape(step.title)}</h2>\n<p>{escape(step.sentence)}</p>\n"
        f"{grids}{lines}{remark}"
    )


def _grid(grid: Grid) -> str:
    body = "".join(_row(name, "".join(map(_cell, cells))) for name, *cells in grid.rows)
    return _table(grid.header, body)


def _scores(example: WorkedExample) -> str:
    if not example.scores:
        return ""
    string = "".join(
        f"<span{_style(score)}>{escape(score.character)}</span>" for score in example.scores
    )
    body = "".join(map(_score_row, example.scores))
    first, *others = example.measures
    header = ("position", "", first, "-   |   +", *others)
    return f'<p class="string">{string}</p>\n{_table(header, body, "scores")}'


def _score_row(score: CharacterScore) -> str:
    first, *others = map(_cell, score.numbers)
    character = f'<td><span class="character"{_style(score)}>{escape(score.character)}</span></td>'
    return _row(str(score.position), character + first + _bar(score) + "".join(others))


def _bar(score: CharacterScore) -> str:
    bar = f'<i style="width:{abs(score.strength):.0%};background:{score.hue}"></i>'
    against, supporting = ("", bar) if score.strength > 0 else (bar, "")
    return f'<td><div class="bar"><span>{against}</span><span>{supporting}</span></div></td>'


def _table(header: tuple[str, ...], body: str, kind: str = "numbers") -> str:
    names = "".join(f'<th scope="col">{escape(name)}</th>' for name in header)
    return (
        f'<div class="scroll"><table class="{kind}">\n<thead><tr>{names}</tr></thead>\n'
        f"<tbody>\n{body}</tbody>\n</table></div>\n"
    )


def _row(name: str, cells: str) -> str:
    return f'<tr><th scope="row">{escape(name)}</th>{cells}</tr>\n'


def _cell(text: str) -> str:
    return f"<td>{escape(text)}</td>"


def _style(score: CharacterScore) -> str:
    if score.background is None:
        return ""
    return f' style="background:{score.background};color:{score.foreground}"'
