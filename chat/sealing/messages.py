"""Messages, sealed and opened. Who wrote, when, and what kind it is are inside the seal beside the text: whatever an
altered database claims in the open, the opened content is what the sender's gateway sealed, or nothing.
"""

from __future__ import annotations

import secrets
import struct
from collections.abc import Awaitable
from uuid import UUID

from chat.errors import Tampered
from chat.ids import Epoch, SubjectId, VisitorId
from chat.model import Conversation, Kind, MessageView, Numbered, Role, Sealed
from chat.sealing.envelope import NONCE_BYTES, epoch_of, message_binding, seal, unseal
from chat.sealing.hierarchy import Hierarchy
from chat.sealing.keys import Key

_CONTENT = struct.Struct(">BBBQ16s16s")
"""layout u8 = 1 | kind u8 | role u8 | at u64 | client id 16 | author 16 (zeros: the system); the text follows."""
_LAYOUT = 1
_WRITTEN = 256
"""Messages that are between the seal and the bus: some milliseconds of the busiest gateway."""
_NOBODY = bytes(16)


class MessageSealer:
    """Seals numbered messages under their conversation's key, and opens them.

    What was sealed here a moment ago comes back over the bus, and is shown without opening it again.
    """

    def __init__(self, keys: Hierarchy) -> None:
        self._keys = keys
        self._written: dict[bytes, tuple[Sealed, VisitorId, MessageView]] = {}

    async def seal(self, conversation: Conversation, numbered: Numbered) -> Sealed:
        """The message as stores may have it; from here on no store and no bus sees the text.

        Makes the conversation's key when it has none. Raises Tampered when the person's key was destroyed.
        """
        key = await self._key(conversation, conversation.epoch, make=True)
        sealed = sealed_under(key, conversation, numbered, secrets.token_bytes(NONCE_BYTES))
        self._written[sealed.blob] = sealed, conversation.visitor, _view(numbered)
        if len(self._written) > _WRITTEN:
            del self._written[next(iter(self._written))]
        return sealed

    async def open(self, conversation: Conversation, sealed: Sealed) -> MessageView:
        """The message. Raises Tampered when it was altered, moved, renumbered, or its person's key was destroyed."""
        _check_place(conversation, sealed)
        key = await self._key(conversation, epoch_of(sealed.blob), make=False)
        return opened_under(key, sealed)

    def open_now(self, conversation: Conversation, sealed: Sealed) -> MessageView | None:
        """What ``open`` returns, where that needs no store; None where the key has to be fetched. Raises Tampered."""
        _check_place(conversation, sealed)
        written = self._written.pop(sealed.blob, None)
        if written is not None and written[:2] == (sealed, conversation.visitor):
            return written[2]
        key = self._cached(conversation, epoch_of(sealed.blob))
        return None if key is None else opened_under(key, sealed)

    def _cached(self, conversation: Conversation, epoch: Epoch) -> Key | None:
        return self._keys.cached(conversation.workspace, SubjectId(conversation.visitor), conversation.id, epoch)

    def _key(self, conversation: Conversation, epoch: Epoch, *, make: bool) -> Awaitable[Key]:
        subject = SubjectId(conversation.visitor)
        return self._keys.conversation(conversation.workspace, subject, conversation.id, epoch, make=make)


def _view(numbered: Numbered) -> MessageView:
    """What opening the sealed form would give."""
    draft = numbered.admitted.draft
    return MessageView(
        numbered.seq, draft.client_id, draft.kind, draft.author.role, draft.author.id, draft.at, draft.text
    )


def _check_place(conversation: Conversation, sealed: Sealed) -> None:
    if sealed.workspace != conversation.workspace or sealed.conversation != conversation.id:
        raise Tampered("this message belongs to another conversation")


def sealed_under(key: Key, conversation: Conversation, numbered: Numbered, nonce: bytes) -> Sealed:
    """The sealed form of a numbered message, revision 0. ``nonce`` is 12 random bytes, used once."""
    draft = numbered.admitted.draft
    author = draft.author.id.bytes if draft.author.id else _NOBODY
    content = _CONTENT.pack(_LAYOUT, draft.kind, draft.author.role, draft.at, draft.client_id.bytes, author)
    binding = message_binding(conversation.workspace, conversation.id, numbered.seq, 0, "body")
    blob = seal(key.cipher, content + draft.text.encode(), binding=binding, epoch=conversation.epoch, nonce=nonce)
    return Sealed(conversation.workspace, conversation.id, numbered.seq, 0, draft.client_id, draft.at, blob)


def opened_under(key: Key, sealed: Sealed) -> MessageView:
    """The message that a blob holds. Raises Tampered when the open fields beside it say something else."""
    binding = message_binding(sealed.workspace, sealed.conversation, sealed.seq, sealed.revision, "body")
    content = unseal(key.cipher, sealed.blob, binding=binding)
    if len(content) < _CONTENT.size or content[0] != _LAYOUT:
        raise Tampered("a message's content has an unknown layout")
    _, kind, role, at, client_id, author = _CONTENT.unpack_from(content)
    if (client_id, at) != (sealed.client_id.bytes, sealed.at):
        raise Tampered("the record beside a message differs from what was sealed")
    try:
        return MessageView(
            seq=sealed.seq,
            client_id=sealed.client_id,
            kind=Kind(kind),
            role=Role(role),
            author=None if author == _NOBODY else UUID(bytes=author),
            at=at,
            body=content[_CONTENT.size :].decode(),
        )
    except ValueError as error:  # a later version's kind or role: shown as unreadable rather than not at all
        raise Tampered("a message's content holds an unknown value") from error
