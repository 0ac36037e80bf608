# %% [markdown]
"""C15. Train, development, test: what each split is for.

**Question.** A network classifies all of its training strings correctly. What has it learned, and
which of its scores may be reported?

**Watch.** With 60 strings the training loss goes to 0 while the development loss rises: the network
learns the strings by heart, not the rule. With more strings it learns the rule. Then ten networks
compete on a small development set: the winner's score there is the luckiest of ten, and only
strings that were not used for the choice give an honest score.

**Change next.** Add "model.dropout=0.5" to SETTINGS: does it help with 60 strings? Set DEVELOPMENT
to 1,000: how far is the winner's score from the truth now? Which of the three splits should be the
largest?
"""

# %%
import json
import tempfile
from collections.abc import Sequence

import numpy as np

import nlptrain
from figure import draw, save

TASK = (
    "data.task={type: contains_any, characters: aei, alphabet: abcdefghijklmnopqrstuvwxyz, "
    "lengths: [4, 12], hits: one}"
)
SETTINGS = (
    TASK,
    "text.min_count=1",
    "optimizer.learning_rate=5e-3",
    "model.encoder.hidden_size=32",
)
SIZES = (60, 150, 400, 1000)
COMPETITORS = 10
DEVELOPMENT = 40  # strings used to choose among them

# %% [markdown]
# ## One training
#
# `nlptrain.train` is the command as a function. It writes every evaluation to metrics.jsonl. What
# nlptrain calls validation, the course calls development.


# %%
def train(train: int, validation: int, *changes: str) -> tuple[list[dict], dict[str, float]]:
    """Train on a number of strings; return all evaluations, and the accuracy on each split.

    The rule to learn is whether a string contains a, e or i. The test split has 2,000 strings.
    """
    sizes = f"data.sizes={{train: {train}, validation: {validation}, test: 2000}}"
    with tempfile.TemporaryDirectory() as folder:
        overrides = (*SETTINGS, sizes, *changes)
        outcome = nlptrain.train("rnn", overrides=overrides, runs_dir=folder)
        path = outcome.folder.path
        lines = (path / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
        accuracies = {
            split: nlptrain.evaluate(path, split=split).accuracy
            for split in ("train", "validation", "test")
        }
    records = [json.loads(line) for line in lines]
    return [record for record in records if record["kind"] == "evaluation"], accuracies


# %% [markdown]
# ## By heart, or the rule?


# %%
def compare_sizes() -> tuple[list[dict], dict[int, dict[str, float]]]:
    """Train on few and on many strings, with about the same number of updates."""
    print("accuracy on the strings of each split")
    print(f"{'training strings':>16}{'train':>10}{'development':>14}{'test':>8}")
    curve: list[dict] = []
    results = {}
    for size in SIZES:
        epochs = max(4, 3000 // size)
        evaluations, results[size] = train(
            size, 1000, f"training.epochs={epochs}", "training.batch_size=20"
        )
        curve = curve or evaluations
        row = results[size]
        print(f"{size:>16,}{row['train']:>10.3f}{row['validation']:>14.3f}{row['test']:>8.3f}")
    return curve, results


# %% [markdown]
# ## The winner's score
#
# The development set is used to choose among epochs, settings and seeds, so it can no longer judge
# the choice. Ten networks with different seeds compete on 40 development strings.


# %%
def compete() -> list[dict[str, float]]:
    """Train networks with different strings and starts; return their scores."""
    changes = ("training.epochs=15", "training.batch_size=20")
    return [train(60, DEVELOPMENT, *changes, f"seed={seed}")[1] for seed in range(COMPETITORS)]


def plot(
    curve: Sequence[dict], sizes: dict[int, dict[str, float]], scores: list[dict[str, float]]
) -> None:
    """Draw overfitting, the effect of more strings, and the ten competitors."""
    figure, (loss, size, winner) = draw(columns=3, width=4.2)
    epochs = [each["epoch"] for each in curve]
    for name, key in {"train": "train_loss", "development": "validation_loss"}.items():
        loss.plot(epochs, [each[key] for each in curve], label=name)
    loss.set(xlabel="epoch", ylabel="loss", title=f"{SIZES[0]} strings, learnt by heart")
    loss.legend()
    for name, key in {"train": "train", "development": "validation", "test": "test"}.items():
        size.plot(SIZES, [sizes[each][key] for each in SIZES], marker="o", label=name)
    size.set(xscale="log", xlabel="training strings", ylabel="accuracy", title="More strings")
    size.set_xticks(SIZES, [f"{each:,}" for each in SIZES])
    size.minorticks_off()
    size.legend()
    order = sorted(scores, key=lambda score: score["validation"])
    counted = {f"development ({DEVELOPMENT:,})": "validation", "test (2,000)": "test"}
    for name, key in counted.items():
        winner.plot([each[key] for each in order], "o", label=name)
    winner.set(xlabel="network, by development score", ylabel="accuracy", xticks=[])
    winner.set_title("The winner is the luckiest, too")
    winner.legend()
    save(figure, "15_train_development_test")


# %%
def main() -> dict[str, dict]:
    """Train, print and draw; return the scores."""
    curve, sizes = compare_sizes()
    losses = [each["validation_loss"] for each in curve]
    print(
        f"\n{SIZES[0]} strings: development loss {min(losses):.2f} at its best, {losses[-1]:.2f} at"
    )
    print(f"the end, training loss {curve[-1]['train_loss']:.4f} at the end")
    scores = compete()
    best = max(scores, key=lambda score: score["validation"])
    mean = float(np.mean([score["test"] for score in scores]))
    print(f"\nthe best of {COMPETITORS} networks on {DEVELOPMENT:,} development strings:", end="")
    print(f" accuracy {best['validation']:.3f} there,")
    print(f"{best['test']:.3f} on the test strings, where the mean of all is {mean:.3f}")
    plot(curve, sizes, scores)
    return {
        "by_heart": {
            "train_loss": curve[-1]["train_loss"],
            "best_loss": min(losses),
            "last_loss": losses[-1],
        },
        "sizes": sizes,
        "winner": best | {"mean_test": mean},
    }


if __name__ == "__main__":
    main()
