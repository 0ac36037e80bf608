"""The frame of every HTML page: a file that needs nothing else, light or dark, or printed."""

from collections.abc import Iterable
from html import escape

STYLE = """
:root { color-scheme: light dark;
  --ink: #1a1a1a; --faint: #595959; --rule: #bbb; --paper: #fff; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e6e6; --faint: #a8a8a8; --rule: #555; --paper: #16181c; }
}
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper);
  max-width: 56rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
h1 { font-size: 1.5rem; line-height: 1.3; margin: 0 0 .25rem; overflow-wrap: anywhere; }
h2 { font-size: 1.1rem; margin: 2rem 0 .25rem; }
p { margin: .25rem 0 .5rem; overflow-wrap: anywhere; }
.source, .remark { color: var(--faint); font-size: .875rem; }
.scroll { overflow-x: auto; margin: .5rem 0; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .875rem; }
th, td { padding: .15rem .6rem; text-align: right; white-space: pre; }
thead th { color: var(--faint); font-weight: 400; border-bottom: 1px solid var(--rule); }
tbody th { font-weight: 600; text-align: left; }
tbody th, thead th:first-child { position: sticky; left: 0; background: var(--paper); }
thead th:first-child { text-align: left; }
@media (max-width: 30rem) {
  th, td { padding: .15rem .3rem; }
  table { font-size: .8125rem; }
}
@media print {
  :root { --ink: #000; --faint: #444; --rule: #bbb; --paper: #fff; }
  body { max-width: none; padding: 0; font-size: 11pt; }
  h2 { break-after: avoid; }
  tr { break-inside: avoid; }
  .scroll { overflow: visible; }
}
"""


def render_page(title: str, style: str, body: str) -> str:
    """Put a body into a whole page.

    Args:
        title: Plain text; escaped here.
        style: CSS beyond the common one.
        body: HTML; whatever comes from the user is escaped in it.
    """
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}{style}</style>\n</head>\n"
        f"<body>\n{body}</body>\n</html>\n"
    )


def render_table(header: Iterable[str], body: str, kind: str = "numbers") -> str:
    """Put rows into a table that scrolls where it is too wide; column names are escaped here."""
    names = "".join(f'<th scope="col">{escape(name)}</th>' for name in header)
    return (
        f'<div class="scroll"><table class="{kind}">\n<thead><tr>{names}</tr></thead>\n'
        f"<tbody>\n{body}</tbody>\n</table></div>\n"
    )


def render_row(name: str, cells: str) -> str:
    """Make a row of its name, which is escaped here, and of finished cells."""
    return f'<tr><th scope="row">{escape(name)}</th>{cells}</tr>\n'


def render_cell(text: str) -> str:
    """Make a cell of plain text."""
    return f"<td>{escape(text)}</td>"
