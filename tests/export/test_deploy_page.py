"""The programs of docs/deploy.md predict what nlptrain predicts."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from nlptrain.export.onnx.export import export_onnx
from nlptrain.inference.model import load

PAGE = Path(__file__).parents[2] / "docs" / "deploy.md"
PROGRAMS = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
TEXTS = ["abcd", "bcde"]


@pytest.mark.parametrize("strings", [False, True])
def test_program_predicts_with_onnx_runtime_alone(strings, finished_run, tmp_path):
    model = load(finished_run)
    export_onnx(model, tmp_path / "model.onnx", strings=strings)
    program = PROGRAMS[strings]
    assert "nlptrain" not in re.sub(r'\["nlptrain"\]', "", program)
    command = [sys.executable, "-c", program]
    ended = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert ended.returncode == 0, ended.stderr
    found = [line.split(maxsplit=1) for line in ended.stdout.splitlines()]
    expected = model.predict(TEXTS)
    assert [label for label, _ in found] == [each.label for each in expected]
    for (_, numbers), each in zip(found, expected, strict=True):
        shown = [float(number) for number in re.findall(r"[\d.]+", numbers)]
        assert max(shown) == pytest.approx(each.probability, abs=1e-5)
