"""Whether a local store answers: one round trip on its socket, without a driver."""

from __future__ import annotations

import socket
import struct
from pathlib import Path

_ANSWER_S = 2.0
_OP_MSG = 2013


def redis_answers(path: Path) -> bool:
    """Whether the Redis at ``path`` is ready for commands (while it reads its files it answers ``-LOADING``)."""
    return _asked(path, b"PING\r\n").startswith(b"+PONG")


def mongodb_answers(path: Path) -> bool:
    """Whether the MongoDB at ``path`` answers ``hello``."""
    return len(_asked(path, _hello())) > 16


def _asked(path: Path, question: bytes) -> bytes:
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
            line.settimeout(_ANSWER_S)
            line.connect(str(path))
            line.sendall(question)
            return line.recv(4096)
    except OSError:
        return b""


def _hello() -> bytes:
    """``{hello: 1, $db: "admin"}`` as one OP_MSG (MongoDB wire protocol): header, flags, section kind 0, BSON."""
    elements = b"\x10hello\x00" + struct.pack("<i", 1) + b"\x02$db\x00" + struct.pack("<i", 6) + b"admin\x00"
    document = struct.pack("<i", len(elements) + 5) + elements + b"\x00"
    body = struct.pack("<I", 0) + b"\x00" + document
    return struct.pack("<iiii", len(body) + 16, 1, 0, _OP_MSG) + body
