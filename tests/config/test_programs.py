"""What Aican is built and run with: the scripts and ``aican up`` mean the same Node, and name one that is none."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from chat.errors import OperatorError
from config.local.mongodb import engine

SCRIPTS = Path(__file__).parents[2] / "config" / "scripts"
TOOLS = ("bash", "dirname", "sed", "head", "tr", "cut", "cat")
HELLO = "echo hello; exit 0"
SILENT = "exit 0"
OLD = """case "$*" in *execPath*) echo "$0"; echo v18.20.4;; *) echo v18.20.4;; esac"""


@pytest.fixture
def bin_folder(tmp_path: Path) -> Path:
    """A PATH with what scripts need, and neither Node nor Python."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found
        (folder / tool).symlink_to(found)
    return folder


@pytest.fixture(autouse=True)
def _asked_anew() -> Iterator[None]:
    engine.node.cache_clear()
    yield
    engine.node.cache_clear()


def plant(folder: Path, name: str, says: str) -> Path:
    """A program of this name that does what ``says`` says."""
    program = folder / name
    program.write_text(f"#!{shutil.which('sh')}\n{says}\n")
    program.chmod(0o755)
    return program


def script(name: str, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a build script in an empty checkout with nothing but ``folder`` on its PATH."""
    checkout = folder.parent / "checkout"
    shutil.copytree(SCRIPTS, checkout / "config" / "scripts")
    (checkout / "widget").mkdir()
    (checkout / "widget" / "package-lock.json").write_text("{}")
    return subprocess.run(
        ["bash", str(checkout / "config" / "scripts" / name), *words],
        env={"PATH": str(folder), "HOME": str(folder.parent)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def refused_by_both(folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """What the build script and ``aican up`` say of the Node on this PATH."""
    plant(folder, "npm", "echo 10.8.2")
    built = script("packages.sh", folder)
    assert (built.returncode, built.stdout, built.stderr.count("\n")) == (1, "", 1), built.stderr
    monkeypatch.setenv("PATH", str(folder))
    with pytest.raises(OperatorError) as caught:
        engine.node()
    assert "\n" not in str(caught.value)
    return built.stderr, str(caught.value)


@pytest.mark.parametrize(("does", "said"), [(HELLO, "'hello'"), (SILENT, "'nothing'"), ("exit 3", "'nothing'")])
def test_a_node_that_answers_oddly_is_named_with_what_it_said(
    bin_folder: Path, monkeypatch: pytest.MonkeyPatch, does: str, said: str
) -> None:
    node = plant(bin_folder, "node", does)
    for told in refused_by_both(bin_folder, monkeypatch):
        assert f"{node} is n" in told
        assert f"it said {said}" in told


@pytest.mark.parametrize(
    ("does", "version"), [(OLD, "v18.20.4"), ("echo v16.20.2", "v16.20.2")], ids=["whole", "tells its version only"]
)
def test_an_old_node_is_too_old_for_both_and_not_no_node(
    bin_folder: Path, monkeypatch: pytest.MonkeyPatch, does: str, version: str
) -> None:
    node = plant(bin_folder, "node", does)
    built, run = refused_by_both(bin_folder, monkeypatch)
    assert f"Node {version} ({node}) is too old. Install Node 20 or newer" in built
    assert f"needs Node ≥ 20; {node} is {version}" in run


def test_a_node_that_does_not_say_where_its_program_is_is_told_so(
    bin_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = plant(bin_folder, "node", "echo v22.1.0")
    for told in refused_by_both(bin_folder, monkeypatch):
        assert f"{node} says that it is v22.1.0, but not where its program lies." in told


def test_without_node_both_say_so(bin_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    built, run = refused_by_both(bin_folder, monkeypatch)
    assert "there is no node on PATH. Install Node 20 or newer" in built
    assert "there is no `node` on PATH. Install Node ≥ 20" in run


def test_a_node_that_cannot_be_started_is_one_line(bin_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    node = bin_folder / "node"
    node.write_bytes(b"\x7fELF no program")
    node.chmod(0o755)
    monkeypatch.setenv("PATH", str(bin_folder))
    with pytest.raises(OperatorError, match="Exec format error"):
        engine.node()


def test_an_npm_that_answers_oddly_is_named(bin_folder: Path) -> None:
    plant(bin_folder, "node", f"echo {bin_folder}/node; echo v20.0.0")
    npm = plant(bin_folder, "npm", HELLO)
    (bin_folder / "sha256sum").symlink_to(str(shutil.which("sha256sum")))
    done = script("packages.sh", bin_folder)
    assert done.returncode == 1
    assert f"{npm} is no npm: asked for its version it said 'hello'" in done.stderr


def test_an_npm_that_installs_nothing_leaves_nothing_in_the_cache(
    bin_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(bin_folder, "node", f"echo {bin_folder}/node; echo v20.0.0")
    plant(bin_folder, "npm", SILENT)
    monkeypatch.setenv("PATH", str(bin_folder))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with pytest.raises(OperatorError, match="installed nothing"):
        engine.prepare(lambda line: None)
    assert not [name for name in os.listdir(tmp_path / "cache" / "aican") if not name.endswith(".lock")]


@pytest.mark.parametrize(
    ("says", "told"),
    [
        (HELLO, "is no Python: asked for its version it said 'hello'."),
        ("case $1 in -c) echo False;; *) echo Python 3.9.2;; esac", "Python 3.9.2 ("),
    ],
)
def test_a_python_that_will_not_do_is_named(bin_folder: Path, says: str, told: str) -> None:
    python = plant(bin_folder, "python3", says)
    done = script("python.sh", bin_folder, "runtime")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1), done.stderr
    assert told in done.stderr
    assert str(python) in done.stderr
    assert "Install Python 3.11 or newer." in done.stderr


def test_without_python_the_script_says_so(bin_folder: Path) -> None:
    done = script("python.sh", bin_folder, "runtime")
    assert done.returncode == 1
    assert "there is no python3 on PATH" in done.stderr
