"""What the comparison installs is locked by hash, and names no registry."""

from __future__ import annotations

import json

from tests.bench.peers.install import HERE, ROOT


def test_every_python_package_has_its_hash() -> None:
    lines = (ROOT / "config" / "requirements-bench.lock").read_text().splitlines()
    packages = [line for line in lines if line and not line.startswith((" ", "#"))]
    assert len(packages) > 10
    assert all(line.endswith(" \\") and "==" in line for line in packages)
    assert not [line for line in lines if "://" in line or line.startswith("--")]


def test_every_node_package_has_its_hash_and_no_address() -> None:
    lock = json.loads((HERE / "package-lock.json").read_text())
    packages = {name: each for name, each in lock["packages"].items() if name}
    assert len(packages) > 20
    assert all(each["integrity"].startswith("sha512-") for each in packages.values())
    assert not [name for name, each in packages.items() if "resolved" in each]
