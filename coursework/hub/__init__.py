"""JupyterHub with grader-service, on one machine (README.md)."""
