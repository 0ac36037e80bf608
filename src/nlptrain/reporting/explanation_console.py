"""A worked example in the terminal, in colour where there is any, and clear without."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from nlptrain.reporting.table_layout import print_rich_table, unwrapped_fits
from nlptrain.reporting.worked_example import CharacterScore, Grid, Step, WorkedExample

BAR_WIDTH = 10


def print_worked_example(example: WorkedExample, console: Console) -> None:
    """Print a string's way from its characters to its class, and what each of these adds."""
    console.print(Text(f"{example.text or '(the empty string)'} → {example.outcome}", "bold"))
    for place, step in enumerate(example.steps, start=1):
        console.print()
        console.print(Text(f"{place}. {step.title}", "bold cyan"))
        _print_step(step, console)
    if example.scores:
        console.print()
        console.print(_coloured_string(example.scores))
        _print_scores(example, console)


def _print_step(step: Step, console: Console) -> None:
    console.print(Text(step.sentence))
    for grid in step.grids:
        console.print()
        _print_grid(grid, console)
    if step.grids and step.lines:
        console.print()
    for line in step.lines:
        console.print(Text(f"  {line}"))
    if step.remark:
        console.print(Text(f"  {step.remark}", "dim"))


def _print_grid(grid: Grid, console: Console) -> None:
    """Print a grid; columns that the screen has no room for go on below."""
    first, count = 1, len(grid.header)
    while first < count:
        last = first + 1
        while last < count and unwrapped_fits(_grid_table(grid, first, last + 1), console):
            last += 1
        if first > 1:
            console.print()
        print_rich_table(_grid_table(grid, first, last), console)
        first = last


def _grid_table(grid: Grid, first: int, last: int) -> Table:
    """Lay out the names and some of the other columns of a grid."""
    table = _indented_table()
    table.add_column(Text(f"  {grid.header[0]}"), no_wrap=True, style="dim")
    for name in grid.header[first:last]:
        table.add_column(Text(name), justify="right", no_wrap=True)
    for name, *cells in grid.rows:
        table.add_row(Text(f"  {name}"), *map(Text, cells[first - 1 : last - 1]))
    return table


def _print_scores(example: WorkedExample, console: Console) -> None:
    """Print what each character adds; the bars only where the screen has room for them."""
    whole = _score_table(example, bars=True)
    if not unwrapped_fits(whole, console):
        whole = _score_table(example, bars=False)
    print_rich_table(whole, console)


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
    """Draw a bar from the middle: to the right for the class, to the left against it."""
    length = round(abs(score.strength) * BAR_WIDTH)
    against = "█" * length if score.strength < 0 else ""
    supporting = "█" * length if score.strength > 0 else ""
    bar = Text().append(against.rjust(BAR_WIDTH), score.hue).append("│", "dim")
    return bar.append(supporting.ljust(BAR_WIDTH), score.hue)


def _style(score: CharacterScore) -> str:
    return "" if score.background is None else f"{score.foreground} on {score.background}"
