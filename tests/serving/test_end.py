import json
import signal
import sys
import time

import pytest

from running_server import JSON, read_answer, serving

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no such signals")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_lets_begun_requests_finish(served_runs, number):
    body = json.dumps({"text": "abcde" * 80}).encode()
    head = f"POST /explain HTTP/1.1\r\nhost: x\r\ncontent-length: {len(body)}\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in JSON.items()) + "\r\n"
    with serving(served_runs, "rnn-001") as server, server.connect() as idle:
        server.get("/healthz")
        with server.connect(head.encode() + body[:-1]) as connection:
            time.sleep(0.1)
            server.process.send_signal(number)
            time.sleep(0.3)
            with pytest.raises(OSError, match="refused"), server.connect():
                pass
            connection.sendall(body[-1:])
            status, answer = read_answer(connection)
        assert (status, answer["text"]) == (200, "abcde" * 80)
        assert idle.recv(1) == b""
        _, said = server.process.communicate(timeout=30)
    assert server.process.returncode == 0
    assert "Traceback" not in said
    assert said.splitlines()[-1] == "no torch"


def test_signal_before_the_first_request_is_not_lost(served_runs):
    with serving(served_runs, "rnn-001") as server:
        code, said = server.end(signal.SIGTERM)
    assert code == 0
    assert "Traceback" not in said


def test_requests_that_never_end_do_not_hold_up_the_end(served_runs):
    bounds = {"reading_seconds": 60, "draining_seconds": 1}
    head = b"POST /predict HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n{"
    with serving(served_runs, "rnn-001", **bounds) as server, server.connect(head):
        time.sleep(0.1)
        began = time.monotonic()
        code, said = server.end(signal.SIGTERM)
    assert code == 0
    assert time.monotonic() - began < 20
    assert "Traceback" not in said
