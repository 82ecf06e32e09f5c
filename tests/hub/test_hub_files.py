"""What can be said of the hub's files without starting it."""

import ast
import json
import re
from pathlib import Path

import pytest
import yaml

from coursework.hub import settings

HUB = settings.HERE
KUBERNETES = HUB / "kubernetes"
# Top-level values that the charts know: zero-to-jupyterhub of July 2026,
# grader-service 0.5.0-a2.
KNOWN = {
    "hub-values.yaml": {"hub", "singleuser", "ingress", "cull"},
    "grader-values.yaml": {
        "image",
        "jupyterhub",
        "db",
        "autogradeExecutorClass",
        "extraConfig",
        "securityContext",
        "nodeSelector",
        "workers",
        "accessMode",
        "capacity",
        "storageClassName",
        "ingress",
    },
}


def read(name):
    return (HUB / name).read_text()


def test_every_package_of_the_hub_is_pinned():
    lines = read("requirements.lock").splitlines()
    lock = [line for line in lines if not line.startswith("#")]
    assert all("==" in line for line in lock)
    pins = {line.partition("==")[0].lower() for line in lock}
    wanted = [w for w in read("requirements.txt").splitlines() if w[0] != "#"]
    assert set(wanted) <= pins


def test_the_proxy_is_pinned_and_comes_from_wherever_npm_looks():
    wanted = json.loads(read("package.json"))["dependencies"]
    locked = json.loads(read("package-lock.json"))["packages"]
    for name, version in wanted.items():
        found = locked[f"node_modules/{name}"]
        assert found["version"] == version
    assert all("resolved" not in found for found in locked.values())
    assert all("integrity" in v for k, v in locked.items() if k)


@pytest.mark.parametrize("name", KNOWN)
def test_values_for_kubernetes_are_yaml_with_python_in_it(name):
    values = yaml.safe_load((KUBERNETES / name).read_text())
    assert set(values) == KNOWN[name]
    extra = values.get("extraConfig") or values["hub"]["extraConfig"]["grader"]
    ast.parse(extra)


def test_the_image_leaves_the_answers_out():
    ignored = (KUBERNETES / "Dockerfile.dockerignore").read_text()
    assert "coursework/private" in ignored.splitlines()


def test_the_readme_names_settings_that_exist():
    named = set(re.findall(r"`(HUB_[A-Z_]+)", read("README.md")))
    used = set(re.findall(r'"(HUB_[A-Z_]+)"', read("settings.py")))
    assert named - {"HUB_PUBLIC_URL"} <= used
    assert used - {"HUB_PROXY", "HUB_COURSE_PYTHON"} <= named


def test_secrets_are_made_once_and_are_the_owners(tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "FOLDER", tmp_path / "state")
    first = settings.secret("client")
    assert settings.secret("client") == first
    assert settings.secret("proxy") != first
    path = tmp_path / "state" / "secrets.json"
    assert path.stat().st_mode & 0o077 == 0
    assert Path(path.parent).stat().st_mode & 0o077 == 0


def test_everybody_of_the_class_may_log_in(tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "FOLDER", tmp_path / "state")
    assert settings.everybody() == {"instructor", "ada", "ben"}
    (tmp_path / "state" / "class.json").write_text(
        '{"c": [{"role": "student", "members": ["eve"]}]}'
    )
    assert settings.everybody() == {"eve"}
