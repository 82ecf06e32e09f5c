"""JupyterHub, its proxy, grader-service and its worker: one command.

    .venv-hub/bin/jupyterhub -f coursework/hub/jupyterhub_config.py

JupyterHub starts the other three and ends them with itself. Whoever logs in
is sent to grader-service, which knows the class; the token that comes back
lets the student's JupyterLab speak for the student.
"""

# Runs in the hub's environment, which the type checker does not see.
# mypy: ignore-errors

import os
import stat
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from oauthenticator.generic import GenericOAuthenticator

from coursework.hub import settings

c = get_config()  # noqa: F821 (traitlets provides it)
programs = Path(sys.executable).parent

if not settings.TRIAL:
    if os.geteuid() != 0:
        sys.exit(
            "to start servers as their users, JupyterHub must be root;"
            " to try it without accounts: HUB_ACCOUNTS=trial"
        )
    others = stat.S_IXGRP | stat.S_IXOTH
    if settings.PRIVATE.stat().st_mode & others:
        sys.exit(f"students can read answers: chmod 700 {settings.PRIVATE}")

# Addresses.
c.JupyterHub.bind_url = f"http://127.0.0.1:{settings.PORT}"
c.JupyterHub.hub_bind_url = f"http://127.0.0.1:{settings.HUB_PORT}"
c.ConfigurableHTTPProxy.command = [str(settings.PROXY)]
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{settings.PROXY_PORT}"
c.ConfigurableHTTPProxy.auth_token = settings.secret("proxy")
c.ConfigurableHTTPProxy.pid_file = str(settings.folder() / "proxy.pid")

# State.
c.JupyterHub.db_url = f"sqlite:///{settings.folder() / 'jupyterhub.sqlite'}"
c.JupyterHub.cookie_secret_file = str(settings.folder() / "cookie_secret")
c.CryptKeeper.keys = [bytes.fromhex(settings.secret("crypt"))]

# Who somebody is, grader-service says. Its tokens live for a day, and so
# does a login here.
c.JupyterHub.authenticator_class = GenericOAuthenticator
c.JupyterHub.cookie_max_age_days = 1
c.GenericOAuthenticator.client_id = settings.CLIENT
c.GenericOAuthenticator.client_secret = settings.secret("client")
c.GenericOAuthenticator.oauth_callback_url = settings.CALLBACK
oauth = "api/oauth2"
public = settings.PUBLIC.rstrip("/") + settings.PREFIX
inside = settings.GRADER + settings.PREFIX
c.GenericOAuthenticator.authorize_url = f"{public}{oauth}/authorize"
c.GenericOAuthenticator.token_url = f"{inside}{oauth}/token"
c.GenericOAuthenticator.userdata_url = f"{inside}api/user"
c.GenericOAuthenticator.username_claim = "name"
c.GenericOAuthenticator.enable_auth_state = True
c.GenericOAuthenticator.allowed_users = settings.everybody()
c.GenericOAuthenticator.auto_login = True

# Servers of the users.
c.Spawner.cmd = [str(programs / "jupyter-labhub")]
c.Spawner.default_url = "/lab"
c.Spawner.http_timeout = 120
c.Spawner.start_timeout = 120
c.Spawner.args = ["--LabApp.extension_manager=readonly"]
if settings.TRIAL:
    if os.geteuid() == 0:
        c.Spawner.args.append("--allow-root")
    homes = settings.folder() / "homes"
    c.JupyterHub.spawner_class = "simple"
    c.SimpleLocalProcessSpawner.home_dir_template = f"{homes}/{{username}}"
else:
    c.JupyterHub.spawner_class = "localprocess"


def give_token(spawner, auth_state):
    """Let the server of a user speak to grader-service as that user."""
    spawner.environment.update(
        {
            "GRADER_API_TOKEN": (auth_state or {}).get("access_token", ""),
            "GRADER_HOST_URL": settings.GRADER,
            "OMP_NUM_THREADS": "1",
            "PATH": f"{programs}:/usr/local/bin:/usr/bin:/bin",
        }
    )


c.Spawner.auth_state_hook = give_token

# grader-service and its worker are children of JupyterHub.
grader_config = str(settings.HERE / "grader_service_config.py")
# Every setting goes on: a service does not inherit the environment.
ours = ("HUB_", "COURSEWORK")
passed = {n: v for n, v in os.environ.items() if n.startswith(ours)}
passed |= {
    "GIT_CONFIG_GLOBAL": str(settings.gitconfig()),
    "OMP_NUM_THREADS": "1",
    "PATH": f"{programs}:{os.environ['PATH']}",
}
start = 'grader-service-migrate -f "$0" && exec grader-service -f "$0"'
c.JupyterHub.services = [
    {
        "name": "grader",
        "url": settings.GRADER,
        "timeout": 180,
        "command": ["sh", "-c", start, grader_config],
        "cwd": str(settings.folder()),
        "environment": passed,
    },
    {
        "name": "worker",
        "command": ["grader-worker", "-f", grader_config],
        "cwd": str(settings.folder()),
        "environment": passed,
    },
]
