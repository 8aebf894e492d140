"""The machine's own package sources, rewritten for a newer release of the same distribution."""

from __future__ import annotations

import platform
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# The release that brings glibc ≥ 2.38, and where its signing keys lie on a machine of an older release.
_NEWER = {
    "debian": ("trixie", ("debian-archive-keyring.pgp", "debian-archive-keyring.gpg")),
    "ubuntu": ("noble", ("ubuntu-archive-keyring.gpg",)),
}
_KEYRINGS = Path("/usr/share/keyrings")
_APT = Path("/etc/apt")


@dataclass(frozen=True)
class Source:
    """One place that packages come from: addresses, suites and components as apt's own files name them."""

    addresses: tuple[str, ...]
    suites: tuple[str, ...]
    components: tuple[str, ...]


def newer_suite() -> str | None:
    """The release to take the library from; None on a distribution that we know nothing of."""
    newer = _NEWER.get(_distribution())
    return newer[0] if newer else None


def rewritten(suite: str, apt: Path = _APT) -> str:
    """A deb822 sources file for ``suite``: the distribution's own entries of the machine's files, or nothing.

    Third-party sources use other suite names or lack the component ``main``; should one slip through, it is not
    signed with the distribution's own key, which every entry written here asks for, and apt leaves it out.
    """
    # A relative of Ubuntu has a codename of its own and Ubuntu's beside it.
    codename = _release().get("UBUNTU_CODENAME") or _release().get("VERSION_CODENAME", "")
    key = next((path for path in _keys() if path.is_file()), None)
    if not codename or key is None:
        return ""
    addresses = [
        address
        for source in sources(apt)
        if codename in source.suites and "main" in source.components
        for address in source.addresses
    ]
    entries = (
        f"Types: deb\nURIs: {address}\nSuites: {suite}\nComponents: main\nSigned-By: {key}\n"
        for address in dict.fromkeys(addresses)
    )
    return "\n".join(entries)


def sources(apt: Path = _APT) -> Iterator[Source]:
    """The enabled binary sources of an apt directory, of both file formats (sources.list(5))."""
    parts = apt / "sources.list.d"
    for path in [apt / "sources.list", *sorted(parts.glob("*.list"))]:
        if path.is_file():
            yield from _one_line(path.read_text(errors="replace"))
    for path in sorted(parts.glob("*.sources")):
        yield from _deb822(path.read_text(errors="replace"))


def _one_line(text: str) -> Iterator[Source]:
    for line in text.splitlines():
        found = re.match(r"\s*deb\s+(?:\[[^\]]*\]\s*)?(\S+)\s+(\S+)\s*([^#]*)", line)
        if found:
            yield Source((found[1],), (found[2],), tuple(found[3].split()))


def _deb822(text: str) -> Iterator[Source]:
    uncommented = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    for stanza in re.split(r"\n\s*\n", uncommented):
        fields = {
            name.lower(): tuple(value.split())
            for name, value in re.findall(r"^([\w-]+):((?:.*)(?:\n[ \t].*)*)", stanza, re.MULTILINE)
        }
        if "deb" in fields.get("types", ()) and fields.get("enabled", ("yes",)) != ("no",):
            yield Source(fields.get("uris", ()), fields.get("suites", ()), fields.get("components", ()))


def _keys() -> Iterator[Path]:
    newer = _NEWER.get(_distribution())
    return (_KEYRINGS / name for name in newer[1]) if newer else iter(())


def _distribution() -> str:
    """``debian`` or ``ubuntu``, also for a system made of one of them (os-release(5): ID_LIKE, nearest first)."""
    release = _release()
    family = [release.get("ID", ""), *release.get("ID_LIKE", "").split()]
    return next((name for name in family if name in _NEWER), "")


def _release() -> dict[str, str]:
    try:
        return platform.freedesktop_os_release()
    except OSError:
        return {}
