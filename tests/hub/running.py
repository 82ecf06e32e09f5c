"""A hub of its own for a test: real processes, free ports, its own folder."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / ".venv-hub" / "bin" / "jupyterhub"
CONFIG = ROOT / "coursework" / "hub" / "jupyterhub_config.py"
PORTS = ("HUB_PORT", "HUB_PROXY_PORT", "HUB_HUB_PORT", "HUB_GRADER_PORT")
STARTUP = 300  # seconds


def free_ports(number):
    """Find ports on loopback that nobody uses."""
    with contextlib.ExitStack() as stack:
        found = []
        for _ in range(number):
            port = stack.enter_context(socket.socket())
            port.bind(("127.0.0.1", 0))
            found.append(port.getsockname()[1])
        return found


@contextlib.contextmanager
def hub(folder, password):
    """Start everything; yield its address; end everything."""
    if not PROGRAM.exists():
        raise RuntimeError(f"{PROGRAM} is not there: make hub")
    ports = dict(zip(PORTS, free_ports(len(PORTS)), strict=True))
    environment = os.environ | {
        "HUB_FOLDER": str(folder),
        "HUB_ACCOUNTS": "trial",
        "HUB_TRIAL_PASSWORD": password,
        **{name: str(port) for name, port in ports.items()},
    }
    address = f"http://127.0.0.1:{ports['HUB_PORT']}"
    folder.mkdir()
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [PROGRAM, "-f", CONFIG],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            wait(process, f"{address}/hub/health", folder / "log")
            yield address
        finally:
            end(process)


def wait(process, url, log):
    """Wait until JupyterHub and, behind it, grader-service answer."""
    until = time.monotonic() + STARTUP
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        with contextlib.suppress(urllib.error.URLError, OSError):
            urllib.request.urlopen(url, timeout=5).close()
            if "is now running" in log.read_text():
                return
        time.sleep(0.5)
    raise RuntimeError(f"no hub:\n{log.read_text()[-3000:]}")


def end(process):
    """End the hub, then whatever of it is still there."""
    process.terminate()
    try:
        process.wait(120)
    except subprocess.TimeoutExpired:
        process.kill()
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def solved(release, source, student, edit=lambda text: text):
    """Fill the solutions into a release, as a student would."""
    given = json.loads(Path(release).read_text())
    answers = {
        name(cell): "".join(cell["source"])
        for cell in json.loads(Path(source).read_text())["cells"]
    }
    for cell in given["cells"]:
        text = "".join(cell["source"])
        if "STUDENT =" in text:
            text = text.replace("your-id", student)
        elif "YOUR CODE HERE" in text or "YOUR ANSWER HERE" in text:
            lines = answers[name(cell)].splitlines(keepends=True)
            text = "".join(line for line in lines if "### " not in line)
        cell["source"] = edit(text)
    return json.dumps(given)


def name(cell):
    """Give a cell's name, or None."""
    return cell["metadata"].get("nbgrader", {}).get("grade_id")
