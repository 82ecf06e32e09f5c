"""The archives: every way in which fetching one can go wrong, for real.

Small archives are built here and fetched by the real pip from a folder or
from a server on this machine. Each fault is brought about, not pretended,
where the machine allows it.
"""

import contextlib
import errno
import hashlib
import http.server
import io
import os
import re
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from transformer_course import archives
from transformer_course.archives import members, pip, verified
from transformer_course.archives.__main__ import main

METADATA = "Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"
NOISE = bytes(range(256)) * 37


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def tar_gz(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return packed.getvalue()


FILES = {
    "demo/data/plain.txt": b"plain words",
    "demo/data/noise.bin": NOISE,
    "demo/a/words/en.json": b'{"a": "yes"}',
    "demo/b/words/en.json": b'{"b": "no"}',
    "demo/b/deeper/words/en.json": b"a * does not reach into folders",
    "demo/data/inner.tar.gz": tar_gz({"inner/secret.txt": b"inside"}),
}
LISTING = "".join(
    f"{sha256(FILES[name])}  {name}\n"
    for name in ("demo/a/words/en.json", "demo/b/words/en.json")
)
MEMBERS = {
    "demo/data/plain.txt": sha256(b"plain words"),
    "demo/data/noise.bin": sha256(NOISE),
    "demo/*/words/en.json": sha256(LISTING.encode()),
    "demo/data/inner.tar.gz!/inner/secret.txt": sha256(b"inside"),
}


def make_wheel(folder: Path, padding: bytes = b"") -> archives.Archive:
    path = folder / "demo_data-1.0-py3-none-any.whl"
    extra = {
        "demo_data-1.0.dist-info/METADATA": METADATA.format(name="demo-data"),
        "demo_data-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\n"
        "Root-Is-Purelib: true\nTag: py3-none-any\n",
        "demo/padding.bin": padding,
    }
    with zipfile.ZipFile(path, "w") as wheel:
        for name, data in (FILES | extra).items():
            wheel.writestr(name, data)
    return entry_of("demo", "demo-data==1.0", path, MEMBERS)


def make_source_archive(folder: Path) -> archives.Archive:
    path = folder / "demo_source-1.0.tar.gz"
    files = {
        "demo_source-1.0/setup.py": b"from setuptools import setup\n"
        b"setup(name='demo_source', version='1.0', packages=[])\n",
        "demo_source-1.0/PKG-INFO": METADATA.format(
            name="demo_source"
        ).encode(),
        "demo_source-1.0/texts/one.txt": b"one text",
    }
    path.write_bytes(tar_gz(files))
    wanted = {"demo_source-1.0/texts/one.txt": sha256(b"one text")}
    return entry_of("demo-source", "demo_source==1.0", path, wanted)


def entry_of(
    name: str, requirement: str, path: Path, wanted: dict[str, str]
) -> archives.Archive:
    data = path.read_bytes()
    return archives.Archive(
        name, requirement, path.name, len(data), sha256(data), "MIT", wanted
    )


@dataclass
class Place:
    """Where a test's archives come from and go to."""

    index: Path
    cache: Path
    wheel: archives.Archive

    @property
    def served(self) -> Path:
        return self.index / self.wheel.filename

    @property
    def cached(self) -> Path:
        return self.cache / self.wheel.filename

    def leftovers(self) -> list[str]:
        """Name what the cache holds besides locks."""
        if not self.cache.is_dir():
            return []
        names = [path.name for path in self.cache.iterdir()]
        return sorted(name for name in names if not name.endswith(".lock"))


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    for name in list(os.environ):
        if name.startswith("PIP_"):
            monkeypatch.delenv(name)
    index, cache = tmp_path / "index", tmp_path / "cache"
    index.mkdir()
    monkeypatch.delenv(archives.SOURCE_VARIABLE, raising=False)
    monkeypatch.setenv(archives.CACHE_VARIABLE, str(cache))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(index))
    return Place(index, cache, make_wheel(index))


def flip_a_byte(path: Path, keep_time: bool = False) -> None:
    """Damage the noise in an archive, whose size stays as it was."""
    before = path.stat()
    data = bytearray(path.read_bytes())
    data[data.index(NOISE[:50]) + 7] ^= 1
    path.write_bytes(data)
    if keep_time:
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        assert path.stat().st_mtime_ns == before.st_mtime_ns


def truncate(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])


# The way it should go


def test_pip_fetches_an_archive_into_the_cache(place: Place) -> None:
    path = archives.fetch(place.wheel)
    assert path == place.cached
    assert path.read_bytes() == place.served.read_bytes()
    assert place.leftovers() == [path.name, path.name + ".verified"]


def test_a_source_archive_is_fetched_as_it_is(place: Place) -> None:
    source = make_source_archive(place.index)
    wheel = "demo_source-1.0-py3-none-any.whl"  # pip would rather have this
    shutil.copy(place.served, place.index / wheel)
    assert archives.fetch(source).name == source.filename
    assert archives.read_member(source, "one.txt") == b"one text"


@pytest.mark.parametrize("variable", ["PIP_NO_BINARY", "PIP_ONLY_BINARY"])
def test_the_users_taste_in_formats_does_not_matter(
    place: Place, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, ":all:")
    source = make_source_archive(place.index)
    assert archives.fetch(place.wheel).is_file()
    assert archives.fetch(source).is_file()


def test_a_second_fetch_needs_no_index(place: Place) -> None:
    first = archives.fetch(place.wheel)
    place.served.unlink()
    assert archives.fetch(place.wheel) == first


def test_a_second_fetch_reads_no_byte(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = archives.fetch(place.wheel)

    def refuse(*_: object) -> None:
        raise AssertionError("the archive was hashed again")

    monkeypatch.setattr(verified, "fault", refuse)
    assert archives.fetch(place.wheel) == path
    os.utime(path, ns=(1, 1))
    with pytest.raises(AssertionError, match="hashed again"):
        archives.fetch(place.wheel)


def test_members_are_read_out_of_the_archive(place: Place) -> None:
    read = archives.read_member
    assert read(place.wheel, "demo/data/plain.txt") == b"plain words"
    assert read(place.wheel, "noise.bin") == NOISE
    assert read(place.wheel, "inner/secret.txt") == b"inside"
    assert archives.read_members(place.wheel, "words/en.json") == {
        "demo/a/words/en.json": b'{"a": "yes"}',
        "demo/b/words/en.json": b'{"b": "no"}',
    }


def test_the_cache_is_where_the_variable_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(archives.CACHE_VARIABLE, str(tmp_path / "here"))
    assert archives.cache_folder() == tmp_path / "here"
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    monkeypatch.setenv(archives.CACHE_VARIABLE, "~/there")
    assert archives.cache_folder() == tmp_path / "there"
    monkeypatch.delenv(archives.CACHE_VARIABLE)
    assert archives.cache_folder().name == "transformer-course"
    assert tmp_path in archives.cache_folder().parents


# Wrong hash, truncated file


def test_an_index_that_serves_another_file_is_refused(place: Place) -> None:
    flip_a_byte(place.served)
    with pytest.raises(archives.WrongHashError, match="not the pinned one"):
        archives.fetch(place.wheel)
    assert place.leftovers() == []


def test_pip_that_lets_a_wrong_file_pass_is_not_trusted(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def careless(archive: archives.Archive, folder: Path) -> Path:
        flip_a_byte(place.served)
        return Path(shutil.copy(place.served, folder))

    monkeypatch.setattr(archives, "download", careless)
    with pytest.raises(archives.WrongHashError, match="wanted " + "[0-9a-f]"):
        archives.fetch(place.wheel)
    assert place.leftovers() == []


def test_a_truncated_file_in_the_cache_is_replaced(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    path = archives.fetch(place.wheel)
    truncate(path)
    assert archives.fetch(place.wheel) == path
    assert path.read_bytes() == place.served.read_bytes()
    said = capsys.readouterr().err
    assert f"{path} is truncated" in said
    assert f"of {place.wheel.size:,}. It is removed and fetched again" in said


def test_a_damaged_file_is_removed_even_where_no_other_can_be_had(
    place: Place,
) -> None:
    path = archives.fetch(place.wheel)
    flip_a_byte(path)
    place.served.unlink()
    with pytest.raises(archives.NoNetworkError):
        archives.fetch(place.wheel)
    assert not path.exists()


def test_damage_behind_an_unchanged_time_and_size_is_found(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    path = archives.fetch(place.wheel)
    flip_a_byte(path, keep_time=True)
    assert archives.fetch(place.wheel) == path  # the stamp cannot tell
    assert archives.read_member(place.wheel, "noise.bin") == NOISE
    assert path.read_bytes() == place.served.read_bytes()
    assert "is not the pinned demo-data==1.0" in capsys.readouterr().err


def test_a_lock_that_contradicts_itself_is_reported(place: Place) -> None:
    wrong = {"demo/data/plain.txt": sha256(b"other words")}
    with pytest.raises(archives.WrongHashError, match="contradicts itself"):
        archives.read_member(replace(place.wheel, members=wrong), "plain.txt")
    gone = {"demo/data/gone.txt": sha256(b"plain words")}
    with pytest.raises(archives.WrongHashError, match="contradicts itself"):
        archives.read_member(replace(place.wheel, members=gone), "gone.txt")


# No network, and servers that misbehave


def test_no_network_says_what_to_do(place: Place) -> None:
    place.served.unlink()
    with pytest.raises(archives.NoNetworkError) as caught:
        archives.fetch(place.wheel)
    said = str(caught.value)
    for part in (
        "pip could not get demo-data==1.0",
        place.wheel.filename,
        place.wheel.sha256,
        archives.SOURCE_VARIABLE,
        "pip said:",
    ):
        assert part in said
    assert place.leftovers() == []


def test_an_index_that_does_not_answer_is_no_network(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Server(place) as server:
        address = server.address
    use_server(monkeypatch, address)  # nobody listens there any more
    with pytest.raises(archives.NoNetworkError, match="Connect"):
        archives.fetch(place.wheel)


@dataclass
class Server:
    """An index on this machine that serves one wheel, as it is told to."""

    place: Place
    keep: int = 10**9  # bytes after which the connection is dropped
    pause: float = 0  # seconds before the last half of the wheel
    asked: list[str] = field(default_factory=list)

    def __enter__(self) -> "Server":
        outer = self
        name = self.place.wheel.filename

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                is_wheel = self.path.endswith(name)
                data = f'<a href="/{name}">{name}</a>'.encode()
                if is_wheel:
                    outer.asked.append(self.path)
                    data = outer.place.served.read_bytes()
                self.send_response(200)
                kind = "application/zip" if is_wheel else "text/html"
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                if not is_wheel:
                    self.wfile.write(data)
                    return
                half = len(data) // 2
                self.wfile.write(data[:half])
                self.wfile.flush()
                time.sleep(outer.pause)
                with contextlib.suppress(OSError):
                    self.wfile.write(data[half : outer.keep])

            def log_message(self, *_: object) -> None:
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server = server
        self.address = f"http://127.0.0.1:{server.server_port}/simple"
        self.thread = threading.Thread(target=server.serve_forever)
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


def use_server(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.delenv("PIP_FIND_LINKS")
    monkeypatch.setenv("PIP_INDEX_URL", address)
    monkeypatch.setenv("PIP_RETRIES", "0")


def test_the_users_own_index_is_asked(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Server(place) as server:
        use_server(monkeypatch, server.address)
        assert archives.fetch(place.wheel) == place.cached
        archives.fetch(place.wheel)
    assert len(server.asked) == 1


def test_progress_is_shown(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TQDM_DISABLE", raising=False)
    monkeypatch.setenv("TQDM_MININTERVAL", "0")
    place.wheel = make_wheel(place.index, padding=bytes(2_000_000))
    with Server(place, pause=0.5) as server:
        use_server(monkeypatch, server.address)
        _, said = start_child(place.wheel).communicate()
    steps = [int(n) for n in re.findall(r"demo: +(\d+)%", said)]
    assert steps == sorted(steps)
    assert steps[0] == 0
    assert any(0 < step < 100 for step in steps), said
    assert steps[-1] == 100


def test_a_download_that_breaks_off_is_reported_and_not_kept(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Server(place, keep=place.wheel.size * 3 // 4) as server:
        use_server(monkeypatch, server.address)
        with pytest.raises(archives.TruncatedFileError, match="broke off"):
            archives.fetch(place.wheel)
    assert server.asked
    assert place.leftovers() == []


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("OSError: [Errno 28] No space left on device", "DiskFullError"),
        ("OSError: [Errno 122] Disk quota exceeded", "DiskFullError"),
        ("OSError: [Errno 13] Permission denied: '/x'", "ReadOnlyCacheError"),
        ("OSError: [Errno 30] Read-only: '/x'", "ReadOnlyCacheError"),
        ("IncompleteRead(5 bytes read, 7 more)", "TruncatedFileError"),
        ("PACKAGES DO NOT MATCH THE HASHES", "WrongHashError"),
        ("ReadTimeoutError: Read timed out.", "NoNetworkError"),
        ("a thing nobody has seen yet", "ArchiveError"),
    ],
)
def test_what_pip_says_becomes_an_error_with_advice(
    place: Place, words: str, kind: str
) -> None:
    error = pip.explain(place.wheel, ["Collecting demo", f"ERROR: {words}"])
    assert type(error).__name__ == kind
    assert "demo-data==1.0" in str(error)
    assert f"ERROR: {words}" in str(error)


def test_a_python_without_pip_is_told_how_to_get_it(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(_: str) -> str:
        raise pip.importlib.metadata.PackageNotFoundError("pip")

    monkeypatch.setattr(pip.importlib.metadata, "version", missing)
    with pytest.raises(archives.ArchiveError, match="ensurepip"):
        archives.fetch(place.wheel)


# Read-only cache


def test_a_cache_that_cannot_be_made_says_so(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.cache.write_text("a file where the folder should be")
    with pytest.raises(
        archives.ReadOnlyCacheError, match=archives.CACHE_VARIABLE
    ):
        archives.fetch(place.wheel)
    monkeypatch.setenv(archives.CACHE_VARIABLE, str(place.cache / "below"))
    with pytest.raises(archives.ReadOnlyCacheError, match="cannot be used"):
        archives.fetch(place.wheel)


@contextlib.contextmanager
def without_rights(folder: Path) -> Iterator[None]:
    """Make a folder read-only for this process, whoever it runs as."""
    folder.chmod(0o555)
    is_root = os.geteuid() == 0
    if is_root:
        os.seteuid(65534)  # nobody: the system refuses root nothing
    try:
        yield
    finally:
        if is_root:
            os.seteuid(0)
        folder.chmod(0o755)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that other users can reach, unlike pytest's own."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


def test_a_read_only_cache_is_told_and_stays_as_it_was(
    place: Place, open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(archives.CACHE_VARIABLE, str(open_folder))
    with (
        without_rights(open_folder),
        pytest.raises(archives.ReadOnlyCacheError, match="ermission"),
    ):
        archives.fetch(place.wheel)
    assert list(open_folder.iterdir()) == []


def test_a_read_only_cache_that_has_the_archive_serves(
    place: Place, open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(archives.CACHE_VARIABLE, str(open_folder))
    shutil.copy(place.served, open_folder)  # put there by hand: no stamp
    with without_rights(open_folder):
        assert archives.read_member(place.wheel, "noise.bin") == NOISE
    assert [path.name for path in open_folder.iterdir()] == [
        place.wheel.filename
    ]


def test_a_read_only_file_system_says_so(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(archives.ReadOnlyCacheError, match="Make it writable"):
        archives.fetch(place.wheel)


# Full disk


def test_a_disk_with_too_little_room_is_told_before_the_download(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = shutil.disk_usage(place.index)
    short = real._replace(free=2 * place.wheel.size - 1)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: short)
    with pytest.raises(archives.DiskFullError, match="the disk is full") as e:
        archives.fetch(place.wheel)
    assert archives.CACHE_VARIABLE in str(e.value)
    assert place.leftovers() == []


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_a_disk_that_fills_up_on_the_way_leaves_nothing_behind(
    place: Place, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    def fill(archive: archives.Archive, folder: Path) -> Path:
        (folder / archive.filename).write_bytes(b"half of it")
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(archives, "download", fill)
    with pytest.raises(archives.DiskFullError, match="Nothing half-written"):
        archives.fetch(place.wheel)
    assert place.leftovers() == []


FULL_DISK = """
import shutil, sys
from pathlib import Path
from transformer_course import archives
entry = archives.Archive(**eval(sys.argv[1]))
real = shutil.disk_usage
shutil.disk_usage = lambda folder: real("/")  # no early warning
try:
    archives.fetch(entry)
except archives.DiskFullError as error:
    print("refused:", error)
print(sorted(p.name for p in archives.cache_folder().glob("*.whl")))
print(sorted(p.name for p in archives.cache_folder().glob(".demo*")))
"""


@pytest.mark.skipif(
    sys.platform != "linux", reason="a small disk is mounted on Linux only"
)
def test_a_disk_that_is_really_full(place: Place) -> None:
    (place.index / "room").mkdir()
    entry = {f: getattr(place.wheel, f) for f in place.wheel.__match_args__}
    script = (
        'mount -t tmpfs -o size=8k none "$1" || exit 97; '
        f'{archives.CACHE_VARIABLE}="$1" exec "$2" -c "$3" "$4"'
    )
    done = subprocess.run(
        [
            *("unshare", "--user", "--map-root-user", "--mount"),
            *("sh", "-c", script, "sh", str(place.index / "room")),
            *(sys.executable, FULL_DISK, repr(entry)),
        ],
        capture_output=True,
        text=True,
    )
    if done.returncode == 97 or "unshare" in done.stderr:
        pytest.skip("this system lets no test mount a disk: " + done.stderr)
    assert "refused: the disk is full" in done.stdout, done.stderr
    assert done.stdout.splitlines()[-2:] == ["[]", "[]"]


# A second source


def test_a_hand_placed_archive_serves_without_an_index(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    shutil.move(place.served, stick)
    assert archives.fetch(place.wheel, source=stick) == place.cached
    place.cached.unlink()
    monkeypatch.setenv(archives.SOURCE_VARIABLE, str(stick))
    assert archives.fetch(place.wheel) == place.cached


@pytest.mark.parametrize(
    ("damage", "kind"),
    [
        (truncate, archives.TruncatedFileError),
        (flip_a_byte, archives.WrongHashError),
    ],
)
def test_a_damaged_hand_placed_archive_is_refused_by_name(
    place: Place, tmp_path: Path, damage, kind: type[Exception]
) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    placed = Path(shutil.copy(place.served, stick))
    damage(placed)
    with pytest.raises(kind, match=re.escape(str(placed))) as caught:
        archives.fetch(place.wheel, source=stick)
    assert "Replace it, then try again" in str(caught.value)
    assert place.leftovers() == []
    assert placed.exists()  # it is the user's


def test_members_of_any_folder_serve_where_they_match(
    place: Place, tmp_path: Path
) -> None:
    place.served.unlink()
    loose = tmp_path / "loose"
    for name in ("demo/a/words/en.json", "demo/b/words/en.json"):
        (loose / name).parent.mkdir(parents=True)
        (loose / name).write_bytes(FILES[name])
    (loose / "plain.txt").write_bytes(b"plain words")
    (loose / "secret.txt").write_bytes(b"inside")
    (loose / "noise.bin").write_bytes(NOISE + b"!")
    read = archives.read_member
    assert read(place.wheel, "plain.txt", source=loose) == b"plain words"
    assert read(place.wheel, "secret.txt", source=loose) == b"inside"
    found = archives.read_members(place.wheel, "words/en.json", source=loose)
    assert list(found) == ["demo/a/words/en.json", "demo/b/words/en.json"]
    assert not place.cache.exists()
    with pytest.raises(archives.NoNetworkError):  # one byte too many
        read(place.wheel, "noise.bin", source=loose)


def test_an_archive_packed_anew_serves_where_its_members_match(
    place: Place, tmp_path: Path
) -> None:
    place.served.unlink()
    other = tmp_path / "other"
    other.mkdir()
    path = other / place.wheel.filename
    path.write_bytes(tar_gz(FILES))  # another format altogether
    assert (
        archives.read_member(place.wheel, "noise.bin", source=other) == NOISE
    )
    with pytest.raises(archives.ArchiveError):
        archives.fetch(place.wheel, source=other)


# Two processes


CHILD = """
import sys
from transformer_course import archives
entry = archives.Archive(**eval(sys.argv[1]))
print(archives.fetch(entry))
"""


def start_child(wheel: archives.Archive) -> "subprocess.Popen[str]":
    entry = {name: getattr(wheel, name) for name in wheel.__match_args__}
    return subprocess.Popen(
        [sys.executable, "-c", CHILD, repr(entry)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def test_two_processes_at_once_download_once(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Server(place, pause=3) as server:
        use_server(monkeypatch, server.address)
        children = [start_child(place.wheel) for _ in range(2)]
        results = [child.communicate() for child in children]
    assert [child.returncode for child in children] == [0, 0], results
    assert {out for out, _ in results} == {f"{place.cached}\n"}
    assert len(server.asked) == 1
    assert sum("another process fetches" in err for _, err in results) == 1
    assert place.cached.read_bytes() == place.served.read_bytes()


def test_a_killed_download_leaves_no_archive_and_no_lock(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Server(place, pause=3) as server:
        use_server(monkeypatch, server.address)
        child = start_child(place.wheel)
        while not server.asked:  # it is in the middle of the wheel
            assert child.poll() is None, child.communicate()
            time.sleep(0.02)
        os.killpg(child.pid, signal.SIGKILL)
        child.communicate()
    assert not place.cached.exists()
    assert list(place.cache.glob(".demo*/pip-*"))  # pip filled no other disk
    with Server(place) as server:
        monkeypatch.setenv("PIP_INDEX_URL", server.address)
        assert archives.fetch(place.wheel) == place.cached
    assert not any(name.startswith(".demo") for name in place.leftovers())


def test_a_lock_held_for_ever_is_an_error_with_advice(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "LONGEST_WAIT", 0.1)
    place.cache.mkdir()
    with (
        archives._one_process_at_a_time(place.cached),
        pytest.raises(archives.ArchiveError, match="End that process"),
    ):
        archives.fetch(place.wheel)


# Names, the command line, the lock


def test_unknown_names_are_told_the_known_ones(place: Place) -> None:
    with pytest.raises(ValueError, match=r"'gloves' .* wanted: .*glove"):
        archives.fetch("gloves")
    with pytest.raises(ValueError, match=r"'gone.txt' .* 0 locked"):
        archives.read_member(place.wheel, "gone.txt")
    with pytest.raises(ValueError, match="use read_members"):
        archives.read_member(place.wheel, "words/en.json")
    two = {"a/x.txt": "", "b/x.txt": ""}
    with pytest.raises(ValueError, match=r"'x.txt' .* 2 locked"):
        archives.read_member(replace(place.wheel, members=two), "x.txt")


def test_the_command_line_fetches_and_says_where(
    place: Place,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    lock = {"demo": place.wheel}
    monkeypatch.setattr(archives, "locked", lambda: lock)
    monkeypatch.setattr(archives.lock, "locked", lambda: lock)
    assert main([]) == 0
    said = capsys.readouterr().out
    assert said == f"1 archives, 0.0 MB, verified: {place.cache}\n"
    assert main(["demo"]) == 0
    assert main(["nothing"]) == 1
    assert "error: name 'nothing'" in capsys.readouterr().err
    place.cached.unlink()
    place.served.unlink()
    assert main(["demo"]) == 1
    assert "error: pip could not get" in capsys.readouterr().err


def test_a_pattern_is_hashed_as_its_listing() -> None:
    found = {"b/y": b"2", "a/y": b"1"}
    listing = f"{sha256(b'1')}  a/y\n{sha256(b'2')}  b/y\n"
    assert members.digest(found, "*/y") == sha256(listing.encode())
    assert members.digest({}, "*/y") != members.digest(found, "*/y")
    assert members.digest({}, "y") == ""


def test_the_lock_is_complete() -> None:
    assert len(archives.locked()) == 6
    for name, archive in archives.locked().items():
        assert archive.name == name
        assert re.fullmatch(r"[A-Za-z0-9-]+==[0-9.]+", archive.requirement)
        assert archive.filename.endswith((".whl", ".tar.gz"))
        assert archive.licence
        assert archive.members
        for hash_ in (archive.sha256, *archive.members.values()):
            assert re.fullmatch("[0-9a-f]{64}", hash_)


@pytest.mark.slow
@pytest.mark.parametrize("name", list(archives.locked()))
def test_every_locked_member_is_in_its_archive(name: str) -> None:
    archive = archives.locked()[name]
    assert verified.fault(archives.fetch(name), archive) is None
    for key, wanted in archive.members.items():
        found = members.read(archives.fetch(name), key)
        assert members.digest(found, key) == wanted
