# %% [markdown]
"""C12. Optimizers side by side: SGD, SGD with momentum, Adam, and Adam by hand.

**Question.** From the same start and on the same batches, which optimizer learns fastest, and is
Adam by its formula the same as PyTorch's Adam?

**Watch.** What makes the comparison fair: every optimizer may try the same number of learning
rates, the validation split selects the best, and the scores are from new seeds (other strings,
another start). In the first table: the steps to the target, as the median over the seeds that
reached it, because in the end all classify every string correctly. In the figure: how much the
learning rate matters to each. In the last table: the two Adams differ only by rounding. At a
learning rate that is too high, rounding is enough to make them diverge from each other.

**Change next.** Add `{type: rmsprop}` and `{type: adagrad}`. Set `trials: 1`: each keeps the
learning rate given here. Who wins now, and is that an answer? With 3 seeds, nlptrain calls nobody
better: four optimizers can be told apart from 8 seeds on. Set `seeds: 8`. Open the report in a
browser; its path is printed.
"""

# %%
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from figure import draw, save

FOLDER = Path("runs/labs/12_optimizers")
CONFIG = """\
# Which optimizer finds the only a of a string fastest?
name: optimizers
engine: torch            # by hand, there is one Adam; in torch there are two
data:
  task: {type: position_first, character: a, alphabet: abcdefghij, lengths: [10, 10]}
  sizes: {train: 1000, validation: 500, test: 500}
model:
  embedding: {dim: 16}
  encoder: {type: rnn, cell: rnn_tanh, hidden_size: 32}
  readout: last
  loss: cross_entropy
training: {epochs: 6, batch_size: 64, evaluate_every_steps: 8, dtype: float64}
comparison:
  seeds: 3               # scored trainings of each, from fresh seeds
  trials: 3              # learning rates tried for each, around the one given here
  tuning_seeds: 2        # trainings of each rate tried
  target_accuracy: 0.95
  optimizers:
    - {type: sgd, learning_rate: 0.1}
    - {type: sgd, learning_rate: 0.1, momentum: 0.9}
    - {type: adam, learning_rate: 1e-2}
    - {type: adam_by_hand, learning_rate: 1e-2}
"""

# %% [markdown]
# ## One command
#
# `nlptrain compare-optimizers CONFIG` trains all of them, prints the ranking, and writes a report,
# its figures, and every number to comparison.json. A changed config gets its own folder.


# %%
def compare(folder: Path) -> dict[str, Any]:
    """Run the command, and read its results."""
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "optimizers.yaml"
    config.write_text(CONFIG, encoding="utf-8")
    command = [sys.executable, "-m", "nlptrain", "compare-optimizers", str(config)]
    finished = subprocess.run(  # noqa: S603 (our own command)
        [*command, "--comparisons-dir", str(folder), "--jobs", "2", "--quiet"],
        check=False,
        text=True,
        encoding="utf-8",
        stdout=subprocess.PIPE,
    )
    if finished.returncode:  # it has said on stderr what is wrong
        sys.exit(finished.returncode)
    print(finished.stdout)
    newest = max(folder.glob("*/comparison.json"), key=lambda path: path.stat().st_mtime)
    return json.loads(newest.read_text(encoding="utf-8"))


# %% [markdown]
# ## What the learning rate does
#
# Winning at an arbitrary learning rate means nothing. Each line is one optimizer's accuracy at the
# rates that it tried; the best one was used in the final trials.


# %%
def plot(comparison: dict[str, Any]) -> None:
    """Draw the loss against the learning rate, and one final run of each."""
    figure, (rates, curves) = draw(columns=2)
    for row in comparison["ranking"]:
        name = row["contestant"]
        trials = [trial for trial in comparison["trials"] if trial["contestant"] == name]
        style: dict[str, Any] = {"marker": "."}
        if name == "adam_by_hand":  # rings around the points of the line that it falls on
            style = {"marker": "o", "markersize": 9, "fillstyle": "none", "linestyle": "none"}
        rates.plot(*best_losses(trials), label=name, **style)
        final = next(trial for trial in trials if trial["stage"] != "tuning")
        curves.plot(final["steps"], final["validation_losses"], label=name, **style)
    rates.set(xscale="log", yscale="log", xlabel="learning rate", ylabel="best validation loss")
    rates.set_title("The learning rates tried")
    curves.set(yscale="log", xlabel="step", ylabel="validation loss")
    curves.legend()
    curves.set_title("At its best rate, a fresh seed")
    save(figure, "12_optimizers")


def best_losses(trials: list[dict[str, Any]]) -> tuple[list[float], list[float]]:
    """List the learning rates tried, and the best validation loss of each, over the seeds."""
    losses: dict[float, list[float]] = {}
    tuning = [trial for trial in trials if trial["stage"] == "tuning"]
    for trial in tuning or trials:  # with a single rate, there was no choice
        if trial["validation_losses"]:
            best = min(trial["validation_losses"])
            losses.setdefault(trial["learning_rate"], []).append(best)
    tried = sorted(losses)
    return tried, [sum(losses[rate]) / len(losses[rate]) for rate in tried]


# %%
def main() -> dict[str, Any]:
    """Compare, print and draw; return the ranking, and how far the Adams are apart."""
    comparison = compare(FOLDER)
    plot(comparison)
    largest = {each["dtype"]: 0.0 for each in comparison["adams"]}
    for each in comparison["adams"]:
        largest[each["dtype"]] = max(largest[each["dtype"]], *each["differences"])
    for dtype, difference in largest.items():
        print(f"Adam by hand and PyTorch's, {dtype}: never more than {difference:.0e} apart")
    return {
        "accuracy": {
            row["contestant"]: row["test_accuracy"]["value"] for row in comparison["ranking"]
        },
        "learning_rate": {row["contestant"]: row["learning_rate"] for row in comparison["ranking"]},
        "largest_difference": largest,
    }


if __name__ == "__main__":
    main()
