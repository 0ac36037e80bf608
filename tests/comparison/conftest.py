"""Finished comparisons made by hand."""

import math
from contextlib import contextmanager
from dataclasses import replace
from itertools import combinations

import matplotlib.figure
import matplotlib.text
import numpy as np
import pytest

from nlptrain.comparison import run as comparison
from nlptrain.comparison.figures.draw import draw_figures
from nlptrain.comparison.results import Candidate, Contestant, Protocol, Results, TrialRecord


def build_trial(contestant, seed, accuracies, **changes):
    """Make a final trial whose evaluations, 10 steps and 1 s apart, had these accuracies."""
    places = range(1, len(accuracies) + 1)
    best = max(range(len(accuracies)), key=lambda place: accuracies[place], default=None)
    fields = {
        "contestant": contestant,
        "stage": "final",
        "learning_rate": 0.1,
        "seed": seed,
        "steps": tuple(10 * place for place in places),
        "seconds": tuple(float(place) for place in places),
        "train_losses": tuple(1.1 - accuracy for accuracy in accuracies),
        "validation_losses": tuple(1.0 - accuracy for accuracy in accuracies),
        "validation_accuracies": tuple(accuracies),
        "validation_macro_f1s": tuple(accuracy - 0.01 for accuracy in accuracies),
        "best": best,
        "test_accuracy": None if best is None else accuracies[best],
        "test_loss": None if best is None else 1.0 - accuracies[best],
        "diverged": False,
    }
    return TrialRecord(**{**fields, **changes})


def build_tuning_trial(contestant, seed, rate, accuracy, **changes):
    """Make a tuning trial of one evaluation."""
    unread = {"stage": "tuning", "test_accuracy": None, "test_loss": None}
    return build_trial(contestant, seed, [accuracy], learning_rate=rate, **unread, **changes)


def build_results(trials, chosen=None, **changes):
    """Make the results of these trials, and a protocol that they follow."""
    names = list(dict.fromkeys(trial.contestant for trial in trials))
    rates = {trial.learning_rate for trial in trials if trial.stage == "tuning"}
    contestants = tuple(
        Contestant(name, {"optimizer": {"type": "sgd", "momentum": 0.9}}, tuple(sorted(rates)))
        for name in names
    )
    fields = {
        "name": "optimizers",
        "contestants": contestants,
        "tuning_seeds": _seeds(trials, "tuning"),
        "final_seeds": _seeds(trials, "final"),
        "max_widenings": 2,
        "tuned_by": "accuracy",
        "target_accuracy": 0.9,
        "loss": "bce",
        "majority": 0.5,
        "data": ("0" * 64,),
        "config": {"training": {"batch_size": 16}},
    }
    protocol = Protocol(**{**fields, **changes})
    return Results(protocol, dict.fromkeys(names, 0.1) | (chosen or {}), tuple(trials))


def build_tuned_results():
    """Make the results of one contestant that tunes more than its learning rate, and one not."""
    settings = [
        {"weight_decay": 0.0, "betas": [0.9, 0.999]},
        {"weight_decay": 0.01, "betas": [0.9, 0.99]},
        {"weight_decay": 0.01, "betas": [0.9, 0.999]},
        {"weight_decay": 0.0, "betas": [0.9, 0.99]},
    ]
    rates = (0.1, 0.1, 1.0, 0.01)
    drawn = [Candidate(rate, own) for rate, own in zip(rates, settings, strict=True)]
    trials = [
        build_tuning_trial("adamw", 0, each.learning_rate, accuracy, settings=each.settings)
        for each, accuracy in zip(drawn, (0.6, 0.8, 0.7, 0.5), strict=True)
    ]
    trials += [build_tuning_trial("sgd", 0, rate, 0.6 + (rate == 0.1) / 9) for rate in GRID]
    trials += [build_trial("adamw", 1, [0.9], settings=settings[1]), build_trial("sgd", 1, [0.7])]
    tune = {"weight_decay": [0.0, 0.01], "betas": [[0.9, 0.999], [0.9, 0.99]]}
    contestants = (
        Contestant("adamw", {"optimizer": {"type": "adamw"}}, (0.01, 0.1, 1.0), tune, tuple(drawn)),
        Contestant("sgd", {"optimizer": {"type": "sgd"}}, GRID),
    )
    results = build_results(trials, contestants=contestants)
    return replace(results, chosen_settings={"adamw": settings[1]})


GRID = (0.0316, 0.1, 0.316, 1.0)


def _seeds(trials, stage):
    return tuple(sorted({trial.seed for trial in trials if trial.stage == stage}))


def build_realistic_results():
    """Make a whole comparison: a grid, one contestant that diverges, odd names."""
    rng = np.random.default_rng(0)
    speeds = {
        "adam": 0.005,
        "adam_by_hand": 0.005,
        "adamw": 0.0045,
        "rmsprop": 0.004,
        "adagrad": 0.02,
        "sgd": 0.3,
        "sgd (momentum 0.9)": 0.03,
        "<b>nesterov</b> $x_2$": 0.035,
    }
    grid = tuple((10 ** np.linspace(-4, 0, 7)).tolist())
    trials = []
    chosen = {}
    for name, ideal in speeds.items():
        chosen[name] = min(grid, key=lambda rate: abs(math.log(rate / ideal)))
        fragile = name == "sgd (momentum 0.9)"
        for rate in grid:
            trials += [
                _fake_trial(name, "tuning", rate, seed, ideal, rng, rate > 0.5) for seed in (0, 1)
            ]
        for seed in (2, 3, 4, 5, 6):
            diverged = fragile and seed in (3, 5)
            trials.append(_fake_trial(name, "final", chosen[name], seed, ideal, rng, diverged))
    trials.sort(key=lambda trial: trial.stage, reverse=True)
    settings = {"optimizer": {"type": "sgd", "momentum": 0.9, "betas": [0.9, 0.999]}}
    contestants = tuple(Contestant(name, settings, grid) for name in speeds)
    return build_results(trials, chosen, contestants=contestants, target_accuracy=0.95)


def _fake_trial(name, stage, rate, seed, ideal, rng, diverged):
    """Make a falling loss, the faster the nearer the learning rate is to the ideal one."""
    steps = np.arange(50, 1001, 50)
    pace = 0.012 * math.exp(-0.5 * math.log10(rate / ideal) ** 2 * 3) * rng.uniform(0.7, 1.3)
    decay = np.exp(-pace * steps * rng.uniform(0.95, 1.05, steps.shape))
    floor = 0.02 + 0.02 * rng.random()
    losses = 0.69 * decay + floor
    accuracies = np.round((0.5 + 0.49 * (1 - decay) - floor / 4) * 2000) / 2000
    if diverged:
        keep = int(rng.integers(0, 4))
        steps, losses, accuracies = (
            steps[:keep],
            losses[:keep] * 3.0 ** np.arange(keep),
            accuracies[:keep],
        )
    best = int(accuracies.argmax()) if len(accuracies) else None
    final = stage == "final" and best is not None
    return TrialRecord(
        contestant=name,
        stage=stage,
        learning_rate=float(rate),
        seed=seed,
        steps=tuple(map(int, steps)),
        seconds=tuple((steps * 0.002).tolist()),
        train_losses=tuple((losses * 0.9).tolist()),
        validation_losses=tuple(losses.tolist()),
        validation_accuracies=tuple(accuracies.tolist()),
        validation_macro_f1s=tuple((accuracies - 0.001).tolist()),
        best=best,
        test_accuracy=float(accuracies[best]) - 0.003 if final else None,
        test_loss=float(losses[best]) + 0.004 if final else None,
        diverged=diverged,
    )


@pytest.fixture
def no_training(monkeypatch):
    """Give a function after which no trial may be trained."""

    def refuse(_):
        raise AssertionError("a trial was trained")

    return lambda: monkeypatch.setattr(comparison, "run_trials", refuse)


@pytest.fixture(scope="session")
def make_trial():
    return build_trial


@pytest.fixture(scope="session")
def make_tuning_trial():
    return build_tuning_trial


@pytest.fixture(scope="session")
def make_results():
    return build_results


@pytest.fixture(scope="session")
def make_tuned_results():
    return build_tuned_results


@pytest.fixture(scope="session")
def make_duel():
    """Make results from each contestant's final accuracies, one a seed."""

    def make(losses=None, **accuracies):
        trials = []
        for name, scores in accuracies.items():
            for seed, score in enumerate(scores):
                loss = (losses or {}).get(name, [1 - score] * len(scores))
                trials.append(build_trial(name, seed, [score], test_loss=loss[seed]))
        return build_results(trials)

    return make


@pytest.fixture(scope="session")
def realistic_results():
    return build_realistic_results()


@contextmanager
def remember_figures():
    """Keep the figures that are drawn, and in `boxes` where each text of theirs stood."""
    made = []
    begin, draw_text = matplotlib.figure.Figure.__init__, matplotlib.text.Text.draw

    def remember(figure, *arguments, **options):
        made.append(figure)
        figure.boxes = []
        begin(figure, *arguments, **options)

    def draw(text, renderer):
        draw_text(text, renderer)
        if text.get_visible() and text.get_text().strip():
            box = text.get_window_extent(renderer)
            text.get_figure(root=True).boxes.append((text.get_text(), box))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(matplotlib.figure.Figure, "__init__", remember)
        patch.setattr(matplotlib.text.Text, "draw", draw)
        yield made


@pytest.fixture
def figures():
    with remember_figures() as made:
        yield made


@pytest.fixture(scope="session", params=["with a grid", "twelve without one"])
def drawn(request, realistic_results):
    """Draw a whole comparison once: its SVGs and its figures."""
    twelve = [f"encoder {number}" for number in range(11)]
    twelve.append("model.encoder.type=pooling, optimizer.learning_rate=0.01")
    results = realistic_results
    if request.param == "twelve without one":
        results = build_results(
            [
                build_trial(name, seed, [0.3, 0.55 + 0.04 * place], diverged=place == 5)
                for place, name in enumerate(twelve)
                for seed in range(3)
            ]
        )
    with remember_figures() as made:
        return request.param, draw_figures(results), made


@pytest.fixture(scope="session")
def find_clashes():
    """Give a function that tells which texts lay on each other or left the picture."""

    def find(figure):
        width, height = figure.bbox.width, figure.bbox.height
        outside = [
            text
            for text, box in figure.boxes
            if box.x0 < 0 or box.y0 < 0 or box.x1 > width or box.y1 > height
        ]
        return outside + [
            (one, other)
            for (one, box), (other, another) in combinations(figure.boxes, 2)
            if box.overlaps(another)
        ]

    return find
