"""``aican doctor``: what this installation is made of, what is wrong with it, and how to mend that."""

from __future__ import annotations

import asyncio
import json
import platform
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import asdict, dataclass

import click

from chat.errors import OperatorError
from config.local import mongodb, running_stores
from config.local.directories import private_directory
from config.local.mongodb import engine, glibc
from config.settings import Settings, load
from gateway.commands import checks, store_checks
from gateway.commands.procfile import ROOT
from gateway.commands.single import leftovers
from gateway.commands.terminal import Terminal, terminal
from gateway.commands.up import ready

_DIST = ROOT / "widget" / "dist"


@dataclass(frozen=True)
class Finding:
    """What one check found. ``remedy`` is empty when all is well."""

    check: str
    ok: bool
    found: str
    remedy: str


@click.command("doctor", help="Check this installation, and say what to mend.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array instead of lines.")
def command(as_json: bool) -> None:
    """One line a check; exit code 1 when something must be mended."""
    out = terminal()
    findings = []
    for finding in examine():
        findings.append(finding)
        if not as_json:
            _print(finding, out)
    if as_json:
        out.say(json.dumps([asdict(finding) for finding in findings], indent=2))
    sys.exit(0 if all(finding.ok for finding in findings) else 1)


def _print(finding: Finding, out: Terminal) -> None:
    mark = out.paint("✓", "green") if finding.ok else out.paint("✗", "red", "bold")
    out.say(f"{mark} {finding.check:<14} {finding.found} {finding.remedy}".rstrip())


def examine() -> Iterator[Finding]:
    """Every check, one after the other; each stands for itself."""
    yield _find("Python", checks.python)
    yield _find("AES-GCM-SIV", _cipher)
    yield _find("front end", _front_end)
    try:
        settings = load()
    except OperatorError as error:
        yield Finding("settings", False, error.problem, error.remedy)
        return
    yield Finding("settings", True, "every AICAN_ name and value is known", "")
    yield from _local_parts(settings)
    yield _find("data directory", lambda: f"{checks.data_dir(settings.data_dir)}, {checks.disk(settings.data_dir)}")
    yield _find("key ring", lambda: _key_ring(settings))
    yield _find("web port", lambda: _port(settings.web_host, settings.web_port, "AICAN_WEB_PORT"))
    yield _find("gateway port", lambda: _port(settings.gateway_host, settings.gateway_port, "AICAN_GATEWAY_PORT"))
    yield from _stores(settings)


def _find(name: str, check: Callable[[], str]) -> Finding:
    try:
        return Finding(name, True, check(), "")
    except OperatorError as error:
        return Finding(name, False, error.problem, error.remedy)


def _all_local(settings: Settings) -> bool:
    return settings.redis_url is None and settings.mongodb_url is None


def _cipher() -> str:
    from cryptography import __version__
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

    try:
        cipher = AESGCMSIV(bytes([1]) + bytes(31))
    except UnsupportedAlgorithm:
        raise OperatorError(
            "this cryptography library has no AES-GCM-SIV.", "Run `make run`: it installs one."
        ) from None
    # The second example of RFC 8452, appendix C.2.
    sealed = cipher.encrypt(bytes([3]) + bytes(11), bytes([1]) + bytes(7), b"")
    if sealed.hex() != "c2ef328e5c71c83b843122130f7364b761e0b97427e3df28":
        raise OperatorError("this cryptography library's AES-GCM-SIV is wrong.", "Install it again with `make run`.")
    return f"cryptography {__version__}"


def _front_end() -> str:
    if not (_DIST / "manifest.json").is_file():
        raise OperatorError(f"the front end is not built: there is no {_DIST / 'manifest.json'}.", "Run `make build`.")
    return str(_DIST)


def _local_parts(settings: Settings) -> Iterator[Finding]:
    found = glibc.version()
    if found:
        beside = ", with a newer one beside it for the local MongoDB" if glibc.needed() and glibc.present() else ""
        yield Finding("glibc", True, f"{found[0]}.{found[1]}{beside}", "")
    else:
        yield Finding("C library", True, f"{platform.system()}'s own", "")
    if settings.mongodb_url is None and mongodb.needs_node():
        yield _find("Node", _node)


def _node() -> str:
    path = engine.node()
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)  # noqa: S603
    return f"{said.stdout.strip().removeprefix('v')}, runs the local MongoDB"


def _key_ring(settings: Settings) -> str:
    from storage.keyring.file import open_ring

    open_ring(settings.keyring)
    return f"{settings.keyring}, whole and readable by this user only"


def _port(host: str, number: int, setting: str) -> str:
    try:
        return checks.port(host, number, setting)
    except OperatorError:
        if ready(host, number):
            return f"{number}: Aican answers there and is ready"
        raise


def _stores(settings: Settings) -> Iterator[Finding]:
    """Both stores. Local ones that do not run are started for the check and stopped again: nothing proves more."""
    try:
        started = _all_local(settings) and not leftovers(private_directory(settings.data_dir / "run"))
        if started and not mongodb.present():
            raise OperatorError("the local MongoDB is not on this machine yet.", "`aican up` fetches it.")
        with running_stores(settings.data_dir, lambda line: None) if started else nullcontext():
            note = " (started for this check)" if started else ""
            yield _find("Redis", lambda: asyncio.run(store_checks.redis(settings)) + note)
            yield _find("MongoDB", lambda: asyncio.run(store_checks.mongodb(settings)) + note)
    except OperatorError as error:
        yield Finding("local stores", False, error.problem, error.remedy)
