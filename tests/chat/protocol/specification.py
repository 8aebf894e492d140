"""PROTOCOL.md, read: its tables as values and its examples, so that tests can hold the code against them."""

from __future__ import annotations

import re
from enum import IntEnum
from importlib.resources import files
from types import NoneType, UnionType
from typing import Annotated, Any, NamedTuple, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import msgspec

TEXT = (files("chat.protocol") / "PROTOCOL.md").read_text(encoding="utf-8")
PROSE = " ".join(TEXT.split())

_FIELD = re.compile(r"(\w+) `([^`]+)`")
_BY_LENGTH = {256: "short", 1024: "secret", 2048: "url", 8000: "text"}


class Example(NamedTuple):
    """A frame as the specification shows it."""

    name: str
    json: str
    msgpack: bytes


def section(title: str) -> str:
    """What stands under a heading, up to the next one."""
    found = re.search(rf"^#+ {re.escape(title)}\n(.*?)(?=^#+ |\Z)", TEXT, re.MULTILINE | re.DOTALL)
    assert found, f"PROTOCOL.md has no section {title}"
    return found[1]


def tables(title: str) -> list[list[dict[str, str]]]:
    """The tables of a section; a row is its cells by their columns' names."""
    found: list[list[dict[str, str]]] = []
    for block in re.findall(r"(?:^\|.*\n)+", section(title), re.MULTILINE):
        header, _, *rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in block.splitlines()]
        found.append([dict(zip(header, row, strict=True)) for row in rows])
    return found


def examples() -> list[Example]:
    """The examples of the ``frames`` block."""
    block = re.search(r"```frames\n(.*?)```", TEXT, re.DOTALL)
    assert block, "PROTOCOL.md has no block of examples"
    found = []
    for paragraph in block[1].strip().split("\n\n"):
        name, text, packed = paragraph.splitlines()
        found.append(Example(name, text, bytes.fromhex(packed)))
    return found


def written(fields: str) -> list[tuple[str, str]]:
    """The fields that a cell lists, with their types. A ``time`` is an ``n``: both are whole numbers."""
    return [(name, re.sub(r"\btime\b", "n", kind)) for name, kind in _FIELD.findall(fields)]


def coded(frame: type[msgspec.Struct]) -> list[tuple[str, str]]:
    """The fields of a class in the specification's notation, without ``ref``."""
    hints = get_type_hints(frame, include_extras=True)
    return [(name, notation(hints[name])) for name in frame.__struct_fields__ if name != "ref"]


def notation(hint: Any) -> str:
    """A type as the specification writes it."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        plain, meta = arguments
        return _BY_LENGTH[meta.max_length] if plain is str else notation(plain)
    if origin in (Union, UnionType):
        (some,) = [each for each in arguments if each is not NoneType]
        return f"{notation(some)}/nil"
    if origin is list:
        return f"[{notation(arguments[0])}, …]"
    if origin is tuple:
        return f"[{', '.join(map(notation, arguments))}]"
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct | IntEnum):
        return hint.__name__
    return {UUID: "id", bool: "bool", int: "n", str: "text"}[hint]
