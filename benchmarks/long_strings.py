"""How near does training by hand come to its matrix products alone, on long strings of any length?

    python benchmarks/long_strings.py [--strings 2500] [--threads 1]

Sequences of four letters whose lengths are as those of proteins and genes: log-normal, with a
median of 1,584 characters, a mean of about 2,000, and one of 18,921. One epoch of updates by hand,
in batches of 64; after each update the products alone, forward and backward, of as many rows as the
batch has characters, pads not counted, so that whatever else the machine does hits both.

- `updates`: strings per second.
- `products`: the same of the products alone.
- `share`: the median of the pairs' ratios of seconds, products over update.
- `peak`: the process's memory at its highest, MiB, and how much of it is there before training.

Targets for the convolution: half of what the products allow, in at most 1,024 MiB.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

from pairs import MEBIBYTE, RSS_UNIT, print_table

NETWORKS = {
    "cnn, 4 × 128, max": (
        "model.encoder={type: cnn, channels: 128, kernel_sizes: [2, 3, 4, 5]}",
        "model.activation=relu",
        "model.readout=max",
        "model.ngrams=null",
    ),
    "cnn, 4 × 128, mean and max": (
        "model.encoder={type: cnn, channels: 128, kernel_sizes: [2, 3, 4, 5]}",
        "model.activation=relu",
        "model.ngrams=null",
    ),
    "gru, both directions, 64": ("model.ngrams=null",),
    "own_file": (),
}
EMBEDDING, CHANNELS, HIDDEN = 32, 128, 64
MEDIAN, SIGMA, LONGEST = 1584, 0.66, 18_921
ROWS = 512


def main() -> None:
    """Train each network for an epoch, in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--strings", type=int, default=2500)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--one", choices=NETWORKS, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        print(json.dumps(measure(arguments.one, arguments.strings, arguments.threads)))
        return
    rows = []
    for name in NETWORKS:
        command = [sys.executable, __file__, *sys.argv[1:], "--one", name]
        done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
        found = json.loads(done.stdout)
        numbers = [f"{found[key]:,.0f}" for key in ("updates", "products")]
        rows.append([name, *numbers, f"{found['share']:.2f}", f"{found['peak']:,.0f}", found["at"]])
    print_table(["strings/s", "updates", "products", "share", "peak", "before"], rows)


def measure(name: str, strings: int, threads: int) -> dict[str, Any]:
    """Make one epoch's updates and the products alone in turns."""
    from nlptrain.config.load import load_config
    from nlptrain.training.assembly import build_learner
    from nlptrain.training.loop import step_batches
    from nlptrain.training.plan import build_plan
    from nlptrain.training.preparation import prepare

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sequences.csv"
        write_sequences(path, strings)
        file = f"data.file={{path: {path}, text: text, label: label}}"
        settings = [file, *NETWORKS[name], "engine=numpy", f"training.threads={threads}"]
        config = load_config("own_file", settings).config
        preparation = prepare(config)
    plan = build_plan(config, preparation)
    learner = build_learner(config, preparation)
    products = list(list_products(name))
    before, pairs, count = peak(), [], 0
    batches = step_batches(preparation.train_split, plan, 0)
    for step in range(plan.steps_per_epoch):
        batch = next(batches)
        began = time.perf_counter()
        learner.step(batch, step=step, learning_rate=1e-3, measure_gradient=False)
        between = time.perf_counter()
        for _ in range(int(batch.lengths.sum()) // ROWS):
            for left, right, out in products:
                left.dot(right, out=out)
        pairs.append((between - began, time.perf_counter() - between))
        count += len(batch.lengths)
    update, alone = map(sum, zip(*pairs, strict=True))
    return {
        "updates": count / update,
        "products": count / alone,
        "share": median(b / a for a, b in pairs),
        "peak": peak(),
        "at": f"{before:,.0f}",
    }


def write_sequences(path: Path, strings: int) -> None:
    """Write sequences of two classes, one of which has more of a letter."""
    import numpy as np

    generator = np.random.default_rng(5)
    lengths = np.exp(generator.normal(np.log(MEDIAN), SIGMA, strings)).astype(int)
    lengths = np.clip(lengths, 60, LONGEST)
    lengths[0] = LONGEST
    with path.open("w") as file:
        file.write("text,label\n")
        for number, length in enumerate(lengths.tolist()):
            shares = [0.28, 0.24, 0.24, 0.24] if number % 2 else [0.25] * 4
            text = "".join(generator.choice(list("ACGT"), length, p=shares).tolist())
            file.write(f"{text},{number % 2}\n")


def list_products(name: str) -> Iterator[tuple[Any, Any, Any]]:
    """Make the factors, and room for the results, of some rows' products: y, dL/dW and dL/dx."""
    if name.startswith("cnn"):
        sizes = [(kernel * EMBEDDING, CHANNELS) for kernel in (2, 3, 4, 5)]
    else:
        sizes = [(HIDDEN, 3 * HIDDEN)] * 2
    import numpy as np

    for inputs, outputs in sizes:
        rows, weight = np.ones((ROWS, inputs), "f4"), np.ones((inputs, outputs), "f4")
        grad = np.ones((ROWS, outputs), "f4")
        yield rows, weight, np.empty_like(grad)
        yield rows.T, grad, np.empty_like(weight)
        yield grad, weight.T, np.empty_like(rows)


def peak() -> float:
    """Return the process's most memory so far, MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * RSS_UNIT / MEBIBYTE


if __name__ == "__main__":
    main()
