"""Run every check of the project: `python check.py`, in an environment with the dev extra."""

import subprocess
import sys
import sysconfig
import time
from pathlib import Path

CHECKS = {
    "lint": ["ruff", "check", "."],
    "format": ["ruff", "format", "--check", "."],
    "types": ["mypy"],
    "imports": ["lint-imports", "--no-logo"],
    # A file stays on one process: its fixtures are made once.
    "tests": ["pytest", "-q", "-n", "auto", "--dist", "loadfile"],
}


def main() -> int:
    """Run the checks in order, all of them, and tell which failed."""
    scripts = Path(sysconfig.get_path("scripts"))
    failed = []
    for name, (program, *arguments) in CHECKS.items():
        print(f"── {name}: {program} {' '.join(arguments)}", flush=True)
        began = time.monotonic()
        done = subprocess.run([scripts / program, *arguments], check=False)  # noqa: S603
        if done.returncode:
            failed.append(name)
        print(f"   {'failed' if done.returncode else 'ok'}, {time.monotonic() - began:.0f} s")
    print(f"failed: {', '.join(failed)}" if failed else "all checks passed")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
