"""What the two configurations share: folders, ports, addresses, secrets.

Everything can be changed by environment variables; README.md lists them.
"""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]
PREFIX = "/services/grader/"
CLIENT = "hub"  # JupyterHub's name at grader-service

FOLDER = Path(
    os.environ.get("HUB_FOLDER") or REPOSITORY / "work" / "hub"
).resolve()
PRIVATE = Path(
    os.environ.get("COURSEWORK_PRIVATE")
    or REPOSITORY / "coursework" / "private"
)
COURSE_PYTHON = Path(
    os.environ.get("HUB_COURSE_PYTHON")
    or REPOSITORY / ".venv" / "bin" / "python"
)
PROXY = Path(
    os.environ.get("HUB_PROXY")
    or REPOSITORY / ".venv-hub/proxy/node_modules/.bin/configurable-http-proxy"
)

# The first is what browsers open; the others only answer on loopback.
PORT = int(os.environ.get("HUB_PORT", "8000"))
PROXY_PORT = int(os.environ.get("HUB_PROXY_PORT", "8001"))
HUB_PORT = int(os.environ.get("HUB_HUB_PORT", "8081"))
GRADER_PORT = int(os.environ.get("HUB_GRADER_PORT", "4010"))
PUBLIC = os.environ.get("HUB_PUBLIC_URL", f"http://127.0.0.1:{PORT}")
GRADER = f"http://127.0.0.1:{GRADER_PORT}"
CALLBACK = f"{PUBLIC.rstrip('/')}/hub/oauth_callback"

# Submissions that are graded at the same time.
GRADERS = int(os.environ.get("HUB_GRADERS", "1"))

# With HUB_ACCOUNTS=trial nobody needs an account of the machine, and nobody
# is kept from another's files.
TRIAL = os.environ.get("HUB_ACCOUNTS", "system") == "trial"

GIT = """\
[init]
\tdefaultBranch = main
[user]
\tname = grader-service
\temail = grader-service@localhost
"""
CLASS = {
    "transformers": [
        {"role": "instructor", "members": ["instructor"]},
        {"role": "student", "members": ["ada", "ben"]},
    ]
}


def folder() -> Path:
    """Return the folder that holds all state; only its owner may read it."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    FOLDER.chmod(0o700)
    return FOLDER


def gitconfig() -> Path:
    """Return grader-service's own git settings; the user's stay untouched."""
    path = folder() / "gitconfig"
    path.write_text(GIT)
    return path


def secret(name: str) -> str:
    """Return a secret that both programs know; made at the first start."""
    path = folder() / "secrets.json"
    known: dict[str, str] = {}
    if path.exists():
        known = json.loads(path.read_text())
    if name not in known:
        known[name] = secrets.token_hex(32)
        path.touch(mode=0o600)
        path.write_text(json.dumps(known, indent=1))
    return known[name]


def password() -> str:
    """Return the one password of a trial."""
    given = os.environ.get("HUB_TRIAL_PASSWORD")
    return given or secret("trial password")[:12]


def members() -> dict[str, list[dict[str, object]]]:
    """Return who is in which class, from class.json; made at first start."""
    path = folder() / "class.json"
    if not path.exists():
        path.write_text(json.dumps(CLASS, indent=1))
    found: dict[str, list[dict[str, object]]] = json.loads(path.read_text())
    return found


def everybody() -> set[str]:
    """Return the names of all who may log in."""
    return {
        str(name)
        for roles in members().values()
        for role in roles
        for name in role["members"]  # type: ignore[attr-defined]
    }
