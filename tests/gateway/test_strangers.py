"""Other people's conversations."""

from __future__ import annotations

from uuid import uuid4

import pytest

from chat.protocol.catalogue import UNKNOWN
from chat.protocol.frames import Claim, End, History, Message, Role, Watch
from gateway.client import NotCarriedOut
from tests.gateway.ear import Ear
from tests.gateway.house import House

pytestmark = pytest.mark.stores


async def test_other_peoples_conversations_look_as_if_they_did_not_exist(house: House) -> None:
    gateway = await house.gateway()
    workspace, site = await house.elsewhere()
    async with (
        Ear(house.visitor(gateway)) as visitor,
        Ear(house.visitor(gateway)) as stranger,
        Ear(house.visitor(gateway, site=site.id)) as abroad,
        Ear(await house.agent(gateway)) as agent,
    ):
        here, there = visitor.client.conversation, abroad.client.conversation
        await visitor.client.post(here, "mine")
        await abroad.client.post(there, "elsewhere")
        assert workspace.id != house.workspace.id
        for client, conversation in ((stranger.client, here), (agent.client, there), (agent.client, uuid4())):
            for frame in (End(0, conversation), History(0, conversation, 10)):
                with pytest.raises(NotCarriedOut) as refused:
                    await client.ask(frame)
                assert refused.value.refused.code == UNKNOWN.code
            with pytest.raises(NotCarriedOut) as refused:
                await client.post(conversation, "let me in")
            assert refused.value.refused.code == UNKNOWN.code
        for question in (Watch(0, there, 0), Claim(0, there)):
            with pytest.raises(NotCarriedOut) as refused:
                await agent.client.ask(question)
            assert refused.value.refused.code == UNKNOWN.code
        assert [message.role for message in await house.record(here)] == [Role.VISITOR]
        assert agent.listed(there) is None
        assert stranger.all(Message) == []
