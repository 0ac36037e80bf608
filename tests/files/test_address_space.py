import resource

import psutil
import pytest

from nlptrain.files.address_space import check_room_for_polars, find_address_space


@pytest.fixture
def limit_to(monkeypatch):
    """Pretend that the process may reserve so many bytes more than it has."""

    def run(more):
        limit = psutil.Process().memory_info().vms + more
        monkeypatch.setattr(resource, "getrlimit", lambda _: (limit, resource.RLIM_INFINITY))

    return run


def test_what_is_left_is_the_limit_less_what_is_reserved(limit_to):
    assert find_address_space() is None
    limit_to(300 << 20)
    assert find_address_space() == pytest.approx(300 << 20, abs=20 << 20)


def test_too_little_room_is_said_with_both_sizes(limit_to):
    check_room_for_polars()
    limit_to(300 << 20)
    with pytest.raises(MemoryError, match=r"Parquet takes [\d,]+ MiB .* leaves (29\d|300) MiB"):
        check_room_for_polars()
    limit_to(1 << 40)
    check_room_for_polars()


@pytest.mark.long
@pytest.mark.parametrize("command", ["data export rnn --output table.parquet", "predict ab"])
def test_a_command_without_room_for_parquet_is_one_message_and_no_file(runs, command):
    import subprocess
    import sys

    limited = "import resource, sys; resource.setrlimit(resource.RLIMIT_AS, (700 << 20,) * 2)\n"
    program = f"{limited}from nlptrain.cli.app import main; main()"
    before = sorted(runs.parent.rglob("*"))
    words = [sys.executable, "-c", program, *command.split()]
    ended = subprocess.run(words, capture_output=True, text=True, cwd=runs.parent, check=False)
    if command == "predict ab":
        assert ended.returncode == 0
    else:
        assert ended.returncode == 1
        assert ended.stderr.startswith("not enough memory: Parquet takes")
        assert ended.stderr.count("\n") == 1
    assert sorted(runs.parent.rglob("*")) == before
