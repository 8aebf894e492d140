"""Number → seal → store → publish, on the real stores: once, in order, and nothing half."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
import redis as redis_client
from msgspec.structs import replace
from pymongo import MongoClient

from chat.budgets.rates import CONVERSATION, MESSAGES
from chat.clock import new_id
from chat.ids import ClientId, Seq, SubjectId
from chat.model import Actor, Admitted, Conversation, Draft, Kind, Numbered, Refusal, Role, State, Stored
from chat.protocol.catalogue import ENDED, LIMITED, UNAVAILABLE, UNKNOWN, Then
from chat.protocol.facts import MessageStored, conversation_topic, workspace_topic
from storage.mongo import client as mongo
from tests.chat.house import House, mongodb_away, redis_away

pytestmark = pytest.mark.stores


def seqs(outcomes: list[Stored | Refusal]) -> list[int]:
    """The numbers of what was stored; fails for what was not."""
    found = []
    for outcome in outcomes:
        assert isinstance(outcome, Stored), outcome
        found.append(int(outcome.sealed.seq))
    return found


def forget_everything(redis_url: str) -> None:
    """As a Redis does that lost its memory."""
    with redis_client.Redis.from_url(redis_url) as client:
        client.flushall()


# --- in order --------------------------------------------------------------------------------------------------------


async def test_messages_are_numbered_from_one_and_kept_sealed(house: House) -> None:
    conversation = await house.begun()
    outcomes = [await house.say(conversation, text) for text in ("one", "two", "three")]
    assert seqs(outcomes) == [1, 2, 3]
    assert await house.texts(conversation) == ["one", "two", "three"]
    kept = await house.stores.messages.after(conversation.id, Seq(0), limit=9)
    assert not [sealed for sealed in kept if b"three" in sealed.blob]


async def test_of_many_at_once_every_one_has_a_place_and_no_place_is_empty(house: House) -> None:
    conversation, agent = await house.begun(), house.an_agent()
    texts = [f"message {number}" for number in range(20)]
    outcomes = await asyncio.gather(*(house.say(conversation, text, author=agent) for text in texts))
    assert sorted(seqs(list(outcomes))) == list(range(1, 21))
    said = await house.texts(conversation)
    assert [said[seq - 1] for seq in seqs(list(outcomes))] == texts


async def test_it_is_published_to_its_followers_and_to_the_queue_while_it_waits(house: House) -> None:
    conversation = await house.begun()
    topics = [conversation_topic(conversation.id), workspace_topic(house.workspace)]
    async with house.listening(topics) as gateway:
        stored = await house.say(conversation, "hello")
        assert isinstance(stored, Stored)
        assert await gateway.hear(2) == [(topic, MessageStored(stored.sealed)) for topic in topics]
        claimed = await house.service.claim(house.an_agent(), conversation.id, "Ada")
        assert not isinstance(claimed, Refusal)
        await gateway.hear(3)  # the change, twice, and «joined»
        later = await house.say(claimed, "more")
        again = await house.say(claimed, "even more")
        assert isinstance(later, Stored)
        assert isinstance(again, Stored)
        assert await gateway.hear(2) == [(topics[0], MessageStored(each.sealed)) for each in (later, again)]


# --- once ------------------------------------------------------------------------------------------------------------


async def test_the_same_client_id_again_is_answered_with_the_first_number_and_kept_once(house: House) -> None:
    conversation, client_id = await house.begun(), new_id(house.clock)
    first = await house.say(conversation, "hello", client_id=client_id)
    await house.say(conversation, "something else")
    house.clock.advance(5)
    again = await house.say(conversation, "hello, changed on the way", client_id=client_id)
    assert isinstance(first, Stored)
    assert isinstance(again, Stored)
    assert (first.first, again.first) == (True, False)
    assert again.sealed == first.sealed
    assert await house.texts(conversation) == ["hello", "something else"]


async def test_a_repetition_is_published_again_for_whoever_missed_it(house: House) -> None:
    conversation, client_id = await house.begun(), new_id(house.clock)
    first = await house.say(conversation, "hello", client_id=client_id)
    assert isinstance(first, Stored)
    topic = conversation_topic(conversation.id)
    async with house.listening([topic]) as gateway:
        await house.say(conversation, "hello", client_id=client_id)
        assert await gateway.hear(1) == [(topic, MessageStored(first.sealed))]


async def test_one_message_sent_over_many_connections_at_once_is_kept_once(house: House) -> None:
    conversation, client_id = await house.begun(), new_id(house.clock)
    outcomes = await asyncio.gather(*(house.say(conversation, "hello", client_id=client_id) for _ in range(5)))
    assert seqs(list(outcomes)) == [1] * 5
    assert await house.texts(conversation) == ["hello"]


async def test_a_repetition_is_known_after_redis_lost_its_memory(house: House, redis_url: str) -> None:
    conversation, client_id = await house.begun(), new_id(house.clock)
    await house.say(conversation, "first")
    await house.say(conversation, "hello", client_id=client_id)
    forget_everything(redis_url)
    again = await house.say(conversation, "hello", client_id=client_id)
    assert seqs([again]) == [2]
    assert await house.texts(conversation) == ["first", "hello"]


# --- a number that is taken ------------------------------------------------------------------------------------------


async def test_a_taken_number_is_given_up_and_the_message_sealed_again_under_its_new_one(house: House) -> None:
    conversation = await house.begun()
    system = Actor.system(house.workspace)
    for seq in (1, 2):
        void = Draft(system, conversation.id, ClientId(new_id(house.clock)), Kind.VOID, "", house.clock.now_ms())
        sealed = await house.stores.sealer.seal(conversation, Numbered(Admitted(void), Seq(seq)))
        await house.stores.messages.append(sealed)
    client_id = new_id(house.clock)
    stored = await house.say(conversation, "hello", client_id=client_id)
    assert isinstance(stored, Stored)
    assert stored.sealed.seq == 3
    assert (await house.stores.sealer.open(conversation, stored.sealed)).body == "hello"
    assert seqs([await house.say(conversation, "hello", client_id=client_id)]) == [3]
    assert await house.texts(conversation) == ["", "", "hello"]


async def test_after_redis_lost_its_memory_numbers_go_on_above_the_record(house: House, redis_url: str) -> None:
    conversation, agent = await house.begun(), house.an_agent()
    before = [f"before {number}" for number in range(12)]  # more than it may try one by one
    for text in before:
        await house.say(conversation, text, author=agent)
    forget_everything(redis_url)
    assert seqs([await house.say(conversation, "alone", author=agent)]) == [13]
    forget_everything(redis_url)
    outcomes = await asyncio.gather(*(house.say(conversation, f"{n}", author=agent) for n in range(10)))
    assert sorted(seqs(list(outcomes))) == list(range(14, 24))
    assert (await house.texts(conversation))[:13] == [*before, "alone"]
    assert len(await house.texts(conversation)) == 23


async def test_who_was_told_less_than_the_record_holds_is_put_above_it_after_redis_lost_its_memory(
    house: House, redis_url: str
) -> None:
    conversation = await house.begun()
    for text in ("one", "two", "three"):
        await house.say(conversation, text)
    for floor, expected in ((1, 4), (4, 5), (0, 6)):
        forget_everything(redis_url)
        assert seqs([await house.say(conversation, f"{expected}", floor=floor)]) == [expected]


class SameNumber:
    """A numbering store that gives everybody the same place."""

    def __init__(self) -> None:
        self.asked = 0

    async def number(self, message: Admitted, **_: Any) -> Numbered:
        self.asked += 1
        return Numbered(message, Seq(1))

    async def resume(self, *_: Any, **__: Any) -> None:
        return None


async def test_a_numbering_store_that_never_agrees_is_given_up(house: House) -> None:
    conversation, numbers = await house.begun(), SameNumber()
    await house.say(conversation, "hello")
    delivery = house.delivery_over(numbers=numbers)
    assert await delivery.deliver(conversation, house.draft(conversation, "me too"), floor=Seq(0)) is UNAVAILABLE
    assert 1 < numbers.asked <= 10
    assert await house.texts(conversation) == ["hello"]


# --- refused ---------------------------------------------------------------------------------------------------------


async def test_who_writes_faster_than_their_rate_is_told_when_it_fits_and_nothing_is_kept(house: House) -> None:
    conversation, rate = await house.begun(), MESSAGES[Role.VISITOR]
    outcomes = await asyncio.gather(*(house.say(conversation, f"{n}") for n in range(rate.burst + 2)))
    refused = [outcome for outcome in outcomes if isinstance(outcome, Refusal)]
    assert len(refused) == 2
    for refusal in refused:
        assert (refusal.code, refusal.then) == (LIMITED.code, Then.RETRY)
        assert refusal.retry_after_ms is not None
        assert 0 < refusal.retry_after_ms <= rate.period_ms
    assert len(await house.texts(conversation)) == rate.burst


async def test_a_repetition_costs_no_budget(house: House) -> None:
    conversation, client_id = await house.begun(), new_id(house.clock)
    for _ in range(MESSAGES[Role.VISITOR].burst * 3):
        assert seqs([await house.say(conversation, "hello", client_id=client_id)]) == [1]


async def test_everybody_together_has_a_budget_in_a_conversation_that_facts_do_not_spend(house: House) -> None:
    conversation = await house.begun()
    agents = [house.an_agent() for _ in range(4)]
    outcomes = await asyncio.gather(
        *(house.say(conversation, f"{n}", author=agents[n % 4]) for n in range(CONVERSATION.burst + 20))
    )
    stored = [outcome for outcome in outcomes if isinstance(outcome, Stored)]
    assert CONVERSATION.burst <= len(stored) < CONVERSATION.burst + 20
    assert not isinstance(await house.service.claim(agents[0], conversation.id, "Ada"), Refusal)
    assert (await house.record(conversation))[-1].kind is Kind.JOINED


async def test_an_ended_conversation_refuses_the_new_and_answers_the_old(house: House) -> None:
    conversation, client_id = await house.begun(), new_id(house.clock)
    said = await house.say(conversation, "hello", client_id=client_id)
    ended = await house.service.end(house.visitor, conversation.id)
    assert not isinstance(ended, Refusal)
    for known in (conversation, ended):  # whether or not this gateway has heard of it
        assert await house.say(known, "one more thing") is ENDED
        assert seqs([await house.say(known, "hello", client_id=client_id)]) == seqs([said])
    assert [message.kind for message in await house.record(ended)] == [Kind.TEXT, Kind.ENDED]


async def test_an_ended_conversation_answers_the_old_after_redis_lost_its_memory(house: House, redis_url: str) -> None:
    conversation, client_id = await house.begun(), new_id(house.clock)
    said = await house.say(conversation, "hello", client_id=client_id)
    await house.service.end(house.visitor, conversation.id)
    forget_everything(redis_url)
    await house.stores.numbers.resume(conversation.id, highest=Seq(2), ended=True)
    assert await house.say(conversation, "one more thing") is ENDED
    assert seqs([await house.say(conversation, "hello", client_id=client_id)]) == seqs([said])


async def test_an_ended_conversation_takes_nothing_new_after_redis_lost_its_memory(
    house: House, redis_url: str
) -> None:
    conversation = await house.begun()
    await house.say(conversation, "hello")
    ended = await house.service.end(house.visitor, conversation.id)
    assert isinstance(ended, Conversation)
    forget_everything(redis_url)
    assert await house.say(ended, "one more thing") is ENDED
    assert await house.texts(ended) == ["hello", ""]


class Memory:
    """What Redis remembers at a moment, so that an older copy can take over later."""

    def __init__(self, redis_url: str) -> None:
        self._url = redis_url
        with redis_client.Redis.from_url(redis_url) as client:
            self._held = {key: client.dump(key) for key in client.keys("*")}

    def take_over(self) -> None:
        with redis_client.Redis.from_url(self._url) as client:
            client.flushall()
            for key, value in self._held.items():
                client.restore(key, 0, value)


@pytest.mark.parametrize("lost", ["all", "the end", "the end and a message"])
@pytest.mark.parametrize("floor", [1, 2, 3, 4], ids="knows {}".format)
async def test_nothing_is_said_after_the_end_when_redis_forgot_it_and_the_gateway_never_heard_of_it(
    house: House, redis_url: str, lost: str, floor: int
) -> None:
    """Its bus is mute: it holds the conversation as it was, and as much of the messages as it was shown."""
    stale, memories = await house.begun(), []
    for text in ("one", "two", "three"):
        memories.append(Memory(redis_url))
        await house.say(stale, text)
    memories.append(Memory(redis_url))
    assert isinstance(await house.service.end(house.visitor, stale.id), Conversation)
    if lost == "all":
        forget_everything(redis_url)
    else:
        memories[-1 if lost == "the end" else -2].take_over()
    assert await house.say(stale, "one more thing", floor=floor) is ENDED
    assert await house.say(stale, "and another", floor=floor) is ENDED
    assert [message.kind for message in await house.record(stale)] == [*[Kind.TEXT] * 3, Kind.ENDED]


async def test_of_many_that_are_said_at_once_none_comes_after_the_end_that_redis_forgot(
    house: House, redis_url: str
) -> None:
    stale, agent = await house.begun(), house.an_agent()
    for text in ("one", "two"):
        await house.say(stale, text)
    assert isinstance(await house.service.end(house.visitor, stale.id), Conversation)
    forget_everything(redis_url)
    texts = [house.say(stale, f"{number}", floor=1, author=agent) for number in range(8)]
    assert list(await asyncio.gather(*texts)) == [ENDED] * 8
    assert (await house.record(stale))[-1].kind is Kind.ENDED


async def test_an_end_that_the_numbering_was_told_of_before_its_message_came_is_told_all_the_same(
    house: House, redis_url: str
) -> None:
    """The gateway that ended it died over the message, Redis forgot, and another gateway told it where things stand."""
    conversation = await house.begun()
    await house.say(conversation, "hello")
    ended = replace(conversation, state=State.ENDED, ended_at=house.clock.now_ms(), revision=2)
    assert await house.stores.conversations.save(ended, expecting=1)
    forget_everything(redis_url)
    assert await house.delivery.reseed(conversation.id) == (1, True)
    assert await house.say(conversation, "too late", floor=1) is ENDED
    await house.service.retell(ended, "")
    assert [message.kind for message in await house.record(ended)] == [Kind.TEXT, Kind.ENDED]
    assert isinstance(await house.service.end(house.visitor, conversation.id), Conversation)
    assert len(await house.record(ended)) == 2


async def test_the_end_is_never_put_under_a_number_that_a_crash_left_open_below_others(
    house: House, redis_url: str
) -> None:
    conversation = await house.begun()
    await house.say(conversation, "one")
    older = Memory(redis_url)
    for seq in (3, 4):  # number 2 was lost
        draft = house.draft(conversation, f"{seq}")
        await house.stores.messages.append(await house.stores.sealer.seal(conversation, Numbered(draft, Seq(seq))))
    older.take_over()
    ended = await house.service.end(house.visitor, conversation.id)
    assert isinstance(ended, Conversation)
    assert [(message.seq, message.kind) for message in await house.record(ended)][-1] == (5, Kind.ENDED)
    assert await house.say(conversation, "too late", floor=4) is ENDED


async def test_where_the_person_s_key_was_destroyed_the_sender_is_told_to_stop(house: House, mongodb_url: str) -> None:
    conversation = await house.begun()
    await house.say(conversation, "hello")
    with MongoClient[dict[str, object]](mongodb_url) as client:
        client.get_default_database()["person_keys"].delete_many({})
    assert conversation.visitor is not None
    house.stores.keys.cache.forget(SubjectId(conversation.visitor))
    refusal = await house.say(conversation, "is anybody there?")
    assert refusal is UNKNOWN
    assert refusal.then is Then.STOP


# --- away ------------------------------------------------------------------------------------------------------------


async def test_while_redis_is_away_nothing_is_kept_and_the_sender_is_told(house: House, tmp_path: Path) -> None:
    conversation, client_id = await house.begun(), new_id(house.clock)
    async with redis_away(tmp_path) as (numbers, bus):
        delivery = house.delivery_over(numbers=numbers, bus=bus)
        draft = house.draft(conversation, "hello", client_id=client_id)
        assert await delivery.deliver(conversation, draft, floor=Seq(0)) is UNAVAILABLE
    assert UNAVAILABLE.then is Then.RETRY
    assert await house.texts(conversation) == []
    assert seqs([await house.say(conversation, "hello", client_id=client_id)]) == [1]


async def test_while_mongodb_is_away_nothing_is_kept_and_the_number_waits_for_the_retry(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mongo, "_FIND_SERVER_MS", 100)
    conversation, client_id = await house.begun(), new_id(house.clock)
    async with mongodb_away(tmp_path) as messages:
        delivery = house.delivery_over(messages=messages)
        draft = house.draft(conversation, "hello", client_id=client_id)
        assert await delivery.deliver(conversation, draft, floor=Seq(0)) is UNAVAILABLE
    assert await house.texts(conversation) == []
    assert seqs([await house.say(conversation, "another")]) == [2]
    assert seqs([await house.say(conversation, "hello", client_id=client_id)]) == [1]
    assert await house.texts(conversation) == ["hello", "another"]


async def test_what_was_stored_but_not_published_is_not_acknowledged_and_the_retry_publishes(
    house: House, tmp_path: Path
) -> None:
    conversation, client_id = await house.begun(), new_id(house.clock)
    draft = house.draft(conversation, "hello", client_id=client_id)
    topic = conversation_topic(conversation.id)
    async with house.listening([topic]) as gateway:
        async with redis_away(tmp_path) as (_, bus):
            delivery = house.delivery_over(bus=bus)
            assert await delivery.deliver(conversation, draft, floor=Seq(0)) is UNAVAILABLE
        assert await house.texts(conversation) == ["hello"]
        stored = await house.delivery.deliver(conversation, draft, floor=Seq(0))
        assert isinstance(stored, Stored)
        assert (stored.first, stored.sealed.seq) == (False, 1)
        assert await gateway.hear(1) == [(topic, MessageStored(stored.sealed))]
