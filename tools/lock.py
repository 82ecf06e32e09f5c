"""Pin what this environment holds: requirements.lock and environment.yml.

Both are written from one list, so that they cannot disagree; a test holds
them together afterwards. Versions carry no hashes, for torch's wheel differs
by platform and by index; the data lock (archives.lock) carries hashes.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements.lock"
ENVIRONMENT = ROOT / "environment.yml"

# Come with torch's CUDA build on Linux or with one system only: the
# packages that need them ask for them themselves.
NOT_PINNED = re.compile(
    r"(nvidia|cuda|triton|appnope|pywin|colorama)", re.IGNORECASE
)


def normal(name: str) -> str:
    """Spell a distribution's name as the packaging standard compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(text: str) -> dict[str, str]:
    """Read ``name==version`` lines into a dictionary by normal name."""
    found = re.findall(r"^([A-Za-z0-9_.-]+)==([^\s;+]+)", text, re.MULTILINE)
    return {normal(name): number for name, number in found}


def wanted_by_us() -> list[str]:
    """List what pyproject.toml asks for directly, in all its extras."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    names = list(project["dependencies"])
    for extra in project["optional-dependencies"].values():
        names += extra
    return sorted(normal(re.split(r"[<>=!~\[; ]", n)[0]) for n in names)


def environment(versions: dict[str, str]) -> dict[str, object]:
    """Say the same pins for conda: torch's CPU build from conda, the rest pip.

    Args:
        versions: Every pin of the lock.

    Returns:
        The content of environment.yml.
    """
    by_pip = [f"{n}=={versions[n]}" for n in wanted_by_us() if n != "torch"]
    return {
        "name": "transformer-course",
        "channels": ["conda-forge", "nodefaults"],
        "dependencies": [
            "python=3.11",
            f"pip={versions['pip']}",
            f"pytorch={versions['torch']}=cpu*",
            {"pip": by_pip},
        ],
    }


def main() -> int:
    """Write both files from what is installed here."""
    command = [sys.executable, "-m", "pip", "freeze", "--exclude-editable"]
    frozen = subprocess.run(
        [*command, "--all"], check=True, text=True, stdout=subprocess.PIPE
    ).stdout
    versions = {
        name: number
        for name, number in sorted(pins(frozen).items())
        if not NOT_PINNED.match(name)
    }
    missing = [name for name in wanted_by_us() if name not in versions]
    if missing:
        print(f"not installed here: {', '.join(missing)}", file=sys.stderr)
        return 1
    lines = [f"{n}=={v}" for n, v in versions.items() if n != "pip"]
    LOCK.write_text(
        "# Written by `make lock`; change pyproject.toml instead.\n"
        f"# pip=={versions['pip']}\n" + "\n".join(lines) + "\n"
    )
    ENVIRONMENT.write_text(
        "# Written by `make lock`; change pyproject.toml instead.\n"
        + yaml.safe_dump(environment(versions), sort_keys=False)
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
