"""The ``Procfile``: which processes the product has, one ``name: command`` a line."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

from chat.errors import OperatorError

# The checkout, or whatever folder the packages were installed into.
ROOT = Path(__file__).parents[2]
NAME = "Procfile"


@dataclass(frozen=True)
class Program:
    """A process by name and command line; the command is not given to a shell."""

    name: str
    command: tuple[str, ...]


def find(given: Path | None) -> Path:
    """The Procfile to use: the given one, else the one beside the package, else the one in the working directory."""
    places = [given] if given else [ROOT / NAME, Path.cwd() / NAME]
    for place in places:
        if place.is_file():
            return place
    raise OperatorError(f"there is no {places[0]}.", "Run it in a checkout of Aican, or name one with --procfile.")


def read(path: Path) -> list[Program]:
    """The programs of a Procfile, in its order. Raises :class:`OperatorError` that names the line."""
    programs = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        found = re.fullmatch(r"([A-Za-z][\w-]*):\s*(\S.*)", text)
        if not found:
            raise OperatorError(f"{path}, line {number}: not `name: command`.", "Correct it.")
        programs.append(Program(found[1], tuple(shlex.split(found[2]))))
    return programs
