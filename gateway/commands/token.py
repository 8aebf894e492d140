"""``aican token``: bearer tokens for the REST interface."""

from __future__ import annotations

import click

from chat.accounts.bearers import MAX_DAYS, Bearers
from chat.model import Actor
from config.settings import Settings
from gateway.bootstrap import Stores
from gateway.commands.business import in_business


@click.group("token")
def command() -> None:
    """Bearer tokens, with which programs read transcripts over REST. Who holds one reads the whole workspace's."""


@command.command("create")
@click.option("--name", default="export", show_default=True, help="What it is for.")
@click.option("--expires-days", type=click.IntRange(1, MAX_DAYS), help="How long it is good for; no end unless given.")
def create(name: str, expires_days: int | None) -> None:
    """Make a token that reads transcripts. It is shown once, alone on the last line, and kept only as a hash."""

    async def work(settings: Settings, stores: Stores, actor: Actor) -> str:
        return await Bearers(stores.api_tokens, stores.clock).create(actor, name, expires_days=expires_days)

    print(in_business(work))
