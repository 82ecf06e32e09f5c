"""nbgrader's pages for what is graded by hand (make formgrader).

They run in the instructor's JupyterLab, with the instructor's rights: what a
student wrote must not run there. nbgrader shows answers in words as they are;
so its exporter is exchanged for ours, which cleans them.
"""

from __future__ import annotations

from typing import Any

from nbgrader.server_extensions import formgrader

from coursework.grading.page import SafeExporter


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": __name__}]


def _load_jupyter_server_extension(server: Any) -> None:
    """Load nbgrader's extension, and clean what it shows."""
    formgrader.load_jupyter_server_extension(server)
    settings = server.web_app.settings
    config = settings["nbgrader_formgrader"].config
    settings["nbgrader_exporter"] = SafeExporter(config=config)
