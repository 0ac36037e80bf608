"""What share of a search's time passes outside its trainings?

    python benchmarks/search.py [CONFIG] [--trials 20] [--seconds 2]

Searches a learning rate and a few more settings of a packaged config, without pruning, with as many
steps as make a training last about so long. The time outside is that between the first proposal and
the last trial's end, less what `train_trial` took: proposing, the study on the disk, the display.
Target: at most 10 % at trials of two seconds.
"""

import argparse
import os
import tempfile
import time
from pathlib import Path
from unittest.mock import patch

TARGET = 0.10
SPACE = (
    "optimizer.learning_rate=1e-4..1e-1:log",
    "model.dropout=0..0.5",
    "model.embedding.dim=8..32",
    "model.encoder.cell=rnn_tanh,gru,lstm",
    "training.batch_size=32,64,128",
    "model.readout=last,mean,max",
)


def main() -> None:
    """Measure and print one line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("config", nargs="?", default="rnn")
    parser.add_argument("--trials", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=2.0)
    arguments = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"
    steps = _find_steps(arguments.config, arguments.seconds)
    whole, inside = _search(arguments.config, arguments.trials, steps)
    outside = (whole - inside) / whole
    verdict = "met" if outside <= TARGET else "MISSED"
    print(
        f"{arguments.trials} trials of {inside / arguments.trials:.2f} s ({steps} steps): "
        f"{1000 * (whole - inside) / arguments.trials:.0f} ms a trial outside the trainings, "
        f"{outside:.1%} of the time; target: {TARGET:.0%}, {verdict}"
    )


def _load(source: str, steps: int, trials: int = 1):  # noqa: ANN202
    from nlptrain.config.load import load_config

    settings = [f"training.steps={steps}", "search.pruner=none", f"search.trials={trials}"]
    return load_config(source, settings, SPACE).config


def _find_steps(source: str, seconds: float) -> int:
    """Find how many steps last about so long, from a training of 100."""
    from nlptrain.search.trial import train_trial, trial_config

    config = trial_config(_load(source, 100), "accuracy")
    train_trial(config, lambda *_: True)  # The data is drawn once.
    began = time.perf_counter()
    train_trial(config, lambda *_: True)
    return max(1, round(100 * seconds / (time.perf_counter() - began)))


def _search(source: str, trials: int, steps: int) -> tuple[float, float]:
    """Return the seconds of all trials, and of their trainings."""
    from nlptrain.search import work as module
    from nlptrain.search.folder import agree, name_study, open_folder
    from nlptrain.search.follow import following
    from nlptrain.search.task import Task
    from nlptrain.search.work import work

    config, inside = _load(source, steps, trials), 0.0
    train = module.train_trial

    def timed(*arguments: object) -> object:
        nonlocal inside
        began = time.perf_counter()
        try:
            return train(*arguments)  # type: ignore[arg-type]
        finally:
            inside += time.perf_counter() - began

    with tempfile.TemporaryDirectory() as place, patch.object(module, "train_trial", timed):
        protocol = agree(config)
        folder = open_folder(protocol, output=None, searches_dir=Path(place), command=None)
        task = Task(config.model_dump(mode="json"), folder.path, name_study(protocol))
        work(Task(_load(source, steps, 1).model_dump(mode="json"), folder.path, "warm-up"))
        inside = 0.0
        with following(task, lambda _: None):
            began = time.perf_counter()
            work(task)
            return time.perf_counter() - began, inside


if __name__ == "__main__":
    main()
