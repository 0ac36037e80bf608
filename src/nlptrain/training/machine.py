"""What the last digits of a run depend on besides its config: recorded with each run.

Equal config and seed give equal bytes if all of this is equal; docs/reliability.md says more.
"""

import platform
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from nlptrain.config.run import RunConfig
from nlptrain.training.distributed.launch import count_processes
from nlptrain.training.engine import choose_threads, find_device
from nlptrain.training.preparation import Preparation

if TYPE_CHECKING:
    import torch

PROCESSORS = Path("/proc/cpuinfo")
"""Where Linux describes the processor."""


def installed_versions() -> dict[str, str]:
    """List the versions that may affect the last digits: Python, the platform, the packages."""
    versions = {"python": platform.python_version(), "platform": platform.platform()}
    for package in ("nlptrain", "numpy", "torch"):
        # By hand, torch may be missing.
        with suppress(PackageNotFoundError):
            versions[package] = version(package)
    return versions


def describe_machine(config: RunConfig, preparation: Preparation) -> dict[str, str]:
    """Describe the engine, its processes and their threads, the device, and what computes there."""
    engine = preparation.engine.name
    description = {
        "engine": engine,
        "processes": str(count_processes()),
        "threads": str(choose_threads(config, preparation.architecture)),
        "processor": _describe_processor(),
        "numpy_instructions": _list_numpy_instructions(),
        "blas": _describe_blas(),
    }
    if engine == "torch":
        precision = config.training.precision
        rounded = {} if precision == "float32" else {"precision": precision}
        return description | _describe_torch(find_device(config.device)) | rounded
    return description | {"device": "cpu"}


def _describe_processor() -> str:
    try:
        lines = PROCESSORS.read_text(errors="replace").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def _list_numpy_instructions() -> str:
    """List the instruction sets that NumPy found, among which it chooses its loops."""
    import numpy as np

    # NumPy annotates the result as None, since the other mode prints it.
    settings: dict[str, dict[str, list[str]]] = np.show_config(mode="dicts")  # type: ignore[assignment]
    found = settings.get("SIMD Extensions", {})
    return " ".join([*found.get("baseline", []), *found.get("found", [])])


def _describe_blas() -> str:
    """Describe the libraries that multiply NumPy's matrices, and the processors they target."""
    from threadpoolctl import threadpool_info

    libraries = [entry for entry in threadpool_info() if entry["user_api"] == "blas"]
    return ", ".join(
        f"{entry['internal_api']} {entry['version']} {entry.get('architecture', '')}".rstrip()
        for entry in libraries
    )


def _describe_torch(device: "torch.device") -> dict[str, str]:
    """Describe what torch computes with; its version implies those of its own libraries."""
    import torch

    description = {"torch_instructions": torch.backends.cpu.get_cpu_capability()}
    if device.type == "cpu":
        return description | {"device": "cpu"}
    major, minor = torch.cuda.get_device_capability(device)
    return description | {
        "device": f"{device} {torch.cuda.get_device_name(device)}, capability {major}.{minor}",
        "cuda": str(torch.version.cuda),
        "cudnn": str(torch.backends.cudnn.version()),  # type: ignore[no-untyped-call]
    }
