"""A server in a process of its own, and what it answers."""

import http.client
import json
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

PROGRAM = Path(__file__).parent / "serving" / "program.py"
JSON = {"content-type": "application/json"}


class Server:
    """A server in a process of its own."""

    def __init__(self, process):
        self.process = process
        self.port = int(process.stderr.readline().rpartition(":")[2])

    def ask(self, method, path, body=None, headers=JSON):
        """Send a request: the status, the headers and the body of the answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        if isinstance(body, dict):
            body = json.dumps(body)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def post(self, path, body, headers=JSON):
        """Post JSON: the status and the answer's JSON."""
        status, _, answer = self.ask("POST", path, body, headers)
        return status, json.loads(answer)

    def get(self, path, headers=JSON):
        """Get JSON: the status and the answer's JSON."""
        status, _, answer = self.ask("GET", path, None, headers)
        return status, json.loads(answer)

    @contextmanager
    def connect(self, begin=b""):
        """Open a connection, and send the begin of a request."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as connection:
            connection.sendall(begin)
            yield connection

    def end(self, number):
        """Send a signal: the exit status, and what was said until the end."""
        self.process.send_signal(number)
        _, said = self.process.communicate(timeout=30)
        return self.process.returncode, said


def read_answer(connection):
    """Read an answer to its end: the status and its JSON."""
    answer = http.client.HTTPResponse(connection)
    answer.begin()
    return answer.status, json.loads(answer.read())


@contextmanager
def serving(runs_dir, *runs, **bounds):
    """Run a server; give it bounds by the names of `Limits`."""
    arguments = [str(runs_dir), json.dumps(runs), json.dumps(bounds)]
    command = [sys.executable, str(PROGRAM), *arguments]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield Server(process)
        finally:
            process.kill()
