"""A process that has imported everything once, and forks a child for each command.

A child is a real process with a start of 30 milliseconds instead of seconds. Standard input takes
one request a line, standard output gives one answer: `{"start": {…}}` → the child's number,
`{"wait": number, "seconds": …}` → its exit status; past these seconds it is killed.
"""

import json
import os
import signal
import sys

import tensorboard.compat.proto.event_pb2
import torch
from call_points import CallPoints
from command import run, warm_up

import nlptrain.cli.app
import nlptrain.training.torch_learner

# torch is only imported: what it has computed with may not be forked.
IMPORTED = (tensorboard, torch, nlptrain)


def serve():
    """Answer requests until standard input ends."""
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
    for line in sys.stdin:
        request = json.loads(line)
        if "start" in request:
            answer = start(**request["start"])
        else:
            answer = wait(request["wait"], request["seconds"])
        sys.stdout.write(f"{json.dumps(answer)}\n")
        sys.stdout.flush()


def start(words, folder, streams, fault, trace):
    """Fork a child that runs a command in a folder; its output goes to the two streams' files."""
    child = os.fork()
    if child:
        return child
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])
    os.chdir(folder)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for descriptor, path in enumerate(streams, start=1):
        os.dup2(os.open(path, os.O_WRONLY), descriptor)
    points = CallPoints(fault, "runs") if fault or trace else None
    sys.setprofile(points)
    status = run(words)
    sys.setprofile(None)
    if trace:
        points.save(trace)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def wait(child, seconds):
    """Wait for a child to end, and kill it where it takes longer than so many seconds."""
    if seconds is not None and not _ends_within(child, seconds):
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def _ends_within(child, seconds):
    """Wait for one child's end; with several running, another's may be what ends the wait."""
    signal.sigtimedwait([signal.SIGCHLD], seconds)
    return os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


if __name__ == "__main__":
    warm_up()
    serve()
