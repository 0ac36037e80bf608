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
from pathlib import Path

ROOT = Path(__file__).parent
CHECKS = {
    "lint": ["ruff", "check", "."],
    "format": ["ruff", "format", "--check", "."],
    "types": ["mypy"],
    "imports": ["lint-imports", "--no-logo"],
    "site": ["mkdocs", "build", "--strict", "--quiet"],
    # A file stays on one process: its fixtures are made once.
    "tests": ["pytest", "-q", "-n", "auto", "--dist", "loadfile"],
}
# MkDocs's theme advertises its successor at every build.
ENVIRONMENT = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
DAILY = ["-m", "not long"]
UNLOCKED = {"nlptrain", "pip", "setuptools"}


def main() -> int:
    """Run what the arguments ask for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", action="store_true", help="the long tests too")
    parser.add_argument("--newest", action="store_true", help="with the newest versions allowed")
    arguments = parser.parse_args()
    return (check_newest if arguments.newest else check)(run_all=arguments.all)


def check(*, run_all: bool) -> int:
    """Run the checks in order, all of them, and tell which failed."""
    scripts = Path(sysconfig.get_path("scripts"))
    failed = []
    for name, command in CHECKS.items():
        program, *options = command if run_all or name != "tests" else [*command, *DAILY]
        print(f"── {name}: {program} {' '.join(options)}", flush=True)
        began = time.monotonic()
        done = subprocess.run(  # noqa: S603
            [scripts / program, *options], check=False, cwd=ROOT, env=ENVIRONMENT
        )
        if done.returncode:
            failed.append(name)
        print(f"   {'failed' if done.returncode else 'ok'}, {time.monotonic() - began:.0f} s")
    print(f"failed: {', '.join(failed)}" if failed else "all checks passed")
    return bool(failed)


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
