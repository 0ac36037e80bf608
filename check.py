"""Run the project's checks, in an environment with the dev extra.

`python check.py` runs lint, format, types, imports, and the tests of daily work; `--all` the long
tests too, which have to pass before anything lands. `--newest` does it with the newest versions
that pyproject.toml allows, in an environment of its own, and lists where they are not those of
constraints.txt.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import sysconfig
import tempfile
import time
import venv
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).parent
STATIC = {
    "lint": ["ruff", "check", "."],
    "format": ["ruff", "format", "--check", "."],
    "types": ["mypy"],
    "imports": ["lint-imports", "--no-logo"],
    "site": ["mkdocs", "build", "--strict", "--quiet"],
}
"""Each on one core, so that they run side by side."""
# A file stays on one process: its fixtures are made once.
TESTS = ["pytest", "-q", "-n", "auto", "--dist", "loadfile"]
DAILY = ["-m", "not long"]
# MkDocs's theme advertises its successor at every build.
ENVIRONMENT = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
UNLOCKED = {"nlptrain", "pip", "setuptools"}


def main() -> int:
    """Run what the arguments ask for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", action="store_true", help="the long tests too")
    parser.add_argument("--newest", action="store_true", help="with the newest versions allowed")
    arguments = parser.parse_args()
    return (check_newest if arguments.newest else check)(run_all=arguments.all)


def check(*, run_all: bool) -> int:
    """Run all checks, the static ones side by side, and tell which failed."""
    failed = []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for name, done, seconds in pool.map(run_static, STATIC):
            print(f"── {name}: {' '.join(STATIC[name])}\n{done.stdout}", end="")
            print(f"   {'failed' if done.returncode else 'ok'}, {seconds:.0f} s", flush=True)
            failed += [name] * bool(done.returncode)
    tests = TESTS if run_all else [*TESTS, *DAILY]
    print(f"── tests: {' '.join(tests)}", flush=True)
    began = time.monotonic()
    if subprocess.run(locate(tests), check=False, cwd=ROOT, env=ENVIRONMENT).returncode:  # noqa: S603
        failed.append("tests")
    print(f"   {'failed' if 'tests' in failed else 'ok'}, {time.monotonic() - began:.0f} s")
    print(f"failed: {', '.join(failed)}" if failed else "all checks passed")
    return bool(failed)


def run_static(name: str) -> tuple[str, "subprocess.CompletedProcess[str]", float]:
    """Run a check, and return its name, what it printed, and its seconds."""
    began = time.monotonic()
    done = subprocess.run(  # noqa: S603
        locate(STATIC[name]),
        check=False,
        cwd=ROOT,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return name, done, time.monotonic() - began


def locate(command: list[str]) -> list[str]:
    """Return the command with the full path of its program, from this environment."""
    program, *options = command
    return [str(Path(sysconfig.get_path("scripts"), program)), *options]


def check_newest(*, run_all: bool) -> int:
    """Run the checks with the newest versions, and print a verdict and what differs."""
    with tempfile.TemporaryDirectory(prefix="newest-") as folder:
        venv.create(folder, with_pip=True)
        python = str(Path(folder, "bin", "python"))
        installing = run_quietly(python, "-m", "pip", "install", "-e", f"{ROOT}[dev]")
        if installing.returncode:
            print(installing.stderr, "with the newest versions: they cannot be installed", sep="\n")
            return 1
        listing = run_quietly(python, "-m", "pip", "list", "--format", "json")
        options = ["--all"] if run_all else []
        checks = run_quietly(python, str(ROOT / "check.py"), *options)
    if checks.returncode:
        print(checks.stdout[-10_000:], checks.stderr[-2_000:], sep="\n")
    print(f"with the newest versions: {checks.stdout.splitlines()[-1]}")
    changes = differing(json.loads(listing.stdout))
    print(f"not as in constraints.txt: {', '.join(changes) or 'none'}")
    return checks.returncode


def run_quietly(*command: str) -> "subprocess.CompletedProcess[str]":
    """Run a command and keep what it prints."""
    return subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603


def differing(installed: list[dict[str, str]]) -> list[str]:
    """List the installed packages whose version is not in constraints.txt."""
    locked: dict[str, set[str]] = {}
    for line in (ROOT / "constraints.txt").read_text().splitlines():
        if match := re.match(r"([\w.-]+)==([\w.]+)", line):
            locked.setdefault(normalized(match[1]), set()).add(match[2])
    rows = []
    for package in installed:
        # A local build, such as 2.13.0+cpu, counts as its version.
        name, version = normalized(package["name"]), package["version"].partition("+")[0]
        if name not in UNLOCKED and version not in locked.get(name, set()):
            rows.append(f"{name} {version} (locked: {' or '.join(locked.get(name, ['none']))})")
    return rows


def normalized(name: str) -> str:
    """Write a package's name as indexes do (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    sys.exit(main())
