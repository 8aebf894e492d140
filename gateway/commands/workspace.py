"""``aican workspace``: the business itself."""

from __future__ import annotations

import click

from chat.accounts.naming import rename
from chat.model import Actor
from config.settings import Settings
from gateway.bootstrap import Stores
from gateway.commands.business import in_business


@click.group("workspace")
def command() -> None:
    """The business that this install serves, with its sites, its people and its conversations."""


@command.command("set")
@click.option("--name", required=True, help="What the console and the privacy policy call it.")
def set_(name: str) -> None:
    """Change what the business is called. The name above the chat is the site's: `aican site set KEY --name …`."""

    async def work(settings: Settings, stores: Stores, actor: Actor) -> str:
        return (await rename(stores.workspaces, actor, name)).name

    print(in_business(work))
