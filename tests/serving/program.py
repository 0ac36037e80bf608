"""A server with bounds of its own, given as JSON, on a free port: its address goes to stderr."""

import json
import sys
from pathlib import Path

import nlptrain.serving.app
from nlptrain.serving.app import build_app
from nlptrain.serving.limits import Limits
from nlptrain.serving.models import ServedModels
from nlptrain.serving.server import listen, run


def say(line):
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


runs_dir, runs, bounds = sys.argv[1], json.loads(sys.argv[2]), json.loads(sys.argv[3])
nlptrain.serving.app.REFRESH_SECONDS = 0.1
limits = Limits(**bounds)
with listen("127.0.0.1", 0) as listening:
    app = build_app(ServedModels(runs, Path(runs_dir)), limits, reload=True, log=say, tell=say)
    run(app, listening, limits, runs, say)
    say("torch" if "torch" in sys.modules else "no torch")
