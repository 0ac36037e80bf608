"""Does nlptrain reach the published accuracies of the regular tasks of Delétang et al. (2022)?

    python benchmarks/reproductions.py [--seeds 3] [--runs-dir runs/reproductions] [--no-training]

Trains each config of configs/reproductions from each seed, and compares nonlinearity × recurrent
start on parity; then writes the tables of docs/reproductions.md and draws its two figures. About
half an hour on one idle core. What has finished is not done again, and a training that was cut
short goes on. `--no-training` writes and draws what has finished so far.
"""

import argparse
import json
import shlex
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pairs import NLPTRAIN
from reproduction_figures import draw_comparison, draw_tasks
from reproduction_page import TASKS, Comparison, Row, comparison_table, fill, seed_table, task_table

import nlptrain
from nlptrain.runs.folder import RunFolder

ROOT = Path(__file__).parents[1]
CONFIGS = Path("configs/reproductions")
COMPARED = (
    *("compare", str(CONFIGS / "parity.yaml"), "--seeds", "3"),
    *("--vary", "model.encoder.cell=rnn_tanh,rnn_relu"),
    *("--vary", "model.encoder.initialization=torch,normal"),
    *("--set", "training.steps=1000", "--set", "data.evaluate_lengths=[]"),
)


@dataclass(frozen=True)
class Run:
    """One training.

    Attributes:
        task: Its config.
        seed: Decides strings, start and batches.
        settings: Changes of the config.
        mark: Sets the run's name apart, where there are changes.
    """

    task: str
    seed: int
    settings: tuple[str, ...] = ()
    mark: str = ""

    @property
    def name(self) -> str:
        """The run's."""
        return f"{self.task}{self.mark}-seed-{self.seed}"

    def folder(self, runs_dir: Path) -> RunFolder:
        """Give its folder."""
        return RunFolder(runs_dir / f"{self.name}-001")


VARIANTS = (
    Run("even_pairs", 0, ("training.steps=1200",), "-longer"),
    Run("even_pairs", 0, ("training.steps=1000", "model.embedding.dim=256"), "-wide"),
)


def main() -> None:
    """Train, write the page, draw the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--runs-dir", type=Path, default=ROOT / "runs" / "reproductions")
    parser.add_argument("--no-training", action="store_true")
    arguments = parser.parse_args()
    runs_dir = arguments.runs_dir.resolve()
    compared = runs_dir / "nonlinearity"
    runs = [Run(task, seed) for seed in range(arguments.seeds) for task in TASKS]
    if not arguments.no_training:
        for run in (*runs, *VARIANTS):
            _train(run, runs_dir)
        command = [NLPTRAIN, *COMPARED, "--output", str(compared), "--jobs", "1", "--quiet"]
        subprocess.run(command, cwd=ROOT, check=True)
    rows, variants = (_read_rows(each, runs_dir) for each in (runs, VARIANTS))
    _report(rows, variants, _read_comparison(compared))


def _train(run: Run, runs_dir: Path) -> None:
    """Train, or go on, unless it is done."""
    folder = run.folder(runs_dir)
    if not folder.record_path.is_file():
        settings = [f"name={run.name}", f"seed={run.seed}", *run.settings]
        config = ROOT / CONFIGS / f"{run.task}.yaml"
        nlptrain.train(config, overrides=settings, runs_dir=runs_dir, quiet=False)
    elif folder.status() != "finished":
        nlptrain.resume(folder.path, quiet=False)


def _read_rows(runs: Sequence[Run], runs_dir: Path) -> list[Row]:
    """Read what those found that have finished."""
    folders = [(run, run.folder(runs_dir)) for run in runs]
    return [_read_row(run, folder) for run, folder in folders if folder.report_path.is_file()]


def _read_row(run: Run, folder: RunFolder) -> Row:
    report = json.loads(folder.report_path.read_text())
    records = [json.loads(line) for line in folder.metrics_path.read_text().splitlines()]
    accuracies = {
        record["step"]: record["validation_accuracy"]
        for record in records
        if record["kind"] == "evaluation"
    }
    measured = (report["accuracy"], report["by_length"], accuracies)
    return Row(run.task, run.seed, *measured, run.settings)


def _read_comparison(folder: Path) -> Comparison:
    """Read the finished trials, of an unfinished comparison too."""
    path = folder / "trials.jsonl"
    lines = path.read_text().splitlines() if path.is_file() else []
    comparison: Comparison = {}
    for trial in map(json.loads, lines):
        comparison.setdefault(trial["contestant"], []).append(trial)
    return comparison


def _report(rows: list[Row], variants: list[Row], comparison: Comparison) -> None:
    page = ROOT / "docs" / "reproductions.md"
    command = shlex.join(COMPARED).replace(" --", " \\\n    --")
    plain = [row for row in rows if (row.task, row.seed) == (VARIANTS[0].task, VARIANTS[0].seed)]
    blocks = {
        "tasks": task_table(rows),
        "seeds": seed_table(rows),
        "variants": seed_table([*plain, *variants]),
        "comparison command": f"```sh\nnlptrain {command}\n```",
        "comparison": comparison_table(comparison),
    }
    page.write_text(fill(page.read_text(encoding="utf-8"), blocks), encoding="utf-8")
    draw_tasks(page.with_suffix(".png"), rows)
    draw_comparison(page.with_name(f"{page.stem}_nonlinearity.png"), comparison)
    print("\n\n".join(blocks.values()))


if __name__ == "__main__":
    main()
