"""Whether a key ring is the one that a database was sealed with, told by a value that only that ring can open."""

from __future__ import annotations

import hmac

from chat.errors import Tampered
from chat.ids import WorkspaceId
from chat.ports import KeyRing
from chat.sealing.hierarchy import workspace_binding

_BOUND = b"ls/ring/v1"
_PURPOSE = "ring-proof/v1"


def proof(ring: KeyRing) -> bytes:
    """A blob to keep in the database: a key derived from the ring's root, wrapped by its active key."""
    return ring.wrap(ring.derive(_PURPOSE), bound=_BOUND)


def is_proven(ring: KeyRing, kept: bytes) -> bool:
    """Whether ``kept`` is this ring's proof: it holds the key that wrapped it, and the root that it was made of."""
    try:
        return hmac.compare_digest(ring.unwrap(kept, bound=_BOUND), ring.derive(_PURPOSE))
    except Tampered:
        return False


def opens(ring: KeyRing, workspace: WorkspaceId, wrapped: bytes) -> bool:
    """Whether the ring unwraps the workspace's key: what there is to go by before a proof was kept."""
    try:
        ring.unwrap(wrapped, bound=workspace_binding(workspace))
    except Tampered:
        return False
    return True
