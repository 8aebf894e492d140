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
    """The Procfile to use: the given one, else the one beside the package, else the one in the working directory.

    Raises :class:`OperatorError` when there is none.
    """
    places = [given] if given else [ROOT / NAME, Path.cwd() / NAME]
    for place in places:
        if place.is_file():
            return place
    raise OperatorError(f"there is no {places[0]}.", "Run it in a checkout of Aican, or name one with --procfile.")


def read(path: Path) -> list[Program]:
    """The programs of a Procfile, in its order. Raises :class:`OperatorError` that names the line."""
    programs: dict[str, Program] = {}
    for number, line in enumerate(_text(path).splitlines(), start=1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        program = _program(text)
        if program is None:
            raise OperatorError(f"{path}, line {number}: not `name: command`.", "Correct it.")
        if program.name in programs:
            raise OperatorError(f"{path}, line {number}: {program.name} is there already.", "Rename one of them.")
        programs[program.name] = program
    return list(programs.values())


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise OperatorError(f"{path} cannot be read: {why}.", "Correct it, or name another with --procfile.") from None


def _program(line: str) -> Program | None:
    found = re.fullmatch(r"([A-Za-z][\w-]*):\s*(\S.*)", line)
    try:
        return Program(found[1], tuple(shlex.split(found[2]))) if found else None
    except ValueError:  # a quotation that does not end
        return None
