"""A worked example in the terminal, readable with and without colour."""

from itertools import chain

from rich.console import Console
from rich.measure import Measurement
from rich.segment import Segment, Segments
from rich.table import Table
from rich.text import Text

from nlptrain.reporting.worked_example import CharacterScore, NumberTable, Step, WorkedExample

BAR_WIDTH = 10
_UNLIMITED = 100_000


def print_worked_example(example: WorkedExample, console: Console) -> None:
    """Print a string's steps from characters to class, and each character's contribution."""
    console.print(Text(f"{example.text or '(the empty string)'} → {example.outcome}", "bold"))
    for number, step in enumerate(example.steps, start=1):
        console.print()
        console.print(Text(f"{number}. {step.title}", "bold cyan"))
        _print_step(step, console)
    if example.scores:
        console.print()
        console.print(_coloured_string(example.scores))
        _print_scores(example, console)


def _print_step(step: Step, console: Console) -> None:
    console.print(Text(step.sentence))
    if step.calculation:
        console.print(Text(f"  {step.calculation}"))
    for table in step.tables:
        console.print()
        _print_table(table, console)
    if step.tables and step.lines:
        console.print()
    for line in step.lines:
        console.print(Text(f"  {line}"))
    if step.remark:
        console.print(Text(f"  {step.remark}", "dim"))


def _print_table(table: NumberTable, console: Console) -> None:
    """Print a table; columns that do not fit the screen continue below."""
    first, count = 1, len(table.header)
    while first < count:
        last = first + 1
        while last < count and _fits(_lay_out(table, first, last + 1), console):
            last += 1
        if first > 1:
            console.print()
        _print_rich(_lay_out(table, first, last), console)
        first = last


def _lay_out(numbers: NumberTable, first: int, last: int) -> Table:
    table = _indented_table()
    table.add_column(Text(f"  {numbers.header[0]}"), no_wrap=True, style="dim")
    for name in numbers.header[first:last]:
        table.add_column(Text(name), justify="right", no_wrap=True)
    for name, *cells in numbers.rows:
        table.add_row(Text(f"  {name}"), *map(Text, cells[first - 1 : last - 1]))
    return table


def _print_scores(example: WorkedExample, console: Console) -> None:
    table = _score_table(example, bars=True)
    if not _fits(table, console):
        table = _score_table(example, bars=False)
    _print_rich(table, console)


def _score_table(example: WorkedExample, *, bars: bool) -> Table:
    table = _indented_table()
    table.add_column(Text("  position"), no_wrap=True)
    table.add_column("", no_wrap=True)
    table.add_column(Text(example.measures[0]), justify="right", no_wrap=True)
    if bars:
        table.add_column(Text("-         │         +"), no_wrap=True)
    for measure in example.measures[1:]:
        table.add_column(Text(measure), justify="right", no_wrap=True)
    for score in example.scores:
        first, *rest = map(Text, score.numbers)
        character = Text(score.character, _style(score))
        bar = [_bar(score)] if bars else []
        table.add_row(f"  {score.position:>8}", character, first, *bar, *rest)
    return table


def _indented_table() -> Table:
    return Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="dim")


def _coloured_string(scores: tuple[CharacterScore, ...]) -> Text:
    line = Text("  ")
    for score in scores:
        line.append(score.character, _style(score))
    return line


def _bar(score: CharacterScore) -> Text:
    """Draw a bar from the middle: right for the class, left against it."""
    length = round(abs(score.strength) * BAR_WIDTH)
    against = "█" * length if score.strength < 0 else ""
    supporting = "█" * length if score.strength > 0 else ""
    bar = Text().append(against.rjust(BAR_WIDTH), score.hue).append("│", "dim")
    return bar.append(supporting.ljust(BAR_WIDTH), score.hue)


def _style(score: CharacterScore) -> str:
    return "" if score.background is None else f"{score.foreground} on {score.background}"


def _measure(table: Table, console: Console) -> int:
    options = console.options.update(max_width=_UNLIMITED)
    return Measurement.get(console, options, table).maximum


def _fits(table: Table, console: Console) -> bool:
    return not console.is_terminal or _measure(table, console) <= console.width


def _print_rich(table: Table, console: Console) -> None:
    """Print a table as wide as necessary, but not wider than a terminal."""
    width = _measure(table, console)
    table.width = min(width, console.width) if console.is_terminal else width
    lines = console.render_lines(table, console.options.update(width=table.width), new_lines=True)
    console.print(Segments(chain.from_iterable(map(_trim, lines))), soft_wrap=True, end="")


def _trim(line: list[Segment]) -> list[Segment]:
    end = len(line)
    while end and not line[end - 1].text.strip():
        end -= 1
    if end == 0:
        return [Segment.line()]
    last = line[end - 1]
    return [*line[: end - 1], Segment(last.text.rstrip(), last.style), Segment.line()]
