"""``aican doctor``: what this installation is made of, what is wrong with it, and how to mend that.

It only looks: nothing is made or written where the data lies, and no check keeps another from having its line.
"""

from __future__ import annotations

import json
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict

import click

from chat.errors import OperatorError
from config.local import mongodb
from config.local.mongodb import engine, glibc
from config.settings import Settings, Wrong, read
from gateway.commands import checks, place_checks, store_checks
from gateway.commands.finding import Finding, find, find_with
from gateway.commands.procfile import ROOT
from gateway.commands.terminal import Terminal, terminal
from gateway.commands.up import ready

_DIST = ROOT / "widget" / "dist"
_DATA, _RING = "AICAN_DATA_DIR", "AICAN_KEYRING"
_WEB = ("AICAN_WEB_HOST", "AICAN_WEB_PORT")
_GATEWAY = ("AICAN_GATEWAY_HOST", "AICAN_GATEWAY_PORT")


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
    """Every check, one after the other; each stands for itself. One that needs a wrong setting says so."""
    settings, wrong = read()
    names = [each.name for each in wrong]
    yield find("Python", checks.python)
    yield find("AES-GCM-SIV", _cipher)
    yield find("front end", _front_end)
    yield from _settings(wrong)
    yield from _local_parts(settings)
    yield find_with("data directory", names, [_DATA], lambda: place_checks.data_dir(settings.data_dir))
    yield find_with("key ring", names, [_DATA, _RING], lambda: place_checks.key_ring(settings))
    yield find_with("web port", names, _WEB, lambda: _port(settings.web_host, settings.web_port, _WEB[1]))
    yield find_with(
        "gateway port", names, _GATEWAY, lambda: _port(settings.gateway_host, settings.gateway_port, _GATEWAY[1])
    )
    redis_needs = ["AICAN_REDIS_URL", *([] if settings.redis_url else [_DATA])]
    yield find_with("Redis", names, redis_needs, lambda: store_checks.redis(settings))
    mongodb_needs = ["AICAN_MONGODB_URL", *([] if settings.mongodb_url else [_DATA])]
    yield find_with("MongoDB", names, mongodb_needs, lambda: store_checks.mongodb(settings))


def _settings(wrong: Sequence[Wrong]) -> Iterator[Finding]:
    for each in wrong:
        yield Finding("settings", False, each.problem, each.remedy)
    if not wrong:
        yield Finding("settings", True, "every AICAN_ name and value is known", "")


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
        yield find("Node", _node)


def _node() -> str:
    path = engine.node()
    if not mongodb.present() and not shutil.which("npm"):
        raise OperatorError(
            "the local MongoDB is fetched with npm, and there is no `npm` on PATH.",
            "Install npm, or set AICAN_MONGODB_URL to a server of yours.",
        )
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)  # noqa: S603
    return f"{said.stdout.strip().removeprefix('v')}, runs the local MongoDB"


def _port(host: str, number: int, setting: str) -> str:
    try:
        return checks.port(host, number, setting)
    except OperatorError:
        if ready(host, number):
            return f"{number}: Aican answers there and is ready"
        raise
