"""`nlptrain serve`."""

import sys
from typing import Annotated

import typer

from nlptrain.cli.completion import complete_run
from nlptrain.cli.options import RUNS_DIR, RunsDirOption
from nlptrain.cli.output import note


def serve(
    runs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[RUN...]",
            help="Runs' folders or names; default: the newest finished run.",
            autocompletion=complete_run,
        ),
    ] = None,
    runs_dir: RunsDirOption = RUNS_DIR,
    host: Annotated[
        str, typer.Option("--host", metavar="HOST", help="Where to listen; 0.0.0.0: everywhere.")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", metavar="N", min=0, max=65535, help="0: any that is free.")
    ] = 8000,
    reload: Annotated[
        bool, typer.Option("--reload", help="Take up newer models without a restart.")
    ] = False,
    max_strings: Annotated[
        int, typer.Option("--max-strings", metavar="N", min=1, help="Most strings of a request.")
    ] = 1000,
    max_characters: Annotated[
        int,
        typer.Option("--max-characters", metavar="N", min=1, help="Most characters of a string."),
    ] = 10_000,
    max_body: Annotated[
        int, typer.Option("--max-body", metavar="BYTES", min=1, help="Largest body of a request.")
    ] = 1 << 20,
    timeout: Annotated[
        float,
        typer.Option("--timeout", metavar="SECONDS", min=0.01, help="Longest time for an answer."),
    ] = 30.0,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Write no line for each request.")
    ] = False,
) -> None:
    """Serve predictions over HTTP, until Ctrl-C.

    A page to try them stands at the address that is printed, a description of all requests at its
    /docs. Nobody is asked who they are: on a network, put it behind a server that does.

    \b
    Examples:
      nlptrain serve
      nlptrain serve names-003 spam --port 8080 --reload
      curl localhost:8000/predict --json '{"text": "abcd"}'
    """
    from nlptrain.packages import require

    require("fastapi", "uvicorn", "prometheus_client", purpose="nlptrain serve", extra="serve")
    from nlptrain.serving.app import build_app
    from nlptrain.serving.limits import Limits
    from nlptrain.serving.models import ServedModels
    from nlptrain.serving.server import listen, run

    limits = Limits(max_body, max_strings, max_characters, timeout)
    models = ServedModels(runs or [], runs_dir)

    def log(line: str) -> None:
        sys.stderr.write(f"{line}\n")

    with listen(host, port) as listening:
        app = build_app(models, limits, reload=reload, log=None if quiet else log, tell=note)
        run(app, listening, limits, [served.name for served in models.all], note)
