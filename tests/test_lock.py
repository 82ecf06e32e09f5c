"""requirements.lock, environment.yml and pyproject.toml agree."""

import yaml

from tools import lock


def test_environment_says_what_the_lock_says():
    versions = lock.pins(lock.LOCK.read_text())
    versions["pip"] = lock.LOCK.read_text().split("# pip==")[1].split()[0]
    written = yaml.safe_load(lock.ENVIRONMENT.read_text())
    assert written == lock.environment(versions)


def test_every_direct_dependency_is_pinned():
    versions = lock.pins(lock.LOCK.read_text())
    assert set(lock.wanted_by_us()) <= versions.keys()


def test_nothing_that_only_cuda_needs_is_pinned():
    versions = lock.pins(lock.LOCK.read_text())
    assert not [n for n in versions if n.startswith(("nvidia", "triton"))]
    assert "+" not in lock.LOCK.read_text()


def test_pins_are_read_by_normal_name():
    text = "# a remark\nFoo_Bar==1.2.3\ntorch==2.13.0+cpu\n"
    assert lock.pins(text) == {"foo-bar": "1.2.3", "torch": "2.13.0"}
