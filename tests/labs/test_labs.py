"""Every lab runs, gives the course's numbers, and opens as a notebook."""

import runpy
import sys
from pathlib import Path

import jupytext
import pytest

LABS = Path(__file__).parents[2] / "labs"
NAMES = sorted(path.stem for path in LABS.glob("[0-9][0-9]_*.py"))


def between(low, high):
    """Equal to any number of a range, borders included."""
    return pytest.approx((low + high) / 2, abs=(high - low) / 2)


# What each lab's main() must return, at least; a tolerance is half a unit of the last place that
# the course's notes print, where no other reason stands beside it.
NUMBERS = {
    # The grid holds 2.0 itself, where each term of the loss is exactly 0; 14/3 · 2² at both ends.
    "01_exhaustive_search": {
        "weight": 2.0,
        "loss": 0.0,
        "loss_at_0": pytest.approx(56 / 3, rel=1e-12),
        "loss_at_4": pytest.approx(56 / 3, rel=1e-12),
    },
}


@pytest.fixture
def as_script(monkeypatch, tmp_path):
    """Make the labs' folder the first to import from, as for a script, and figures temporary."""
    monkeypatch.syspath_prepend(LABS)
    monkeypatch.setattr(sys, "argv", ["lab", "--output", str(tmp_path / "figures")])
    monkeypatch.chdir(tmp_path)
    return tmp_path / "figures"


def test_every_lab_has_its_numbers_here():
    assert list(NUMBERS) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_lab_gives_the_courses_numbers_and_a_figure(name, as_script, capsys):
    numbers = runpy.run_path(str(LABS / f"{name}.py"))["main"]()
    assert {key: numbers[key] for key in NUMBERS[name]} == NUMBERS[name]
    figures = sorted(as_script.glob("*.png"))
    assert figures
    assert all(path.stem.startswith(name) for path in figures)
    printed = capsys.readouterr().out
    assert all(f"figure: {path}" in printed for path in figures)


@pytest.mark.parametrize("name", NAMES)
def test_lab_opens_as_a_notebook(name):
    notebook = jupytext.read(LABS / f"{name}.py")
    kinds = [cell.cell_type for cell in notebook.cells]
    assert kinds[0] == "markdown"
    assert {"markdown", "code"} == set(kinds)
    assert notebook.cells[0].source.startswith(("A", "B", "C"))
    assert "main()" in notebook.cells[-1].source
