"""Commands on a real pseudo-terminal, each in a child of one process that has imported everything.

Standard input takes a request a line, `{"words": […], "folder": …, "columns": …}`; standard output
answers it with `{"code": …, "text": …}`: the exit status and all that the terminal was sent.
"""

import fcntl
import json
import os
import pty
import struct
import sys
import termios

import tensorboard.compat.proto.event_pb2
import torch

import nlptrain.training.torch_learner
from nlptrain.cli.app import main
from nlptrain.training.machine import describe_machine

# torch is only imported: what it has computed with may not be forked.
IMPORTED = (tensorboard, torch, nlptrain, describe_machine)
ROWS = 50


def serve():
    """Answer requests until standard input ends."""
    for line in sys.stdin:
        code, text = run(**json.loads(line))
        sys.stdout.write(f"{json.dumps({'code': code, 'text': text})}\n")
        sys.stdout.flush()


def run(words, folder, columns):
    """Run a command on a terminal of so many columns."""
    child, terminal = pty.fork()
    if not child:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, columns, 0, 0))
        os.chdir(folder)
        os.environ["TERM"] = "xterm-256color"
        for name in ("COLUMNS", "LINES", "NO_COLOR"):
            os.environ.pop(name, None)
        sys.argv = ["nlptrain", *words]
        sys.stdin = os.fdopen(0, closefd=False)
        sys.stdout = os.fdopen(1, "w", closefd=False)
        sys.stderr = os.fdopen(2, "w", closefd=False)
        os._exit(finish())
    parts = []
    while part := read(terminal):
        parts.append(part)
    os.close(terminal)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status), b"".join(parts).decode()


def finish():
    """Run the command line, and give its exit status."""
    try:
        main()
        code = 0
    except SystemExit as end:
        code = end.code or 0
    sys.stdout.flush()
    sys.stderr.flush()
    return code


def read(terminal):
    """Read what there is; Linux calls it an error where the other side has ended."""
    try:
        return os.read(terminal, 65536)
    except OSError:
        return b""


if __name__ == "__main__":
    serve()
