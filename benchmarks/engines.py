"""Which engine trains faster: by hand or torch? And does `engine: auto` take that one?

    python benchmarks/engines.py [--seconds 2] [--checked 30] [--no-grid] [--table FILE]

A grid of networks and batches, and as many settings outside of it, drawn between and beyond the
grid's, with both directions, several kernel sizes and several readouts too. In each, updates of
both engines take turns, the same batches from the same values, so that whatever else the machine
does hits both. A setting's ratio is the median of the ratios of its pairs: torch's seconds, of
processor time if on one thread, over those by hand, above 1 where by hand is faster; `spread` is
how far the middle half of the pairs' ratios reach. `auto` is what `training/engine.py` chooses, and
`loss` how many times longer that takes than the faster engine. Target: at most 1.1 in every setting
outside of the grid.
"""

import argparse
import itertools
import json
import random
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median, quantiles

from pairs import print_table

CELLS = ("rnn_tanh", "gru", "lstm")
TARGET = 1.1
LEAST_PAIRS = 3


@dataclass(frozen=True)
class Setting:
    """A network and its batches.

    Attributes:
        encoder: A cell, or cnn or pooling.
        size: Hidden size, channels a kernel size, or embedding size.
        batch: Strings per update.
        length: Mean characters of a string; they have half to one and a half of it.
        vocabulary: Letters.
        threads: Of either engine.
        more: Both directions of a cell, or four kernel sizes; and two readouts.
    """

    encoder: str
    size: int
    batch: int
    length: int
    vocabulary: int = 10
    threads: int = 1
    more: bool = False

    def overrides(self) -> Iterator[str]:
        """Yield the settings of a config."""
        letters = "".join(chr(0x4E00 + n) for n in range(self.vocabulary))
        shortest, longest = max(1, self.length // 2), self.length + self.length // 2
        yield (
            f"data.task={{type: contains_any, characters: {letters[0]}, alphabet: {letters}, "
            f"lengths: [{shortest}, {longest}]}}"
        )
        yield f"data.sizes={{train: {4 * self.batch}, validation: 20, test: 20}}"
        yield f"training.batch_size={self.batch}"
        yield f"training.threads={self.threads}"
        yield from self._network()

    def _network(self) -> Iterator[str]:
        readouts = "[mean, max]" if self.more else None
        if self.encoder == "pooling":
            yield "model.encoder={type: pooling}"
            yield f"model.embedding.dim={self.size}"
            yield "model.readout=mean"
        elif self.encoder == "cnn":
            kernels = [2, 3, 4, 5] if self.more else [3]
            yield f"model.encoder={{type: cnn, channels: {self.size}, kernel_sizes: {kernels}}}"
            yield "model.activation=relu"
            yield f"model.readout={readouts or 'max'}"
        else:
            cell = f"type: rnn, cell: {self.encoder}, hidden_size: {self.size}"
            yield f"model.encoder={{{cell}, bidirectional: {str(self.more).lower()}}}"
            yield f"model.readout={readouts or 'last'}"

    def draw_between(self, generator: random.Random) -> "Setting":
        """Draw one of this encoder that is not in the grid."""
        return Setting(
            self.encoder,
            generator.choice((24, 48, 96, 160, 320)),
            generator.choice((20, 32, 100, 128)),
            generator.choice((6, 16, 30, 80, 150)),
            generator.choice((4, 26, 200)),
            more=generator.random() < 0.4,
        )


@dataclass(frozen=True)
class Result:
    """What was measured in a setting.

    Attributes:
        ratio: Seconds of torch over seconds by hand.
        spread: From the first to the third quartile of the pairs' ratios, over their median.
        by_hand: Strings per second.
        torch: Strings per second.
        auto: What `engine: auto` takes.
    """

    setting: Setting
    ratio: float
    spread: float
    by_hand: float
    torch: float
    auto: str

    @property
    def loss(self) -> float:
        """How many times longer than the faster engine auto takes."""
        return max(1.0, 1 / self.ratio if self.auto == "numpy" else self.ratio)


def main() -> None:
    """Measure the grid and the settings outside, and print two tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=2, help="for each setting")
    parser.add_argument("--checked", type=int, default=30, help="settings outside the grid")
    parser.add_argument("--table", type=Path, help="write the results as JSON lines")
    parser.add_argument("--no-grid", action="store_true", help="only the settings outside")
    arguments = parser.parse_args()
    grid = list(list_grid())
    generator = random.Random(4)
    outside = [generator.choice(grid).draw_between(generator) for _ in range(arguments.checked)]
    parts = {"grid": [] if arguments.no_grid else grid, "outside of the grid": outside}
    for title, settings in parts.items():
        results = []
        for setting in settings:
            results.append(measure(setting, arguments.seconds))
            if arguments.table:
                with arguments.table.open("a") as file:
                    file.write(json.dumps({"part": title, **asdict(results[-1])}) + "\n")
            show_progress(f"{title}: {len(results)} of {len(settings)}")
        show_progress("")
        report(title, results)


def list_grid() -> Iterator[Setting]:
    """Yield the grid: each encoder small and large, short and long, in small and large batches."""
    for encoder in (*CELLS, "cnn"):
        for size, batch, length in itertools.product((16, 64, 256), (16, 64, 256), (10, 60)):
            yield Setting(encoder, size, batch, length)
        yield Setting(encoder, 64, 64, 60, vocabulary=300)
        yield Setting(encoder, 64, 256, 60, threads=2)
        yield Setting(encoder, 64, 64, 400)
        yield Setting(encoder, 64, 64, 60, more=True)
    for size, batch in itertools.product((16, 256), (64, 256)):
        yield Setting("pooling", size, batch, 20)


def measure(setting: Setting, seconds: float) -> Result:
    """Let both engines make the same updates in turns."""
    from threadpoolctl import threadpool_limits

    from nlptrain.config.load import load_config
    from nlptrain.training.assembly import build_learner
    from nlptrain.training.loop import step_batches
    from nlptrain.training.plan import build_plan
    from nlptrain.training.preparation import prepare

    config = load_config("rnn", list(setting.overrides())).config
    preparation = prepare(config)
    plan = build_plan(config, preparation)
    learners = [build_learner(config, preparation, engine=name) for name in ("torch", "numpy")]
    pairs: list[tuple[float, float]] = []
    clock = time.process_time if setting.threads == 1 else time.perf_counter
    stop = clock() + seconds
    with threadpool_limits(setting.threads, user_api="blas"):
        for step, batch in enumerate(step_batches(preparation.train_split, plan, 0)):
            times = []
            for learner in learners:
                began = clock()
                learner.step(batch, step=step, learning_rate=1e-3, measure_gradient=False)
                times.append(clock() - began)
            if step:  # The first one is slower in both.
                pairs.append((times[0], times[1]))
            if len(pairs) >= LEAST_PAIRS and clock() > stop:
                break
    ratios = [torch / by_hand for torch, by_hand in pairs]
    low, middle, high = quantiles(ratios, n=4)
    return Result(
        setting,
        middle,
        (high - low) / middle,
        setting.batch / median(each for _, each in pairs),
        setting.batch / median(each for each, _ in pairs),
        preparation.engine.name,
    )


def report(title: str, results: list[Result]) -> None:
    """Print the settings, those first in which auto loses most."""
    if not results:
        return
    header = ["encoder", "size", "batch", "length", "letters", "threads", "more"]
    header += ["by hand", "torch", "ratio", "spread", "auto", "loss"]
    rows = []
    for each in sorted(results, key=lambda result: -result.loss):
        row = [str(value) for value in asdict(each.setting).values()]
        row += [f"{each.by_hand:,.0f}", f"{each.torch:,.0f}", f"{each.ratio:.2f}"]
        rows.append([*row, f"{each.spread:.2f}", each.auto, f"{each.loss:.2f}"])
    print(title)
    print_table(header, rows)
    losses = [each.loss for each in results]
    within = sum(loss <= TARGET for loss in losses)
    print(
        f"{len(losses)} settings, {within} within {TARGET}, worst {max(losses):.2f}\n", flush=True
    )


def show_progress(text: str) -> None:
    """Say on standard error how far the work is, where somebody looks at it."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
