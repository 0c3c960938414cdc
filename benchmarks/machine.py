"""What figures were measured on: without it they mean nothing."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TypedDict


class Machine(TypedDict):
    """One machine, at one moment."""

    cores: int
    processor: str
    system: str
    python: str
    versions: dict[str, str]
    load: float


def describe_machine(packages: tuple[str, ...]) -> Machine:
    """Cores that this process may use, processor, system, versions, and how busy the machine was before."""
    return Machine(
        cores=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        processor=_processor(),
        system=f"{platform.system()} {platform.machine()}",
        python=platform.python_version(),
        versions={name: _version(name) for name in packages},
        load=round(os.getloadavg()[0], 2),
    )


def machine_line(machine: Machine) -> str:
    """The same in one line, with a warning where others were at work."""
    versions = ", ".join(f"{name} {number}" for name, number in machine["versions"].items())
    return (
        f"{machine['cores']} cores, {machine['processor']}, {machine['system']}; "
        f"Python {machine['python']}, {versions}; load before {machine['load']}"
        f"{' (BUSY: times and ratios are not to be trusted)' if machine['load'] > machine['cores'] / 2 else ''}"
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or "unknown processor"


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "absent"
