"""Redis' protocol, as far as a proxy has to know it to drop one kind of answer (RESP2, redis.io/docs protocol-spec)."""

from __future__ import annotations

_PUSH = b"*3\r\n$7\r\nmessage\r\n"


class Answers:
    """Cuts a stream of answers into whole ones."""

    def __init__(self) -> None:
        self._rest = b""

    def whole(self, data: bytes) -> list[bytes]:
        """The answers that are complete with ``data``, each as it stood in the stream."""
        stream = self._rest + data
        found, start = [], 0
        while (end := _end(stream, start)) is not None:
            found.append(stream[start:end])
            start = end
        self._rest = stream[start:]
        return found


def is_push(answer: bytes) -> bool:
    """Whether this answer is a message of a channel, which nobody asked for."""
    return answer.startswith(_PUSH)


def _end(stream: bytes, start: int) -> int | None:
    """Where the answer that begins at ``start`` ends, None while a part is missing."""
    line = stream.find(b"\r\n", start)
    if line < 0:
        return None
    kind, after = stream[start : start + 1], line + 2
    if kind == b"$":
        length = int(stream[start + 1 : line])
        end = after if length < 0 else after + length + 2
        return end if end <= len(stream) else None
    if kind == b"*":
        for _ in range(int(stream[start + 1 : line])):
            part = _end(stream, after)
            if part is None:
                return None
            after = part
    return after
