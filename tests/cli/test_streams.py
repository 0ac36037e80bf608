"""Where words go, and what happens when a stream or a signal ends the program early."""

import os
import re
import signal
import subprocess
import sys

import pytest

COLOUR = re.compile(r"\x1b\[[0-9;]*3[0-9]")


@pytest.fixture
def start(runs, buffered):
    """Start `nlptrain` as a process of its own."""
    started = []

    def start_process(*arguments):
        pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        command = [sys.executable, "-m", "nlptrain", *arguments]
        started.append(subprocess.Popen(command, cwd=runs.parent, **pipes))
        return started[-1]

    yield start_process
    for process in started:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout, process.stderr):
            pipe.close()


def test_no_escapes_off_a_terminal(cli, tiny):
    for arguments in (("train", "rnn", *tiny), ("runs",), ("runs", "show"), ("evaluate",)):
        code, out, err = cli(*arguments)
        assert code == 0
        assert "\x1b" not in out + err


def test_colours_on_request_and_none_with_no_color(cli, tiny, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert COLOUR.search(cli("train", "rnn", *tiny).err)
    monkeypatch.setenv("NO_COLOR", "1")
    assert not COLOUR.search(cli("train", "rnn", *tiny).err)


def test_live_display_leaves_standard_output_clean(cli, tiny, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    out = cli("train", "rnn", *tiny).out
    assert "epoch" not in out
    assert "test accuracy" in out


def test_reader_that_has_enough_ends_the_program_quietly(start, runs):
    (runs.parent / "big.txt").write_bytes(b"abcd\n" * 40_000)
    process = start("predict", "--file", "big.txt", "--run", "rnn-001")
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait() == 1


def test_ctrl_c_ends_a_prediction_with_130_and_no_traceback(start):
    process = start("predict", "-")
    # More than a pipe holds: once it is written the process reads. Before, an interrupt may be
    # lost, where Python meets it in a callback of an import.
    process.stdin.write(b"abcd\n" * 13_200)
    process.stdin.flush()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate()
    assert err.rstrip(b"\n") == b"run: runs/rnn-001"
    # A shell shows 130 for both: CPython ends by the signal where it met an exec of a string, as
    # dataclasses do while they are imported, although the interrupt was caught.
    assert process.returncode in (130, -signal.SIGINT)


def test_odd_bytes_from_the_shell_are_predicted(start):
    process = start("predict", b"ab\xff", "--run", "rnn-001")
    out, err = process.communicate()
    assert out.startswith(b"ab\\udcff\t")
    assert b"[unk]: 1" in err
    assert process.returncode == 0


def test_arguments_are_utf8_whatever_the_locale(runs):
    (runs.parent / "ä.txt").write_text("é\n", encoding="utf-8")
    locale = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    for words in (["é"], ["--file", "ä.txt"]):
        command = [sys.executable, "-m", "nlptrain", "predict", *words]
        ended = subprocess.run(
            command, capture_output=True, cwd=runs.parent, env=os.environ | locale, check=False
        )
        assert ended.returncode == 0, ended.stderr
        assert "é".encode() in ended.stdout
        assert b"read as [unk]: 1\n" in ended.stderr


@pytest.mark.parametrize("closed", ["1>&-", "2>&-", "0<&-", "1>&- 2>&-"])
def test_closed_stream_is_no_traceback(runs, closed):
    line = f'exec "{sys.executable}" -m nlptrain predict abcd {closed}'
    ended = subprocess.run(["sh", "-c", line], capture_output=True, cwd=runs.parent, check=False)
    assert ended.returncode == 0
    assert b"Traceback" not in ended.stderr
    assert ended.stdout.startswith(b"abcd") == ("1>&-" not in closed)
