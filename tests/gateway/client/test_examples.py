"""The client's documentation, word for word."""

from __future__ import annotations

import asyncio
import inspect

import pytest

import gateway.client
from chat.protocol.frames import Message, ServerFrame
from tests.gateway.house import House
from tests.gateway.waiting import until


@pytest.mark.stores
async def test_the_examples_of_the_module_work_as_they_stand(house: House) -> None:
    running = await house.gateway()
    example = inspect.getdoc(gateway.client)
    assert example is not None
    lines = [line for line in example.splitlines() if line.startswith("    ")]
    source = "async def example(gateway_url):\n" + "\n".join("    " + line[4:] for line in lines)
    heard: list[ServerFrame] = []
    names = {"visitor": lambda url, site: house.visitor(running, site=house.site.id), "heard": heard}
    exec(source.replace("...", "heard.append(frame)"), names)  # the documentation, word for word
    task = asyncio.create_task(names["example"](running.url))  # type: ignore[operator]
    await until(lambda: any(isinstance(frame, Message) for frame in heard))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
