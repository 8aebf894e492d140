"""What the front end's build wrote: the launcher, and files whose names carry a hash of their content."""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from chat.errors import AicanError

MEDIA_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".png": "image/png",
    ".map": "application/json",
}
MANIFEST = "manifest.json"
LAUNCHER = "widget.js"


class NotBuilt(AicanError):
    """The front end's build has not run, or did not finish."""


@dataclass(frozen=True, slots=True)
class File:
    """A file as it is sent."""

    content: bytes
    media_type: str
    etag: str


class FrontEnd:
    """Reads the build's folder. Only names that its manifest lists are served; a new build is noticed by itself."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._built_at = 0
        self._names: dict[str, str] = {}
        self._files: dict[str, File] = {}

    def name(self, plain: str) -> str:
        """The hashed name of ``panel.js`` and its like. Raises NotBuilt."""
        self._look()
        try:
            return self._names[plain]
        except KeyError:
            raise NotBuilt(plain) from None

    def file(self, name: str) -> File | None:
        """A file of the build, None for any other name. Raises NotBuilt."""
        self._look()
        if name not in self._names.values():
            return None
        if name not in self._files:
            self._files[name] = self._read(name)
        return self._files[name]

    def _look(self) -> None:
        """Read the manifest, if it changed since the last look."""
        path = self._folder / MANIFEST
        try:
            built_at = path.stat().st_mtime_ns
            if built_at != self._built_at:
                self._names, self._files = _listed(path), {}
                self._built_at = built_at
        except (OSError, ValueError):
            raise NotBuilt(MANIFEST) from None

    def _read(self, name: str) -> File:
        try:
            content = (self._folder / name).read_bytes()
        except OSError:
            raise NotBuilt(name) from None
        media_type = MEDIA_TYPES.get(Path(name).suffix, "application/octet-stream")
        return File(content, media_type, f'"{sha256(content).hexdigest()[:32]}"')


def _listed(path: Path) -> dict[str, str]:
    """Plain names to file names; one that is not a bare file name is not ours."""
    manifest = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(manifest, dict):
        raise ValueError("a manifest is an object")  # noqa: TRY004  the caller knows one kind of damage
    names = {str(plain): str(name) for plain, name in manifest.items()}
    return {plain: name for plain, name in names.items() if Path(name).name == name} | {LAUNCHER: LAUNCHER}
