"""Calls of one event-loop turn go out as one pipeline, and every caller gets its own answer."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, TypeAlias

from redis.asyncio import Redis
from redis.exceptions import NoScriptError, RedisError

from storage.gathering import Gathering
from storage.redis.client import ANSWER_S, means_not_now, unavailable
from storage.redis.scripts import Script

Word: TypeAlias = str | bytes | int

# One pipeline under way at a time keeps the order of calls; what waits for it becomes one larger, cheaper pipeline.
_LANES = 1
# About 10 ms of Redis' time: longer pipelines would only delay other gateways.
_PIPELINE = 1_000
# A quarter of a second of Redis at its fastest. More than that cannot be answered in time anyway.
_WAITING = 20_000


@dataclass(frozen=True, slots=True)
class Call:
    """A command. ``in_full`` is what to send instead when Redis does not know the script it names."""

    words: tuple[Word, ...]
    in_full: tuple[Word, ...] = ()


def command(*words: Word) -> Call:
    """A plain command: its name and arguments, sent as they are."""
    return Call(words)


def run(script: Script, keys: Sequence[str], *arguments: Word) -> Call:
    """A script by its name; Redis forgets scripts when it restarts, then it goes again with its whole text."""
    rest = (len(keys), *keys, *arguments)
    return Call(("EVALSHA", script.sha, *rest), ("EVAL", script.text, *rest))


class Turn:
    """Everything that is sent to Redis but the bus's subscriptions. Enter it (``async with``) before the first call.

    An error in one call reaches only its caller. When Redis cannot be reached all calls of the pipeline raise
    Unavailable, and so does one that finds 20,000 waiting; such calls may or may not have been carried out. Nothing is
    repeated here, but for scripts that Redis did not know, which did nothing.
    """

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._calls: Gathering[Call, Any] = Gathering(self._send, lanes=_LANES, most=_PIPELINE, waiting=_WAITING)

    async def __aenter__(self) -> Turn:
        await self._calls.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._calls.__aexit__(kind, error, trace)

    async def ask(self, call: Call) -> Any:
        """The answer, as the driver decodes it for the command: bytes, numbers, None, and lists and dicts of these.

        Raises Unavailable, or the driver's RedisError for a mistake in the call.
        """
        return await self._calls.put(call)

    async def ask_all(self, calls: Iterable[Call]) -> list[Any]:
        """The answers, in order. Raises the first error as ``ask`` does; the other calls are carried out all the same.

        One trip, unless there are more than 1,000 or others wait already.
        """
        return await asyncio.gather(*[self._calls.put(call) for call in calls])

    async def _send(self, calls: Sequence[Call]) -> list[Any]:
        answers = await self._pipeline([call.words for call in calls])
        unknown = [index for index, answer in enumerate(answers) if isinstance(answer, NoScriptError)]
        if unknown:
            # EVAL, not SCRIPT LOAD: on Cluster it also goes to the node that has the keys.
            in_full = await self._pipeline([calls[index].in_full for index in unknown])
            for index, answer in zip(unknown, in_full, strict=True):
                answers[index] = answer
        return [
            unavailable(answer) if isinstance(answer, RedisError) and means_not_now(answer) else answer
            for answer in answers
        ]

    async def _pipeline(self, commands: Sequence[tuple[Word, ...]]) -> list[Any]:
        try:
            async with asyncio.timeout(ANSWER_S), self._redis.pipeline(transaction=False) as pipeline:
                for words in commands:
                    pipeline.execute_command(*words)
                return await pipeline.execute(raise_on_error=False)
        except (RedisError, OSError) as error:  # a TimeoutError of Python's is an OSError
            if means_not_now(error):
                raise unavailable(error) from error
            raise
