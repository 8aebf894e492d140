"""What commands print: short lines; colour only on a terminal that wants it; plain ASCII where UTF-8 will not do."""

from __future__ import annotations

import contextlib
import os
import sys
from dataclasses import dataclass
from typing import TextIO

_CODES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "blue": "34"}
_ASCII = str.maketrans({"✓": "+", "✗": "x", "·": "-", "…": "...", "≥": ">=", "—": "-", "’": "'"})


@dataclass(frozen=True)
class Terminal:
    """Where a command speaks. Writing never fails: the terminal may be gone while children still must be stopped."""

    out: TextIO
    colour: bool
    utf8: bool

    def say(self, line: str = "") -> None:
        """Print one line now."""
        with contextlib.suppress(OSError, ValueError):
            print(line if self.utf8 else line.translate(_ASCII), file=self.out, flush=True)

    def paint(self, text: str, *styles: str) -> str:
        """``text`` in these styles, or as it is where there is no colour."""
        if not self.colour:
            return text
        return f"\x1b[{';'.join(_CODES[style] for style in styles)}m{text}\x1b[0m"


def terminal() -> Terminal:
    """Standard output. Colours follow no-color.org: any non-empty ``NO_COLOR`` turns them off."""
    colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    encoding = (sys.stdout.encoding or "ascii").lower().replace("-", "")
    return Terminal(sys.stdout, colour, encoding == "utf8")
