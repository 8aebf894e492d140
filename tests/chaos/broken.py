"""Mechanisms of delivery, broken on purpose in a gateway process: the suite must find each of them.

Nothing of this is in the product. Each function takes one promise out of the running code through the doors that
``chat/ports.py`` names.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

from msgspec.structs import replace

from chat.clock import SystemClock, new_id
from chat.delivery import pipeline
from chat.delivery.pipeline import Delivery
from chat.errors import Unavailable
from chat.ids import ClientId, ConversationId, Seq
from chat.model import Admitted, Conversation, MessageView, Refusal, Role, Sealed, Stored
from chat.ports import Bus, Messages
from chat.protocol.facts import MessageStored, conversation_topic, encode_fact
from chat.protocol.frames import Message

if TYPE_CHECKING:
    from gateway.socket.feed import Feed

_running: set[asyncio.Task[Any]] = set()


def acknowledge_before_the_commit() -> None:
    """A message counts as stored as soon as it was handed to the store."""
    from storage.mongo.messages import MongoMessages

    append = MongoMessages.append

    async def at_once(self: MongoMessages, message: Sealed) -> Stored:
        task = asyncio.create_task(append(self, message))
        _running.add(task)
        task.add_done_callback(_running.discard)
        task.add_done_callback(lambda done: done.cancelled() or done.exception())
        return Stored(message)

    MongoMessages.append = at_once  # type: ignore[method-assign]


def publish_before_the_store() -> None:
    """Everybody is shown a message before it is in the record."""

    class PublishedFirst:
        def __init__(self, messages: Messages, bus: Bus) -> None:
            self._messages = messages
            self._bus = bus

        def __getattr__(self, name: str) -> Any:
            return getattr(self._messages, name)

        async def append(self, message: Sealed) -> Stored:
            await self._bus.publish(conversation_topic(message.conversation), encode_fact(MessageStored(message)))
            return await self._messages.append(message)

    def delivery(numbers: Any, sealer: Any, messages: Messages, conversations: Any, bus: Bus) -> Delivery:
        return Delivery(numbers, sealer, PublishedFirst(messages, bus), conversations, bus)

    _compose(delivery)


def no_seeding_from_the_record() -> None:
    """A numbering store that lost its memory is never told where the record stands."""
    from storage.redis.numbers import RedisNumbers

    number = RedisNumbers.number

    async def from_memory(self: RedisNumbers, message: Admitted, *, floor: Seq, **more: Any) -> Any:
        return await number(self, message, floor=Seq(0), **more)

    async def nothing(*_: object, **__: object) -> None:
        return None

    RedisNumbers.number = from_memory  # type: ignore[method-assign]
    RedisNumbers.resume = nothing  # type: ignore[method-assign]


def no_end_from_the_record() -> None:
    """A numbering store that lost its memory is told the highest number, and not that the conversation has ended."""

    async def reseed(self: Delivery, conversation: ConversationId) -> tuple[Seq, bool]:
        highest = await self._messages.highest(conversation)
        await self._numbers.resume(conversation, highest=highest, ended=False)
        return highest, False

    Delivery.reseed = reseed  # type: ignore[method-assign]


def no_position_check() -> None:
    """What is shown is never compared with the numbers that were given; nor is a lost subscription heeded."""
    from gateway.socket.feeds import Feeds

    async def nothing(self: Feeds) -> None:
        return None

    Feeds.check_positions = nothing  # type: ignore[method-assign]


def no_memory_of_client_ids() -> None:
    """A post that is sent again is taken for another one."""
    seen: set[tuple[ConversationId, ClientId]] = set()

    class Forgetful(Delivery):
        async def deliver(self, conversation: Conversation, admitted: Admitted, **more: Any) -> Stored | Refusal:
            name = (conversation.id, admitted.draft.client_id)
            if name in seen:
                another = replace(admitted.draft, client_id=ClientId(new_id(SystemClock())))
                admitted = replace(admitted, draft=another)
            seen.add(name)
            return await super().deliver(conversation, admitted, **more)

    _compose(Forgetful)


def no_voids() -> None:
    """A number that was given to a message which never came stays missing."""
    from gateway.socket.voids import Voids

    async def wait_on(*_: object, **__: object) -> None:
        raise Unavailable("somebody else will close it")

    Voids.close = wait_on  # type: ignore[assignment]


# --- what a client would hide ---------------------------------------------------------------------------------------


def each_message_sent_twice() -> None:
    """Every follower is sent each live message twice; clients drop the second one."""
    from gateway.socket.outgoing import Outgoing

    def twice(feed: Feed, view: MessageView, show: Show) -> None:
        show(feed, view)
        for follower in list(feed.followers):
            follower.offer(Outgoing(Message(0, feed.id, view)))

    _show_with(twice)


def each_tenth_message_unsent() -> None:
    """Counted as shown, and not sent; clients ask for it."""

    def most(feed: Feed, view: MessageView, show: Show) -> None:
        if view.seq % 10:
            return show(feed, view)
        feed.top = Seq(view.seq)
        for follower, has in feed.followers.items():
            feed.followers[follower] = max(has, feed.top)
        return None

    _show_with(most)


def half_of_what_was_missed() -> None:
    """Who comes back is told that this is everything, and is sent the first half."""
    from gateway.socket.party import Party

    snapshot = Party._snapshot

    async def half(self: Party, ref: int, feed: Feed, record: Any, messages: Any, *rest: Any, recovered: bool) -> Any:
        kept = messages[: len(messages) // 2] if recovered else messages
        return await snapshot(self, ref, feed, record, kept, *rest, recovered=recovered)

    Party._snapshot = half  # type: ignore[assignment]


def shown_under_another_name() -> None:
    """Live messages come from nobody, on the other side, an hour late; the record is right."""

    def wrong(feed: Feed, view: MessageView, show: Show) -> None:
        role = Role(3 - view.role) if view.role else view.role
        show(feed, replace(view, role=role, author=None, at=view.at + 3_600_000))

    _show_with(wrong)


# --- what nobody would notice in time -------------------------------------------------------------------------------


def no_probe() -> None:
    """A subscriber that hears nothing is taken for one that does."""
    from storage.redis.subscriber import Echo, Subscriber

    listened = Subscriber._next_echo

    async def heard(self: Subscriber, wire: Any) -> Echo:
        await listened(self, wire)
        return Echo.HEARD

    Subscriber._next_echo = heard  # type: ignore[method-assign]


def no_drain() -> None:
    """Told to stop, it is gone at once."""
    from gateway.socket.server import Gateway

    async def gone(self: Gateway) -> None:
        os._exit(0)

    Gateway._drain = gone  # type: ignore[method-assign]


def no_end_of_patience() -> None:
    """Peers that fell silent are kept for ever."""
    from chat.protocol.session import Session

    def never(*_: object) -> None:
        return None

    Session.overdue = never  # type: ignore[assignment]


Show: TypeAlias = "Callable[[Feed, MessageView], None]"


def _show_with(shown: Callable[[Feed, MessageView, Show], None]) -> None:
    """Let feeds show live messages in this way."""
    from gateway.socket import feed

    show = feed.Feed._show_view
    feed.Feed._show_view = lambda self, view: shown(self, view, show)  # type: ignore[method-assign]


def _compose(delivery: Callable[..., Delivery]) -> None:
    """Let the composition root, which is not imported yet, make this one."""
    pipeline.Delivery = delivery  # type: ignore[misc, assignment]


MECHANISMS: dict[str, Callable[[], None]] = {
    "acknowledge before the commit": acknowledge_before_the_commit,
    "publish before the store": publish_before_the_store,
    "no seeding from the record": no_seeding_from_the_record,
    "no end from the record": no_end_from_the_record,
    "no position check": no_position_check,
    "no memory of client ids": no_memory_of_client_ids,
    "no voids": no_voids,
    "each message sent twice": each_message_sent_twice,
    "each tenth message unsent": each_tenth_message_unsent,
    "half of what was missed": half_of_what_was_missed,
    "shown under another name": shown_under_another_name,
    "no probe": no_probe,
    "no drain": no_drain,
    "no end of patience": no_end_of_patience,
}
