"""Every lab runs, gives the course's numbers, and opens as a notebook."""

import math
import re
import runpy
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import jupytext
import numpy as np
import pytest

pytestmark = pytest.mark.long

LABS = Path(__file__).parents[2] / "labs"
NAMES = sorted(path.stem for path in LABS.glob("[0-9][0-9]_*.py"))


def between(low, high):
    """Equal to any number of a range, borders included."""
    return pytest.approx((low + high) / 2, abs=(high - low) / 2)


# What each lab's main() must return, at least. Where no other reason stands beside it, a tolerance
# is half a unit of the last place that the course's notes print.
NUMBERS = {
    # The grid holds 2.0 itself, where each term of the loss is exactly 0; 14/3 · 2² at both ends.
    "01_exhaustive_search": {
        "weight": 2.0,
        "loss": 0.0,
        "loss_at_0": pytest.approx(56 / 3, rel=1e-12),
        "loss_at_4": pytest.approx(56 / 3, rel=1e-12),
    },
    "02_gradient_descent": {
        "predict_4_before": 4.0,
        "predict_4_after": pytest.approx(7.9998, abs=5e-5),
        "weight": pytest.approx(1.99994, abs=5e-6),
        "limit": pytest.approx(0.2143, abs=5e-5),
    },
    "03_stochastic_gradient_descent": {
        "first_losses": pytest.approx([0.960, 3.252, 4.919, 0.525], abs=5e-4),
        "last_example_always_falls": True,
        # The distance to 2 shrinks by (1 - 2α)(1 - 8α)(1 - 18α) = 0.739 an epoch, to 1e-13.
        "weight": pytest.approx(2, abs=1e-12),
        "weight_shuffled": pytest.approx(2, abs=1e-12),
        "limit": pytest.approx(0.2040, abs=5e-5),
        # Noise around a falling trend: nearly as many rises as falls; smoothed, far fewer.
        "rises": between(0.35, 0.5),
        "smooth_rises": between(0.05, 0.3),
        "jitter_falls": True,
        # On the ridge the slope along b is 0 in every digit.
        "saddle_without_noise": 0.0,
        # b hovers about ±1: √(α/4)·σ = 0.016 with α = σ = 0.1, and three of these.
        "saddle_with_noise": pytest.approx(1, abs=0.05),
    },
    "04_autograd": {
        "nodes": ["Mean", "Pow", "Sub", "Add", "Mul", "AccumulateGrad", "AccumulateGrad"],
        # 2 (w·x + b - y) = 2 (2 - 4): once, twice, cleared, once.
        "bias": [None, -4.0, -8.0, 0.0, -4.0],
        # Float64 rounding of sums in another order.
        "accumulated_minus_whole": pytest.approx(0, abs=1e-14),
        "by_hand_minus_autograd": pytest.approx(0, abs=1e-14),
        # Mean, Pow, Sub, Add and Mul, and the addition to the total.
        "kept_nodes_per_batch": 6.0,
        "weight": pytest.approx(1.99994, abs=5e-6),
        "sgd_difference": pytest.approx(0, abs=1e-14),
    },
    # The notes' ranges are those of random starts, which come near the corners of the square but
    # not into them: up to 0.02 narrower.
    "05_linear_regression": {
        "after_100": {
            "w": pytest.approx((1.59, 2.10), abs=0.02),
            "b": pytest.approx((-0.22, 0.93), abs=0.02),
            "y(4)": pytest.approx((7.30, 8.17), abs=0.02),
        },
        "after_1000": {
            "w": pytest.approx((2, 2), abs=0.00145),
            "b": pytest.approx((0, 0), abs=0.00145),
            "y(4)": pytest.approx((8, 8), abs=0.00145),
        },
        # 100 steps in float64.
        "torch_difference": pytest.approx(0, abs=1e-13),
        "factor": pytest.approx(0.99279, abs=5e-6),
        "limit": pytest.approx(0.0601, abs=5e-5),
        "grows_around_limit": [False, True],
    },
    "06_neurons_and_layers": {
        "perceptron": [0, 0, 0, 1],
        "xor_epochs_with_errors": 20,
        # σ(±10) is 4.5e-5 from 1 or 0, and a second gate adds as little.
        "and": pytest.approx(np.array([0, 0, 0, 1]), abs=1e-4),
        "xnor": pytest.approx(np.array([1, 0, 0, 1]), abs=1e-4),
        "bias_unit": 0.0,
        # Float64 rounding, in outputs of about 100.
        "collapse": pytest.approx(0, abs=1e-12),
        # σ(5)(1 - σ(5)) and 1 - tanh²(5), by the math module; ReLU's is exact.
        "slope_at_5": {
            "sigmoid": pytest.approx(math.exp(-5) / (1 + math.exp(-5)) ** 2, rel=1e-12),
            "tanh": pytest.approx(1 / math.cosh(5) ** 2, rel=1e-9),
            "relu": 1.0,
        },
        # A slope of at most 1/4 and weights that lengthen by √2: at most (√2 / 4)¹⁰ = 3e-5. ReLU
        # keeps the length on average; one draw of 10 layers of 100 strays by some tens of per cent.
        "gradient_at_layer_1": {
            "sigmoid": between(1e-6, 3e-5),
            "tanh": between(0.3, 3),
            "relu": between(0.3, 3),
        },
        # Without an activation never; the sigmoid takes the longest of the three.
        "steps": {
            "none": 2000,
            "sigmoid": between(250, 500),
            "tanh": between(80, 249),
            "relu": between(80, 249),
        },
    },
    "07_logistic_regression": {
        "parameters": 87,
        "shapes": ((569, 8), (569, 1), "float32"),
        "majority": pytest.approx(104 / 169, rel=1e-12),
        # After the course's 100 epochs sigmoids say the larger class to everyone. The others, and
        # sigmoids after 2,000, leave about one in ten wrong: ±3 points are 5 of 169 patients.
        "accuracies": {
            ("sigmoid", 100): pytest.approx(104 / 169, rel=1e-12),
            ("sigmoid", 2000): pytest.approx(0.935, abs=0.03),
            ("tanh", 100): pytest.approx(0.923, abs=0.03),
            ("tanh", 2000): pytest.approx(0.935, abs=0.03),
            ("relu", 100): pytest.approx(0.923, abs=0.03),
            ("relu", 2000): pytest.approx(0.941, abs=0.03),
        },
        # 100 steps in float32, at losses of 0.66: a few units in the last place.
        "torch_difference": pytest.approx(0, abs=1e-6),
        # BCELoss cuts log(0) off at -100; the loss itself is log(1 + e²⁰), here in float32.
        "loss_of_20": (math.inf, 100.0, pytest.approx(20, rel=1e-6)),
        "broadcast": (400, 400),
    },
    "08_softmax_classifier": {
        # Log-softmax and NLL, and torch: the same in float64.
        "differences": pytest.approx([0, 0], abs=1e-14),
        # Minus a mean of probabilities, where no cross-entropy can be; and not the same number.
        "softmax_then_nll": between(-1, 0),
        "softmax_then_cross_entropy": between(0.01, 0.1),
        # 64·64 + 64 + 64·32 + 32 + 32·10 + 10
        "parameters": 6570,
        # Normalized in float64.
        "mean_and_deviation": pytest.approx((0, 1), abs=1e-12),
        # Between what a linear classifier reaches on these digits (.95) and all of them.
        "accuracy": between(0.96, 1),
    },
    "09_edge_detector": {
        "edges": pytest.approx(np.array([[0, 1, 0, 0, 0, -1, 0]] * 6), abs=0),
        "flipped": (0.0, 2.0),
        # The notes' .914-1.062 and -1.063 to -.915 are of random starts; the corners are 2e-3 out.
        "lowest": pytest.approx([0.914, -1.063], abs=2.5e-3),
        "highest": pytest.approx([1.062, -0.915], abs=2.5e-3),
        "all_starts_within": True,
        "torch_difference": pytest.approx(0, abs=1e-14),
    },
    "10_padding_and_stride": {
        "shapes": {(6, 8): [(2, 2)] * 3, (8, 8): [(2, 2)] * 3},
        "plain": (3, 3),
        "disagreements": 0,
        # Rows 6 and 7 of the 8 × 8 image.
        "unseen": {(6, 8): 0, (8, 8): 16},
        "pooled": ((5, 7), (3, 4)),
    },
}


@pytest.fixture
def as_script(monkeypatch, tmp_path):
    """Make the labs' folder the first to import from, as for a script, and figures temporary."""
    monkeypatch.syspath_prepend(LABS)
    monkeypatch.setattr(sys, "argv", ["lab", "--output", str(tmp_path / "figures")])
    monkeypatch.chdir(tmp_path)
    return tmp_path / "figures"


@pytest.mark.parametrize("name", NUMBERS)
def test_lab_gives_the_courses_numbers_and_a_figure(name, as_script, capsys):
    numbers = runpy.run_path(str(LABS / f"{name}.py"))["main"]()
    assert {key: numbers[key] for key in NUMBERS[name]} == NUMBERS[name]
    figures = sorted(as_script.glob("*.png"))
    assert figures
    assert all(path.stem.startswith(name) for path in figures)
    printed = capsys.readouterr().out
    assert all(f"figure: {path}" in printed for path in figures)


@pytest.mark.parametrize("name", NAMES)
def test_lab_suggests_changes_of_what_it_has(name):
    _, docstring, code = (LABS / f"{name}.py").read_text(encoding="utf-8").split('"""', 2)
    _, suggestions = docstring.split("**Change next.**")
    named = re.findall(r"`(\w+)`", suggestions) + re.findall(r"\b[A-Z][A-Z_]{3,}\b", suggestions)
    assert [each for each in named if not re.search(rf"\b{each}\b", code)] == []


@pytest.mark.parametrize("name", NAMES)
def test_lab_opens_as_a_notebook(name):
    notebook = jupytext.read(LABS / f"{name}.py")
    kinds = [cell.cell_type for cell in notebook.cells]
    assert kinds[0] == "markdown"
    assert {"markdown", "code"} == set(kinds)
    assert notebook.cells[0].source.startswith(("A", "B", "C"))
    assert "main()" in notebook.cells[-1].source


@pytest.mark.parametrize("name", ["02_gradient_descent", "09_edge_detector"])
def test_notebooks_cells_run_in_order_and_print_what_the_script_prints(name, as_script, capsys):
    runpy.run_path(str(LABS / f"{name}.py"))["main"]()
    printed = capsys.readouterr().out
    namespace = {"__name__": "__main__"}
    for cell in jupytext.read(LABS / f"{name}.py").cells:
        if cell.cell_type == "code":
            exec(cell.source, namespace)
    assert capsys.readouterr().out == printed


def test_notebook_takes_no_kernel_arguments_and_displays_its_figure(as_script, monkeypatch):
    shown = []
    display = ModuleType("IPython.display")
    display.display = shown.append
    monkeypatch.setitem(sys.modules, "ipykernel", ModuleType("ipykernel"))
    monkeypatch.setitem(sys.modules, "IPython.display", display)
    monkeypatch.setattr(sys, "argv", ["ipykernel_launcher.py", "-f", "kernel-1.json"])
    runpy.run_path(str(LABS / "01_exhaustive_search.py"))["main"]()
    assert [picture.size for picture in shown] == [(560, 360)]
    assert Path("runs/labs/01_exhaustive_search.png").is_file()


def test_lab_runs_as_a_program_from_any_folder(tmp_path):
    command = [sys.executable, LABS / "01_exhaustive_search.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "at w = 2.0" in done.stdout
    assert (tmp_path / "runs" / "labs" / "01_exhaustive_search.png").exists()


def test_lab_says_its_question_when_asked_for_help(tmp_path):
    command = [sys.executable, LABS / "01_exhaustive_search.py", "--help"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "Question" in done.stdout
    assert "--show" in done.stdout
