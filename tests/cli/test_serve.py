import re
import signal
import socket
import subprocess
import sys

import pytest

from running_server import Server


@pytest.mark.skipif(sys.platform == "win32", reason="no such signals")
def test_command_serves_until_interrupted(runs):
    command = [sys.executable, "-m", "nlptrain", "serve", "rnn-001", "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        server = Server(process)
        assert server.get("/models") == (200, {"default": "rnn-001", "models": ["rnn-001"]})
        assert server.get("/no%1bwhere%1b[31m")[0] == 404
        code, said = server.end(signal.SIGINT)
    first, second, last = said.splitlines()
    assert code == 0
    assert re.fullmatch(r"\S+Z 127.0.0.1 GET /models 200 [\d.]+ ms", first)
    assert "/no\\x1bwhere\\x1b[31m 404" in second
    assert last == "ended; what was begun is answered"


def test_port_that_is_taken_is_a_clear_error(runs, cli):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, _, said = cli("serve", "rnn-001", "--port", port)
    assert code == 1
    assert f"cannot listen at 127.0.0.1:{port}: " in said
    assert "--port" in said


def test_missing_extra_is_named(runs, cli, monkeypatch):
    monkeypatch.setattr("nlptrain.packages.is_installed", lambda package: package != "uvicorn")
    code, _, said = cli("serve", "rnn-001")
    assert code == 1
    assert "pip install 'nlptrain[serve]'" in said


def test_run_without_a_model_is_a_clear_error(runs, cli):
    (runs / "rnn-001" / "model.safetensors").unlink()
    code, _, said = cli("serve", "rnn-001", "--port", "0")
    assert code == 1
    assert "no model file" in said
