"""Commands as somebody types them, each to its end."""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from config.settings import Settings

AICAN = str(Path(sys.executable).with_name("aican"))


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str

    @property
    def last(self) -> str:
        return self.out.splitlines()[-1]


class Shell:
    def __init__(self, settings: Settings, folder: Path) -> None:
        self._folder = folder
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AICAN_")}
        self._environment = kept | settings.environment()

    async def __call__(self, *words: str, given: str | None = None) -> Said:
        process = await asyncio.create_subprocess_exec(
            AICAN,
            *words,
            env=self._environment,
            cwd=self._folder,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        async with asyncio.timeout(60):
            out, err = await process.communicate((given or "").encode())
        return Said(process.returncode or 0, out.decode(), err.decode())
