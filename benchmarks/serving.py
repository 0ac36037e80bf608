"""How many requests a second does `nlptrain serve` answer, and how long does each take?

    python benchmarks/serving.py [--requests 10000] [--clients 32] [--lengths 3 12]

Needs wrk (Debian: apt install wrk), which loads one server after the other from a process of its
own, in turns of some seconds, A B C A B C …, until each has answered as many requests as asked for.
Each request is one string of so many letters, and each another. The servers have the same network
(that of a config, trained in a moment first) behind the same uvicorn:

- nlptrain serve: all bounds, counts and checks; requests that come at once are computed together
- one by one: the same, but each of these requests is computed by itself: what batching gains
- plain: a FastAPI function that predicts each request by itself, with the network by hand
- plain, torch: the same with the network in torch, in evaluation, on one thread

A table of requests a second, of the server's processor time a request, which says most where the
machine does other things too, and of the time of an answer: the median, and that of the slowest
hundredth, each as the median of the turns. Targets: no request fails, more requests a second than
either plain function, and less processor time a request than one by one.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import psutil
from pairs import NLPTRAIN, measure, print_table

SECONDS = 2
MODELS = ("pooling", "rnn", "cnn", "lstm")
SERVERS = ("nlptrain serve", "one by one", "plain", "plain, torch")
QUICK = ("--set", "training.epochs=1", "--set", "data.sizes.train=2000")
HEADER = ("network", "server", "requests", "failed", "a second", "CPU ms", "p50 ms", "p99 ms")
SCRIPT = Path(__file__).with_suffix(".lua")


def main() -> None:
    """Measure each network behind each server, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--lengths", type=int, nargs=2, default=(3, 12))
    parser.add_argument("--networks", nargs="+", choices=MODELS, default=MODELS)
    parser.add_argument("--run", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--server", choices=SERVERS[1:], help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.server == "one by one":
        serve_one_by_one(arguments.run)
        return
    if arguments.run:
        serve_plainly(arguments.run, arguments.server)
        return
    with tempfile.TemporaryDirectory() as folder:
        for model in arguments.networks:
            measure([NLPTRAIN, "train", model, *QUICK], Path(folder))
            run = Path(folder, "runs", f"{model}-001")
            asked = [str(number) for number in arguments.lengths]
            turns = load_all(run, arguments.requests, arguments.clients, asked)
            print_table(HEADER, [describe(model, name, turns[name]) for name in SERVERS])


def load_all(
    run: Path, requests: int, clients: int, lengths: list[str]
) -> dict[str, list[dict[str, float]]]:
    """Load the servers in turns until each has answered enough: what each turn came to."""
    commands = {
        "nlptrain serve": [NLPTRAIN, "serve", str(run), "--port", "0", "--quiet"],
        **{
            name: [sys.executable, __file__, "--run", str(run), "--server", name]
            for name in SERVERS[1:]
        },
    }
    turns: dict[str, list[dict[str, float]]] = {name: [] for name in SERVERS}
    with ExitStack() as running:
        places = {name: running.enter_context(started(commands[name])) for name in SERVERS}
        for place in places.values():
            load(place, clients, ["0", *lengths])
        while min(sum(turn["requests"] for turn in turns[name]) for name in SERVERS) < requests:
            for name, place in places.items():
                seed = str(len(turns[name]) + 1)
                turns[name].append(load(place, clients, [seed, *lengths]))
    return turns


@contextmanager
def started(command: list[str]) -> Iterator[tuple[str, psutil.Process]]:
    """Start a server, and end it: its address and process."""
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            for line in process.stderr or ():
                if found := re.search(r"http://\S+", line):
                    yield found[0], psutil.Process(process.pid)
                    break
        finally:
            process.terminate()


def load(place: tuple[str, psutil.Process], clients: int, arguments: list[str]) -> dict[str, float]:
    """Load a server for some seconds, with the script's seed and lengths."""
    address, process = place
    before = sum(process.cpu_times()[:2])
    command = ["wrk", "-t1", f"-c{clients}", f"-d{SECONDS}s", "-s", str(SCRIPT), address]
    done = subprocess.run([*command, *arguments], check=True, capture_output=True, text=True)
    time.sleep(0.2)
    found: dict[str, float] = json.loads(done.stdout.partition("JSON ")[2])
    return {**found, "cpu": sum(process.cpu_times()[:2]) - before}


def describe(model: str, name: str, turns: list[dict[str, float]]) -> list[str]:
    """Write a row of the table."""
    total = sum(turn["requests"] for turn in turns)
    rate = median(turn["requests"] / turn["seconds"] for turn in turns)
    return [
        model,
        name,
        f"{total:,.0f}",
        f"{sum(turn['failed'] for turn in turns):,}",
        f"{rate:,.0f}",
        f"{1000 * sum(turn['cpu'] for turn in turns) / total:.2f}",
        *(f"{median(turn[key] for turn in turns):.1f}" for key in ("p50", "p99")),
    ]


def serve_one_by_one(run: Path) -> None:
    """Run nlptrain's server, but let what is gathered be computed request by request."""
    import nlptrain.serving.batching
    from nlptrain.cli.app import app

    nlptrain.serving.batching.decide_each = lambda model, requests: [
        model.decide(texts) for texts in requests
    ]
    app(["serve", str(run), "--port", "0", "--quiet"])


def serve_plainly(run: Path, server: str) -> None:
    """Serve a network by the function that a tutorial would write."""
    import uvicorn
    from fastapi import FastAPI
    from pydantic import BaseModel
    from threadpoolctl import threadpool_limits

    from nlptrain.serving.server import address_of, listen

    class Body(BaseModel):
        text: str

    app, predict = FastAPI(), make_predict(run, server)

    @app.post("/predict")
    async def answer(body: Body) -> dict[str, Any]:
        return predict(body.text)

    with listen("127.0.0.1", 0) as listening, threadpool_limits(1):
        print(address_of(listening), file=sys.stderr, flush=True)
        config = uvicorn.Config(app, http="h11", log_config=None, access_log=False)
        uvicorn.Server(config).run(sockets=[listening])


def make_predict(run: Path, server: str) -> Any:
    """Make the function that predicts one string, by hand or with torch."""
    from nlptrain.inference.model import load as load_model

    model = load_model(run)
    if server == "plain":
        return lambda text: model.predict([text])[0].to_json()
    import numpy as np
    import torch

    from nlptrain.torch_nn.classifier import Classifier

    torch.set_num_threads(1)
    network = Classifier(model.file.architecture).eval()
    network.load_arrays(model.file.arrays)
    labels, place = model.file.labels, np.zeros(1, np.int64)

    def predict(text: str) -> dict[str, Any]:
        ids, lengths = map(torch.from_numpy, model.file.text.encode([text]).batch(place))
        with torch.inference_mode():
            logits = network(ids, lengths, padded=False)[0]
        positive = torch.sigmoid(logits[0]).item()
        probabilities = dict(zip(labels, (1 - positive, positive), strict=True))
        label = max(probabilities, key=lambda each: probabilities[each])
        return {"text": text, "label": label, "probabilities": probabilities}

    return predict


if __name__ == "__main__":
    main()
