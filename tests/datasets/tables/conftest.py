from pathlib import Path

import pytest

from nlptrain.datasets.tables.layout import complete_layout
from nlptrain.datasets.tables.reader import read_table


@pytest.fixture
def read_rows(tmp_path):
    """Write bytes to a file and read them back as (columns, rows)."""

    def read(content, name="data.csv", **said):
        path = Path(tmp_path / name)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        with read_table(path, complete_layout(path, **said)) as table:
            return table.columns, list(table.rows)

    return read
