"""Frames on their way out: encoded once, whoever is sent them."""

from __future__ import annotations

from websockets.frames import Frame, Opcode

from chat.protocol.codec import Codec
from chat.protocol.frames import ServerFrame


class Outgoing:
    """A frame and its bytes on the wire, WebSocket header included.

    Servers do not mask and we do not compress (RFC 6455 §5.1, §5.2), so every reader of one subprotocol gets the
    very same bytes.
    """

    __slots__ = ("_wire", "frame", "is_ephemeral")

    def __init__(self, frame: ServerFrame, *, ephemeral: bool = False) -> None:
        self.frame = frame
        self.is_ephemeral = ephemeral
        self._wire: dict[str, bytes] = {}

    def wire(self, codec: Codec) -> bytes:
        """The bytes for this subprotocol."""
        encoded = self._wire.get(codec.subprotocol)
        if encoded is None:
            opcode = Opcode.TEXT if codec.is_text else Opcode.BINARY
            encoded = Frame(opcode, codec.encode(self.frame)).serialize(mask=False)
            self._wire[codec.subprotocol] = encoded
        return encoded
