"""A process that has imported everything once, and forks a child under a limit for each command.

Standard input takes a request a line, standard output gives an answer a line.
"""

import json
import os
import resource
import sys

import matplotlib.figure
import polars
from command import run, warm_up

import nlptrain.cli.app
import nlptrain.comparison.run

# Under a limit Python would write half a module to its cache, and take it for whole ever after.
sys.dont_write_bytecode = True

IMPORTED = (matplotlib, polars, nlptrain.comparison.run)
"""What takes the time; the children find it there."""


def serve():
    """Answer requests until standard input ends."""
    for line in sys.stdin:
        answer = run_in_child(**json.loads(line))
        sys.stdout.write(f"{json.dumps(answer)}\n")
        sys.stdout.flush()


def run_in_child(**request):
    """Run a command in a child: its exit status and what it wrote to both streams."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        sys.stdout, sys.stderr = os.fdopen(writing, "w"), os.fdopen(os.dup(writing), "w")
        _run_limited(**request)
    os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        said = stream.read().decode()
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status), said


def _run_limited(words, folder, file_size):
    """Run a command in a folder where a file may have so many bytes (None: any), and end."""
    os.chdir(folder)
    if file_size is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (file_size, file_size))
    status = run(words)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    warm_up()
    serve()
