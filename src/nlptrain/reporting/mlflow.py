"""A run in MLflow: its settings, its curves, and its model file.

Where to is MLflow's matter: MLFLOW_TRACKING_URI and MLFLOW_EXPERIMENT_NAME, or else MLflow's own
default and an experiment `nlptrain`.
"""

import math
import os
import time
from collections.abc import Mapping

from nlptrain.files.storage import read_json, write_json
from nlptrain.reporting.curves import curves_of, is_drawn
from nlptrain.reporting.plugins import ReportedRun
from nlptrain.reporting.records import Record, StepRecord

try:
    from mlflow import MlflowClient
    from mlflow.entities import Metric, Param
except ImportError:
    raise ImportError("MLflow is not installed: pip install 'nlptrain[mlflow]'") from None

RUN_FILE = "mlflow.json"
"""In the run's folder; a run that is resumed goes on in the same run of MLflow."""
CARD_FILE = "card.md"
_STATUS = {"finished": "FINISHED", "failed": "FAILED", "interrupted": "KILLED"}
_MOST_PARAMS = 100
"""Of one request, as MLflow allows."""
_MOST_METRICS = 500
_LONGEST_PARAM = 500
"""Characters that every store of MLflow's holds."""


class MlflowReporter:
    """Sends records to MLflow, many at a time; at the end of the run, the scores and the model.

    It uses a client of its own, so that the active run of a program that trains is not touched.
    """

    def __init__(self, run: ReportedRun) -> None:
        """Open the run of MLflow, or the one that was opened before in this folder."""
        self._run = run
        self._client = MlflowClient()
        self._waiting: list[Metric] = []
        self._step = run.steps_before
        self._is_open = True
        path = run.folder.path / RUN_FILE
        if path.is_file():
            self._id = str(read_json(path)["run_id"])
            self._client.update_run(self._id, status="RUNNING")
        else:
            self._id = self._create()
            write_json(path, {"run_id": self._id})

    def report(self, record: Record) -> None:
        """Keep a record's numbers, and send them at each evaluation."""
        self._step = self._run.steps_before + record.step
        if is_drawn(record, self._run.every_steps):
            prefix = f"{self._run.phase}/" if self._run.phase else ""
            self._add({prefix + name: value for name, value in curves_of(record).items()})
        if not isinstance(record, StepRecord) or len(self._waiting) >= _MOST_METRICS:
            self._send()

    def close(self) -> None:
        """Send what is left, and of a run that has ended its scores and its files."""
        if not self._is_open:
            return
        self._is_open = False
        folder = self._run.folder
        status = folder.read_record().status
        if status == "finished":
            report = read_json(folder.report_path)
            scores = {f"test/{name}": report[name] for name in ("accuracy", "macro_f1", "loss")}
            self._add(scores)
            for path in (folder.model_path, folder.path / CARD_FILE):
                if path.is_file():
                    self._client.log_artifact(self._id, str(path))
        self._send()
        if status in _STATUS:
            self._client.set_terminated(self._id, _STATUS[status])

    def _create(self) -> str:
        """Create a run of MLflow with all settings, and return its id."""
        name = os.environ.get("MLFLOW_EXPERIMENT_NAME", "nlptrain")
        experiment = self._client.get_experiment_by_name(name)
        number = experiment.experiment_id if experiment else self._client.create_experiment(name)
        path = self._run.folder.path
        tags = {"nlptrain.run": str(path.resolve())}
        created: str = self._client.create_run(number, run_name=path.name, tags=tags).info.run_id
        params = [
            Param(key, str(value)[:_LONGEST_PARAM]) for key, value in self._run.settings.items()
        ]
        for start in range(0, len(params), _MOST_PARAMS):
            self._client.log_batch(created, params=params[start : start + _MOST_PARAMS])
        return created

    def _add(self, points: Mapping[str, float]) -> None:
        """Keep points of this step, without those not finite, which not every store holds."""
        moment = int(time.time() * 1000)
        self._waiting += [
            Metric(name, float(value), moment, self._step)
            for name, value in points.items()
            if math.isfinite(value)
        ]

    def _send(self) -> None:
        waiting, self._waiting = self._waiting, []
        if waiting:
            self._client.log_batch(self._id, metrics=waiting)
