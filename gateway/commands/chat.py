"""``aican chat``: a visitor in the terminal, on the public client."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import threading
from collections.abc import AsyncIterator
from io import TextIOWrapper
from uuid import UUID

import click

from chat.errors import OperatorError
from chat.protocol.catalogue import ENDED
from chat.protocol.frames import Attendance, Done, End, Kind, Mark, Message, MessageView, Page, Role, Welcome
from config.settings import load
from config.values import gateway_url
from gateway.client import Client, Closed, NotCarriedOut, TooLong, visitor

CONNECT_S = 10.0
HELP = "Write a line and press Enter to send it. /end ends the conversation; Ctrl-D or Ctrl-C leaves it open."


@click.command("chat")
@click.option("--site", required=True, help="The site's key: data-site in its snippet.")
@click.option("--url", help="The gateway's address, such as ws://localhost:8001. Default: AICAN_GATEWAY_URL.")
@click.option("--token", help="Come back as an earlier visitor: what an earlier run printed when it ended.")
def command(site: str, url: str | None, token: str | None) -> None:
    """Talk to a site's agents as a visitor, from this terminal."""
    address = load().gateway_url if url is None else _checked(url)
    try:
        asyncio.run(_chat(site, address, token))
    except KeyboardInterrupt:
        click.echo()
    except Closed as closed:
        why = str(closed).rstrip(".")
        raise OperatorError(f"The gateway hung up: {why}.", "Check --site, --url and --token.") from None


def _checked(url: str) -> str:
    try:
        return gateway_url(url)
    except ValueError as error:
        raise OperatorError(f"--url {error}.", "Give the gateway's address, such as ws://localhost:8001.") from None


async def _chat(site: str, url: str, token: str | None) -> None:
    client = visitor(url, site, page=Page(title="aican chat"), token=token)
    try:
        async with asyncio.timeout(CONNECT_S):
            await client.__aenter__()
    except TimeoutError:
        await client.close()
        raise OperatorError(f"No gateway answers at {url}.", "Start one with `aican up`, or pass --url.") from None
    try:
        _greet(client)
        tasks = [asyncio.create_task(_show(client)), asyncio.create_task(_write(client))]
        done, running = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in running:
            task.cancel()
        for task in done:
            task.result()  # what went wrong in it goes wrong here
    finally:
        await client.close()
    click.echo(f"To come back: --token {client.token}", err=True)


def _greet(client: Client) -> None:
    assert isinstance(client.welcome, Welcome)
    site = client.welcome.site
    click.echo(click.style(f"{site.name}: {site.greeting}", bold=True))
    click.echo(f"By writing you accept {site.policy_url}", err=True)
    if not client.welcome.attended:
        click.echo("Nobody is there at this moment; what you write is answered later.", err=True)
    click.echo(HELP, err=True)


async def _write(client: Client) -> None:
    async for line in _lines():
        if line.strip() == "/end":
            if await _end(client):
                return
        elif line.strip():
            await _post(client, line)


async def _end(client: Client) -> bool:
    try:
        return isinstance(await client.ask(End(0, client.conversation)), Done)
    except NotCarriedOut as refusal:
        _complain(refusal.refused.text)
    except (TimeoutError, ConnectionError):
        _complain("The gateway does not answer at this moment; try again.")
    return False


async def _post(client: Client, text: str) -> None:
    try:
        await client.post(client.conversation, text)
    except NotCarriedOut as refusal:
        _complain(refusal.refused.text)
        if refusal.refused.code == ENDED.code:
            client.conversation = UUID(refusal.refused.detail)
    except TooLong as error:
        _complain(str(error))


def _complain(text: str) -> None:
    click.echo(click.style(text, fg="red"), err=True)


async def _lines() -> AsyncIterator[str]:
    """Lines of standard input. Read by a daemon thread: no other way waits for a terminal, a pipe and a file alike
    and still lets the process end while it waits."""
    loop = asyncio.get_running_loop()
    lines: asyncio.Queue[str] = asyncio.Queue()

    if isinstance(sys.stdin, TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")  # what is no text is shown as such, and ends nothing

    def read() -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended
            for line in sys.stdin or ():  # none where it was closed
                loop.call_soon_threadsafe(lines.put_nowait, line)
            loop.call_soon_threadsafe(lines.put_nowait, "")

    threading.Thread(target=read, daemon=True).start()
    while line := await lines.get():
        yield line.rstrip("\n")


async def _show(client: Client) -> None:
    async for frame in client:
        if isinstance(frame, Message):
            _show_message(frame.message)
            if frame.message.seq:
                await client.tell(Mark(0, frame.conversation, frame.message.seq, frame.message.seq))
        elif isinstance(frame, Attendance):
            click.echo("Somebody is there now." if frame.attended else "Nobody is there at this moment.", err=True)


def _show_message(message: MessageView) -> None:
    if message.kind is Kind.JOINED:
        click.echo(click.style(f"— {message.body} joined", dim=True))
    elif message.kind is Kind.ENDED:
        click.echo(click.style("— the conversation has ended", dim=True))
    elif message.kind is Kind.UNREADABLE:
        click.echo(click.style("— a message cannot be shown: its record was altered", dim=True))
    elif message.kind is Kind.TEXT and message.role is not Role.VISITOR:
        click.echo(click.style("> ", fg="cyan") + message.body)
