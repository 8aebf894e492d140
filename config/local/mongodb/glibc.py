"""A newer C library beside the system's, for the local MongoDB on Debian 11 and 12 or Ubuntu 20.04 and 22.04.

MongoDB's engine wants glibc 2.38. Three packages of the distribution's own newer release are fetched with ``apt-get``
from a private configuration (the machine's own sources, another suite; the distribution's own signatures are checked),
unpacked under the user's cache and used through their own loader. Nothing of the system changes; no root is needed.
"""

from __future__ import annotations

import platform
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path

from chat.errors import OperatorError
from config.local import apt_sources
from config.local.directories import cache_directory
from config.local.fetch import fetched, run

NEEDED = (2, 38)
_PACKAGES = ("libc6", "libgcc-s1", "libstdc++6")
_CANNOT = "cannot fetch a newer C library with apt-get"
_REMEDY = "Use Debian 13 or Ubuntu 24.04, or install MongoDB's mongod, or set AICAN_MONGODB_URL to a server of yours."


def version() -> tuple[int, int] | None:
    """The system's glibc as (major, minor); None when it has another C library."""
    library, told = platform.libc_ver()
    if library != "glibc":
        return None
    major, minor = told.split(".")[:2]
    return int(major), int(minor)


@cache
def needed() -> bool:
    """Whether this system's glibc is too old for the engine."""
    found = version()
    return platform.system() == "Linux" and (found is None or found < NEEDED)


def present() -> bool:
    """Whether nothing needs to be fetched."""
    return not needed() or (cache_directory() / _name()).is_dir()


def prepare(say: Callable[[str], None]) -> None:
    """Fetch the newer library if this system needs it. Raises :class:`OperatorError` when it cannot be had."""
    if not needed():
        return
    if not present():
        say(
            "Fetching a newer C library for it (4 MB and a package list, once for this user; the system stays as it is)"
        )
    fetched(_name(), _unpack)


def loader() -> list[str]:
    """What goes before a program's path so that it runs on the newer library; nothing when the system's own will do.

    Raises :class:`OperatorError` when the fetched library is not whole.
    """
    if not needed():
        return []
    root = cache_directory() / _name()
    for found in sorted(root.glob("usr/lib/*-linux-gnu*/ld-linux-*.so.*")) + sorted(
        root.glob("lib/*-linux-gnu*/ld-linux-*.so.*")
    ):
        # libgcc and libstdc++ may lie in the other of the two trees.
        directories = [root / top / found.parent.name for top in ("usr/lib", "lib")]
        return [str(found), "--library-path", ":".join(str(each) for each in directories if each.is_dir())]
    raise OperatorError(f"the C library in {root} is not whole.", f"Remove that directory and start again. {_REMEDY}")


def _name() -> str:
    return f"glibc-{apt_sources.newer_suite() or 'none'}-{platform.machine()}"


def _unpack(scratch: Path) -> None:
    suite = apt_sources.newer_suite()
    sources = apt_sources.rewritten(suite) if suite else ""
    if not sources:
        raise OperatorError(
            "the local MongoDB needs glibc ≥ 2.38, and this system's sources do not say where a newer one is.", _REMEDY
        )
    apt = scratch / "apt"
    configuration = _configure(apt, sources)
    packages = apt / "packages"
    packages.mkdir()
    apt_get = ["apt-get", "-q", "-c", str(configuration)]
    unreachable = None
    try:
        run([*apt_get, "-o", "APT::Update::Error-Mode=any", "update"], cwd=packages, problem=_CANNOT, remedy=_REMEDY)
    except OperatorError as error:
        unreachable = error  # perhaps one of several sources: `download` is the judge
    try:
        run([*apt_get, "download", *_PACKAGES], cwd=packages, problem=_CANNOT, remedy=_REMEDY)
    except OperatorError as error:
        raise unreachable or error from None
    for package in sorted(packages.glob("*.deb")):
        run(
            ["dpkg", "-x", str(package), str(scratch)],
            cwd=scratch,
            problem=f"cannot unpack {package.name}",
            remedy=_REMEDY,
        )
    shutil.rmtree(apt)


def _configure(apt: Path, sources: str) -> Path:
    """Write an apt configuration whose every path is private; return its file."""
    for name in ("lists/partial", "cache/archives/partial", "state", "none"):
        (apt / name).mkdir(parents=True)
    (apt / "aican.sources").write_text(sources)
    (apt / "status").touch()
    configuration = apt / "apt.conf"
    configuration.write_text(
        # The system's own hooks would touch the system's own caches.
        "#clear APT::Update::Pre-Invoke;\n#clear APT::Update::Post-Invoke;\n#clear APT::Update::Post-Invoke-Success;\n"
        f'Dir::Etc::sourcelist "{apt}/aican.sources";\nDir::Etc::sourceparts "{apt}/none";\n'
        f'Dir::Etc::preferences "{apt}/none/preferences";\nDir::Etc::preferencesparts "{apt}/none";\n'
        f'Dir::State "{apt}/state";\nDir::State::lists "{apt}/lists";\nDir::State::status "{apt}/status";\n'
        f'Dir::Cache "{apt}/cache";\nAcquire::Languages "none";\nAPT::Install-Recommends "false";\n'
        # The scratch directory is ours alone, so apt's own unprivileged user could not write there.
        'APT::Sandbox::User "root";\n'
    )
    return configuration
