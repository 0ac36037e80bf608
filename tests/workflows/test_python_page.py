"""What docs/python.md shows, carried out."""

import re
from pathlib import Path

import pytest

from nlptrain.reporting.plugins import find_reporters

PAGE = Path(__file__).parents[2] / "docs" / "python.md"


@pytest.mark.long
def test_its_code_runs_from_top_to_bottom(workplace):
    rows = [f"{stem}{end},{end}" for stem in map(chr, range(97, 123)) for end in ("ino", "sen")]
    (workplace / "names.csv").write_text("\n".join(["name,language", *rows]) + "\n")
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert len(blocks) == 3
    found = {}
    for block in blocks:
        exec(compile(block, str(PAGE), "exec"), found)
    assert found["search"].best_params_.keys() == found["grid"].keys()
    assert (workplace / "names.safetensors").is_file()


def test_the_reporter_that_it_names_is_installed():
    assert "logging.reporters=[mlflow]" in PAGE.read_text()
    assert find_reporters(["mlflow"]).keys() == {"mlflow"}
