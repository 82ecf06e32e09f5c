"""Checkpoints: whole or not there at all, whatever happens while writing."""

import json
import multiprocessing
import shutil
from pathlib import Path

import pytest
import torch

from transformer_course.training import checkpoints
from transformer_course.training.checkpoints import (
    Checkpoint,
    CheckpointError,
)


def made(step: int) -> Checkpoint:
    shared = torch.arange(6.0) + step
    tensors = {
        "shared": shared,
        "again": shared,
        "turned": shared.view(2, 3).T,
        "bytes": torch.arange(5, dtype=torch.uint8),
        "empty": torch.zeros(0, 3),
    }
    return Checkpoint(step, tensors, {"losses": [0.1, 1e-300], "n": step})


def assert_same(found: Checkpoint | None, wanted: Checkpoint) -> None:
    assert found is not None
    assert found.step == wanted.step
    assert found.state == wanted.state
    assert found.tensors.keys() == wanted.tensors.keys()
    for name, tensor in wanted.tensors.items():
        assert found.tensors[name].dtype == tensor.dtype
        assert torch.equal(found.tensors[name], tensor)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_round_trip_and_the_newest_are_kept(tmp_path):
    folder = tmp_path / "a" / "b"
    assert checkpoints.load_latest(folder) is None
    for step in (3, 20, 100):
        path = checkpoints.save(folder, made(step), keep=2)
        assert path == folder / f"step-{step:08d}"
        assert_same(checkpoints.load_latest(folder), made(step))
    assert names(folder) == ["step-00000020", "step-00000100"]
    assert names(path) == ["state.json", "tensors.safetensors"]


class PowerCutError(BaseException):
    """Nothing in the code may catch it."""


def test_a_crash_at_any_moment_of_writing_loses_nothing(tmp_path, monkeypatch):
    budget = [10**6]

    def cut(module, name):
        original = getattr(module, name)

        def counted(*args, **kwargs):
            budget[0] -= 1
            if budget[0] < 0:
                raise PowerCutError
            return original(*args, **kwargs)

        monkeypatch.setattr(module, name, counted)

    cut(checkpoints, "save_file")
    cut(checkpoints.shutil, "rmtree")
    cut(checkpoints.os, "fsync")
    for name in ("mkdir", "write_text", "rename"):
        cut(Path, name)

    survived = []
    for n_calls in range(30):
        folder = tmp_path / str(n_calls)
        budget[0] = 10**6
        checkpoints.save(folder, made(1), keep=1)
        budget[0] = n_calls
        try:
            checkpoints.save(folder, made(2), keep=1)
            break
        except PowerCutError:
            found = checkpoints.load_latest(folder)
            assert found is not None
            survived.append(found.step)
            assert_same(found, made(found.step))
        # and the next save cleans up what the crash left behind
        budget[0] = 10**6
        checkpoints.save(folder, made(3), keep=1)
        assert names(folder) == ["step-00000003"]
    # mkdir, save_file, write_text, 3 fsync, rename, fsync, rmtree, and mkdir
    # of the folder first: the rename is the moment when the new one counts.
    assert survived == [1] * 8 + [2] * 2


@pytest.mark.parametrize("name", ["tensors.safetensors", "state.json"])
@pytest.mark.parametrize("damage", ["cut", "flip", "gone"])
def test_a_damaged_checkpoint_is_named_and_never_used(tmp_path, name, damage):
    checkpoints.save(tmp_path, made(4))
    path = checkpoints.save(tmp_path, made(8))
    data = (path / name).read_bytes()
    if damage == "cut":
        (path / name).write_bytes(data[: len(data) // 2])
    elif damage == "flip":
        index = data.index(b"0.1") + 2 if b"0.1" in data else -7
        flipped = bytearray(data)
        flipped[index] ^= 0x02
        (path / name).write_bytes(bytes(flipped))
    else:
        (path / name).unlink()
    with pytest.raises(CheckpointError, match=r"step-00000008 is damaged"):
        checkpoints.load_latest(tmp_path)
    shutil.rmtree(path)  # what the message says
    assert_same(checkpoints.load_latest(tmp_path), made(4))


def test_a_full_disk_leaves_the_last_checkpoint(tmp_path, monkeypatch):
    checkpoints.save(tmp_path, made(1))

    def full(tensors, path):
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device", str(path))

    with monkeypatch.context() as patch:
        patch.setattr(checkpoints, "save_file", full)
        with pytest.raises(OSError, match="No space left"):
            checkpoints.save(tmp_path, made(2))
    assert_same(checkpoints.load_latest(tmp_path), made(1))
    checkpoints.save(tmp_path, made(2))
    assert names(tmp_path) == ["step-00000001", "step-00000002"]


def test_save_refuses(tmp_path):
    with pytest.raises(ValueError, match="keep is 0"):
        checkpoints.save(tmp_path, made(1), keep=0)
    with pytest.raises(ValueError, match="step is -1"):
        checkpoints.save(tmp_path, made(-1))
    checkpoints.save(tmp_path, made(1))
    with pytest.raises(FileExistsError, match="step-00000001 is there"):
        checkpoints.save(tmp_path, made(1))
    with pytest.raises(ValueError, match="JSON"):
        checkpoints.save(tmp_path, Checkpoint(2, {}, {"loss": float("nan")}))
    assert json.loads((tmp_path / "step-00000001" / "state.json").read_text())


def hold(folder: str, ready, done) -> None:
    with checkpoints.alone(Path(folder)):
        ready.set()
        done.wait(60)


def test_a_second_process_is_kept_out_until_the_first_ends(tmp_path):
    context = multiprocessing.get_context("spawn")
    ready, done = context.Event(), context.Event()
    first = context.Process(target=hold, args=(str(tmp_path), ready, done))
    first.start()
    try:
        assert ready.wait(60)
        with (
            pytest.raises(CheckpointError, match="another process"),
            checkpoints.alone(tmp_path),
        ):
            pass
    finally:
        first.kill()
        first.join()
    with checkpoints.alone(tmp_path):
        pass


def test_the_newest_weights_are_averaged(tmp_path):
    for step, weight in ((1, 9.0), (2, 1.0), (3, 4.0)):
        tensors = {
            "model/a": torch.tensor([weight, 0.5]),
            "model/half": torch.tensor([weight], dtype=torch.float16),
            "optimizer/0/a": torch.tensor([weight]),
        }
        checkpoints.save(tmp_path, Checkpoint(step, tensors, {}), keep=3)
    mean = checkpoints.average(tmp_path, 2)
    assert mean.keys() == {"a", "half"}
    assert mean["a"].tolist() == [2.5, 0.5]
    assert mean["a"].dtype == torch.float32
    assert mean["half"].dtype == torch.float16
    assert checkpoints.average(tmp_path, 1)["a"].tolist() == [4.0, 0.5]
    for n in (0, 4):
        with pytest.raises(ValueError, match=f"n is {n}, wanted 1 to 3"):
            checkpoints.average(tmp_path, n)
    with pytest.raises(ValueError, match="prefix 'best/'"):
        checkpoints.average(tmp_path, 1, prefix="best/")
