"""Values to BSON documents and back: UUIDs and bytes stay binary, enumerations become their values."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar
from uuid import UUID

import msgspec

from storage.mongo.client import Document

Value = TypeVar("Value", bound=msgspec.Struct)
StandIn = Callable[[Mapping[str, Any]], object]
"""What stands in for a damaged field, made of the fields that are sound."""

UNOPENABLE = b"\0"
"""Stands in for a sealed field: no seal is that short, so whoever opens it is told that it does not open."""
# BSON has types of its own for these two; everything else in our values is text, numbers and lists of them.
_NATIVE = (UUID, bytes)
# Names the fields of a value that are stand-ins. Whoever reads says it; it is never stored.
_DAMAGED = "damaged"
# A console reads its queue every few seconds: each damaged document is logged once, as long as they are so few.
_TOLD_MOST = 1_000
_told: set[tuple[str, str]] = set()
# By the standard library, whose lines go to standard error where nobody set up logging: `aican export` writes its
# transcripts to standard output.
log = logging.getLogger(__name__)


def to_document(value: msgspec.Struct, *, key: str) -> Document:
    """``value``'s fields by their names, the field ``key`` as ``_id``. Raises KeyError when it has no such field."""
    fields: Document = msgspec.to_builtins(value, builtin_types=_NATIVE)
    fields.pop(_DAMAGED, None)
    return {"_id": fields.pop(key), **fields}


class Reader(Generic[Value]):
    """Reads the documents of one collection, damaged ones too: one that cannot be read takes no other with it."""

    def __init__(
        self, collection: str, kind: type[Value], *, key: str, stand_ins: Mapping[str, StandIn] | None = None
    ) -> None:
        """``key`` is the field that is stored as ``_id``. A field with a stand-in may be damaged, and the value is of
        use all the same; ``kind`` then has a field ``damaged`` that names such fields, or says so by what stands in.
        """
        self._collection = collection
        self._kind = kind
        self._key = key
        self._stand_ins = stand_ins or {}

    def __call__(self, document: Document, *, known: Mapping[str, object] | None = None) -> Value | None:
        """The value that ``to_document`` wrote; fields that a later version added are passed over.

        None for a document that is damaged where nothing can stand in, not even what the caller has ``known``. The log
        names collection, id and fields of every damaged document, and never what they hold.
        """
        fields = {**document, self._key: document.get("_id")}
        fields.pop(_DAMAGED, None)
        try:
            return msgspec.convert(fields, self._kind, builtin_types=_NATIVE)
        except msgspec.ValidationError:
            return self._mended(fields, known or {})

    def _mended(self, fields: Document, known: Mapping[str, object]) -> Value | None:
        sound, broken = self._sorted(fields)
        value: dict[str, object] = dict(sound)
        for name in broken:
            if name in known:
                value[name] = known[name]
            elif name in self._stand_ins:
                value[name] = self._stand_ins[name](sound)
        is_read = len(value) == len(sound) + len(broken)
        if broken:
            self._tell(sound.get(self._key), broken, is_read=is_read)
            if _DAMAGED in self._kind.__struct_fields__:
                value[_DAMAGED] = tuple(broken)
        return self._kind(**value) if is_read else None

    def _sorted(self, fields: Document) -> tuple[dict[str, object], list[str]]:
        """The fields whose stored values are possible ones, and the names of those whose are not."""
        sound: dict[str, object] = {}
        broken: list[str] = []
        for field in msgspec.structs.fields(self._kind):
            if field.name not in fields:
                if field.required:
                    broken.append(field.name)
                continue
            try:
                sound[field.name] = msgspec.convert(_whole(fields[field.name]), field.type, builtin_types=_NATIVE)
            except msgspec.ValidationError:
                broken.append(field.name)
        return sound, broken

    def _tell(self, key: object, broken: list[str], *, is_read: bool) -> None:
        name = key.hex() if isinstance(key, bytes) else str(key)
        if (self._collection, name) in _told:
            return
        if len(_told) >= _TOLD_MOST:
            _told.clear()
        _told.add((self._collection, name))
        outcome = "is read without" if is_read else "is left out for"
        log.error("a damaged document in %s, _id %s, %s: %s", self._collection, name, outcome, ", ".join(broken))


def _whole(found: object) -> object:
    """A whole number as such: shells write every number as a fraction, and a document that was mended is no damage."""
    return int(found) if isinstance(found, float) and found.is_integer() else found
