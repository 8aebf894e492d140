"""Values to BSON documents and back: UUIDs and bytes stay binary, enumerations become their values."""

from __future__ import annotations

from typing import TypeVar
from uuid import UUID

import msgspec

from storage.mongo.client import Document

Value = TypeVar("Value", bound=msgspec.Struct)

# BSON has types of its own for these two; everything else in our values is text, numbers and lists of them.
_NATIVE = (UUID, bytes)


def to_document(value: msgspec.Struct, *, key: str) -> Document:
    """``value``'s fields by their names, the field ``key`` as ``_id``. Raises KeyError when it has no such field."""
    fields: Document = msgspec.to_builtins(value, builtin_types=_NATIVE)
    return {"_id": fields.pop(key), **fields}


def from_document(document: Document, kind: type[Value], *, key: str) -> Value:
    """The value that ``to_document`` wrote; fields that a later version added are passed over.

    Raises ``msgspec.ValidationError`` for a document that never was one.
    """
    return msgspec.convert({key: document["_id"], **document}, kind, builtin_types=_NATIVE)
