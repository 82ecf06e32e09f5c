"""grader-service: who is in the class, where it keeps what, who grades."""

# Runs in the hub's environment, which the type checker does not see.
# mypy: ignore-errors

import importlib
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import sqlalchemy
from grader_service.auth.dummy import DummyAuthenticator
from grader_service.auth.pam import PAMAuthenticator
from grader_service.orm import base
from grader_service.server import GraderServer

from coursework.hub import settings
from coursework.hub.executor import OutsideAutogradeExecutor

c = get_config()  # noqa: F821 (traitlets provides it)


class ServerWithPath(GraderServer):
    """Keeps its cookie _xsrf to its own path.

    At the root, where grader-service puts it, browsers send it to every
    JupyterLab beside the lab's own, and each POST of the lab is refused.
    """

    def __init__(self, *args, **kw):
        kw["xsrf_cookie_kwargs"] = {"path": settings.PREFIX}
        super().__init__(*args, **kw)


# The package's own name "main" is a function; this is the module.
importlib.import_module("grader_service.main").GraderServer = ServerWithPath


def enforce_foreign_keys(connection, record):
    """Do what grader-service does, in words that Python 3.11 knows."""
    connection.execute("PRAGMA foreign_keys=ON")


if sys.version_info < (3, 12):
    # grader-service 0.12.5 asks sqlite3 for what came with Python 3.12.
    connect = (sqlalchemy.Engine, "connect")
    if sqlalchemy.event.contains(*connect, base.set_sqlite_pragma):
        sqlalchemy.event.remove(*connect, base.set_sqlite_pragma)
        sqlalchemy.event.listen(*connect, enforce_foreign_keys)

state = settings.folder() / "grader"
state.mkdir(mode=0o700, exist_ok=True)

c.GraderService.service_host = "127.0.0.1"
c.GraderService.service_port = settings.GRADER_PORT
c.GraderService.base_url_path = settings.PREFIX
c.GraderService.grader_service_dir = str(state)
c.GraderService.db_url = f"sqlite:///{state / 'grader.db'}"
c.GraderService.grader_cookie_secret = settings.secret("cookie")

# Who may log in, and as what.
c.GraderService.load_roles = settings.members()
c.GraderService.oauth_clients = [
    {
        "client_id": settings.CLIENT,
        "client_secret": settings.secret("client"),
        "redirect_uri": settings.CALLBACK,
    }
]
c.Authenticator.allowed_users = settings.everybody()
if settings.TRIAL:
    c.GraderService.authenticator_class = DummyAuthenticator
    c.DummyAuthenticator.password = settings.password()
else:
    c.GraderService.authenticator_class = PAMAuthenticator

# Grading is queued in files; one worker of as many processes takes it out.
queue = settings.folder() / "queue"
queue.mkdir(mode=0o700, exist_ok=True)
c.CeleryApp.conf = {
    "broker_url": "filesystem://",
    "broker_transport_options": {
        "data_folder_in": str(queue),
        "data_folder_out": str(queue),
        "control_folder": str(queue / "control"),
    },
    "broker_connection_retry_on_startup": True,
    "task_ignore_result": True,
    "task_serializer": "json",
    "accept_content": ["json"],
    "worker_hijack_root_logger": False,
}
c.CeleryApp.worker_kwargs = {
    "concurrency": settings.GRADERS,
    "pool": "prefork",
}

# The comparison runs outside of the student's process.
c.RequestHandlerConfig.autograde_executor_class = OutsideAutogradeExecutor
c.OutsideAutogradeExecutor.course_python = str(settings.COURSE_PYTHON)
c.OutsideAutogradeExecutor.repository = str(settings.REPOSITORY)
