# %% [markdown]
"""A1 to A7. The main task, from string to class: pooling, convolution, recurrence, and memory.

**Question.** Does a string contain an `a`? How does a network get from `abcd` to a probability, and
what can pooling, a CNN and an RNN learn, and what not?

**Watch.** `nlptrain explain` shows the whole way with its numbers: token ids, embedding, mean, w·x
+ b, sigmoid, class. Then two tasks: whether there is an `a`, and where. Pooling discards the order;
a CNN with max pooling knows little more about the position than its windows see at the ends; an RNN
has read the string in order. Then what no training can change: pairs of strings that look alike to
pooling, or to a CNN, which classify exactly one of the two correctly. Finally the price: as strings
get longer, an Elman network no longer learns from what it read long ago. Does it forget, or does it
never learn to remember?

**Change next.** Give the RNN the readout `max`: what happens with 80 characters? Give the CNN
kernels of size 5: which positions does it know now? Give the Elman network `initialization:
identity` and ReLU. Run `nlptrain compare-encoders` whole: which of its tasks are learned by one
encoder only?
"""

# %%
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import nlptrain
from figure import draw, save
from nlptrain.numpy_nn.architecture import Architecture
from nlptrain.numpy_nn.arrays import Floats
from nlptrain.numpy_nn.initialization import initial_parameters
from nlptrain.numpy_nn.recurrent import Recurrent, recurrent
from nlptrain.text.vocabulary import Vocabulary

if TYPE_CHECKING:
    from nlptrain.training.outcome import Outcome

CONTAINS = "{type: contains_any, characters: a, alphabet: abcdefghij, lengths: [%d, %d], hits: one}"
POSITION = "{type: position_first, character: a, alphabet: abcdefghij, lengths: [%d, %d]}"
SIZES = "data.sizes={train: 4000, validation: 500, test: 1000}"
ENCODERS = {
    "pooling, mean": ("model.encoder={type: pooling}", "model.readout=mean"),
    "pooling, max": ("model.encoder={type: pooling}", "model.readout=max"),
    "CNN, max": (
        "model.encoder={type: cnn, channels: 32, kernel_sizes: [3]}",
        "model.activation=relu",
        "model.readout=max",
    ),
    "RNN, last": ("model.encoder={type: rnn, hidden_size: 32}", "model.readout=last"),
}
MATCHED = ("majority", "sorted", "a before b, 3-grams")
READERS = ("mean pooling", "CNN", "RNN tanh")
CELLS = {"Elman": "rnn_tanh", "LSTM": "lstm", "GRU": "gru"}
LENGTHS = (10, 20, 40, 80)

# %% [markdown]
# ## From characters to token ids
#
# `[pad]` is 0, the characters follow in order, `[unk]` is last. At length 5, `abcdea` is truncated,
# and `ddcc` padded.


# %%
def encode() -> dict[str, list[int]]:
    """Encode the course's strings at length 5."""
    vocabulary = Vocabulary.from_characters("abcdef")
    texts = ("abcde", "ddccb", "fedaz", "ddcc", "abcdea")
    ids, _ = vocabulary.encode(texts, max_length=5).batch(np.arange(len(texts)))
    print("vocabulary: [pad] 0, a 1 … f 6, [unk] 7")
    for text, row in zip(texts, ids.tolist(), strict=True):
        print(f"  {text:<8}{' '.join(map(str, row))}")
    return dict(zip(texts, ids.tolist(), strict=True))


# %% [markdown]
# ## From ids to the class
#
# The course's small network: a table of 8 × 5, the mean over the characters, w·x + b, a sigmoid.


# %%
def explain(folder: Path) -> list[str]:
    """Train the small network, follow `abcd` and `bcde` through it, and return their classes."""
    small = ("model.embedding.dim=5", "data.task.alphabet=abcdef")
    outcome = nlptrain.train("pooling", overrides=small, runs_dir=folder)
    run = outcome.folder.path
    print(f"\nnlptrain explain abcd --run {run.name}\n", flush=True)
    # So that the command's output appears here in a notebook too.
    command = [sys.executable, "-m", "nlptrain", "explain", "abcd", "--run", str(run)]
    shown = subprocess.run(  # noqa: S603 (our own command)
        command, check=True, text=True, encoding="utf-8", stdout=subprocess.PIPE
    )
    print(shown.stdout)
    predictions = nlptrain.load(run).predict(["abcd", "bcde"])
    for each in predictions:
        print(f"f({each.text}) = {each.label}, probability {each.probability:.4f}")
    return [each.label for each in predictions]


# %% [markdown]
# ## What can be learned
#
# Strings of 6 characters. "Whether": is there an a? "Where": at which of the 6 places, or nowhere?
# A network that knows only whether is correct on every "nowhere" and on one in six of the others:
# 2/7. A window of 3 at an end distinguishes the first two and the last two positions; the two in
# the middle look nearly alike: about 6/7.


# %%
def train(task: str, length: int, folder: Path, *changes: str) -> "Outcome":
    """Train on strings of one length."""
    overrides = (f"data.task={task % (length, length)}", SIZES, "model.loss=auto", *changes)
    return nlptrain.train("rnn", overrides=overrides, runs_dir=folder)


def compare_encoders(folder: Path) -> dict[str, dict[str, float]]:
    """Train every encoder on both tasks; return test accuracies."""
    print(f"\n{'encoder':<16}{'whether':>9}{'where':>9}")
    table = {}
    for name, changes in ENCODERS.items():
        table[name] = {
            task: train(form, 6, folder, *changes, "optimizer.learning_rate=5e-3").scores.accuracy
            for task, form in {"whether": CONTAINS, "where": POSITION}.items()
        }
        print(f"{name:<16}{table[name]['whether']:>9.3f}{table[name]['where']:>9.3f}")
    return table


# %% [markdown]
# ## What can never be learned
#
# In `sorted` each unsorted string has the letters of a sorted one: whatever pooling computes is the
# same for both, so it is correct on one of the two. In `a before b, 3-grams` both strings share all
# 3-grams and the ends, so the same holds for a CNN with kernels of size 3. `majority` only requires
# counting: mean pooling learns it on 20 letters and solves it at 300, an RNN does not.


# %%
def find_limits(folder: Path) -> dict[str, Any]:
    """Run a part of `nlptrain compare-encoders`, and read its results."""
    chosen = [word for name in MATCHED for word in ("--task", name)]
    chosen += [word for name in READERS for word in ("--encoder", name)]
    sizes = "data.sizes={train: 2000, validation: 300, test: 600}"
    few = ["--seeds", "1", "--set", "training.steps=600", "--set", sizes, "--jobs", "1", "--quiet"]
    command = [sys.executable, "-m", "nlptrain", "compare-encoders", *chosen, *few]
    finished = subprocess.run(  # noqa: S603 (our own command)
        [*command, "--output", str(folder / "limits")],
        check=True,
        text=True,
        encoding="utf-8",
        stdout=subprocess.PIPE,
    )
    print(f"\n{finished.stdout}")
    return json.loads((folder / "limits" / "comparison.json").read_text(encoding="utf-8"))


# %% [markdown]
# ## Memory
#
# One a among other letters, or none; the last state decides. The longer the string, the farther
# back the a may be.


# %%
def memory_settings(cell: str) -> tuple[str, ...]:
    """Return the common settings of all runs of the cells."""
    encoder = f"model.encoder={{type: rnn, cell: {cell}, hidden_size: 32}}"
    return encoder, "optimizer.learning_rate=3e-3", "training.epochs=5"


def compare_cells(folder: Path) -> dict[str, list[float]]:
    """Train each cell at each length; return test accuracies."""
    print(f"\n{'characters':<12}" + "".join(f"{length:>8}" for length in LENGTHS))
    accuracies = {}
    for name, cell in CELLS.items():
        outcomes = [train(CONTAINS, each, folder, *memory_settings(cell)) for each in LENGTHS]
        accuracies[name] = [outcome.scores.accuracy for outcome in outcomes]
        print(f"{name:<12}" + "".join(f"{accuracy:>8.3f}" for accuracy in accuracies[name]))
    return accuracies


# %% [markdown]
# ## Does it forget?
#
# Train the Elman network on 20 characters, then test it on 160, with an a in front or without: it
# remembers. So a state can keep what it has learned to keep. It is the *learning* that fades: on
# the way back, each step multiplies the gradient by W_hh and by tanh' ≤ 1. The gates of LSTM and
# GRU make the factor larger; it is still below 1 at the start.


# %%
def remember(folder: Path) -> float:
    """Train on 20 characters, test on 160; return the accuracy."""
    outcome = train(CONTAINS, 20, folder, *memory_settings("rnn_tanh"))
    letters = np.random.default_rng(0).choice(list("bcdefghij"), (200, 160))
    others = ["".join(row) for row in letters]
    texts = ["a" + text[1:] for text in others] + others
    labels = [each.label for each in nlptrain.load(outcome.folder.path).predict(texts)]
    right = labels[:200].count("present") + labels[200:].count("absent")
    print(f"\nElman, trained on 20 characters, asked for 160: {right / 400:.3f} right")
    return right / 400


def fade(cell: str) -> Floats:
    """Follow the last state's gradient back to each character, before training: (80,).

    Means of |gradient| over 50 strings of 80 random vectors; the nearest character first.
    """
    encoder = Recurrent(cell=cell, hidden_size=32)
    network = Architecture(12, 2, 16, encoder, readout="last")
    named = initial_parameters(network, seed=0, dtype="float64")
    parameters = {name.removeprefix("encoder."): array for name, array in named.items()}
    ids, generator = np.arange(80 * 50).reshape(80, 50), np.random.default_rng(0)
    vectors = generator.standard_normal((ids.size, 16))
    states, backward = recurrent(ids, vectors, np.full(50, 80), parameters, encoder)
    grad = np.zeros_like(states)
    grad[-1] = generator.standard_normal(grad[-1].shape)
    sizes = np.linalg.norm(backward(grad)["table"].reshape(80, 50, 16), axis=-1)
    return sizes.mean(axis=1)[::-1]


def compare_gradients() -> dict[str, Floats]:
    """Follow the gradient back in each cell, and print how it shrinks."""
    sizes = {name: fade(cell) for name, cell in CELLS.items()}
    print("\n|gradient| at the character so many steps back, before training")
    print(f"{'':<12}" + "".join(f"{back:>10}" for back in LENGTHS))
    for name, values in sizes.items():
        print(f"{name:<12}" + "".join(f"{values[back - 1]:>10.0e}" for back in LENGTHS))
    return sizes


# %%
def plot(
    encoders: dict[str, dict[str, float]],
    limits: dict[str, Any],
    accuracies: dict[str, list[float]],
    gradients: dict[str, Floats],
) -> None:
    """Draw what each encoder learns, and what each cell remembers."""
    figure, ((learnt, never), (memory, gradient)) = draw(rows=2, columns=2, width=5.6)
    draw_limits(never, limits)
    rows = np.arange(len(encoders))
    for offset, task in ((-0.2, "whether"), (0.2, "where")):
        values = [row[task] for row in encoders.values()]
        bars = learnt.barh(rows + offset, values, height=0.38, label=task)
        learnt.bar_label(bars, fmt="%.2f", padding=2)
    learnt.set_yticks(rows, list(encoders))
    learnt.invert_yaxis()
    learnt.set(xlabel="test accuracy", xlim=(0, 1.9), xticks=(0, 0.5, 1))
    learnt.set_title("Whether and where")
    learnt.legend(loc="center right")
    for name in CELLS:
        memory.plot(LENGTHS, accuracies[name], marker="o", label=name)
        gradient.plot(np.arange(1, 81), gradients[name], label=name)
    memory.set(xlabel="characters", ylabel="test accuracy", ylim=(0.45, 1.02), xticks=LENGTHS)
    memory.set_title("The longer, the harder to learn")
    memory.legend()
    gradient.set(xlabel="steps back", ylabel="|gradient| at the start", yscale="log")
    gradient.set_title("What reaches the early characters")
    save(figure, "20_string_to_class")


def draw_limits(axes: Any, limits: dict[str, Any]) -> None:
    """Draw the matrix: the lighter the better, hatched where 50 % is the maximum."""
    rows = limits["matrix"]
    axes.imshow([[c["mean"] for c in row] for row in rows], cmap="cividis", vmin=0.5, vmax=1)
    for y, row in enumerate(rows):
        for x, cell in enumerate(row):
            if cell["verdict"] == "cannot":
                corners = (x - 0.5, x + 0.5), y - 0.5, y + 0.5
                axes.fill_between(*corners, facecolor="0.9", edgecolor="0.6", hatch="///", lw=0)
            number = axes.text(x, y, f"{cell['mean']:.3f}", ha="center", va="center")
            number.set_bbox({"facecolor": "white", "edgecolor": "none", "alpha": 0.7, "pad": 2})
    axes.set_xticks(range(len(limits["encoders"])), limits["encoders"])
    axes.set_yticks(
        range(len(rows)), [task["name"].replace(", ", ",\n") for task in limits["tasks"]]
    )
    axes.set_aspect("auto")
    axes.grid(visible=False)
    axes.set_title("Hatched: cannot, whatever is trained")


def main() -> dict[str, dict]:
    """Run all steps, print and draw; return ids, classes and accuracies."""
    ids = encode()
    with tempfile.TemporaryDirectory() as folder:
        labels = explain(Path(folder))
        encoders = compare_encoders(Path(folder))
        limits = find_limits(Path(folder))
        accuracies = compare_cells(Path(folder))
        remembered = remember(Path(folder))
    gradients = compare_gradients()
    plot(encoders, limits, accuracies, gradients)
    return {
        "ids": ids,
        "labels": dict(zip(("abcd", "bcde"), labels, strict=True)),
        "encoders": encoders,
        "limits": {
            (cell["task"], cell["encoder"]): cell["mean"]
            for row in limits["matrix"]
            for cell in row
        },
        "far": {cell["encoder"]: cell["other_means"][-1] for cell in limits["matrix"][0]},
        "accuracy": {
            name: dict(zip(LENGTHS, values, strict=True)) for name, values in accuracies.items()
        },
        "remembered": remembered,
        "gradient_80_back": {name: float(sizes[79]) for name, sizes in gradients.items()},
    }


if __name__ == "__main__":
    main()
