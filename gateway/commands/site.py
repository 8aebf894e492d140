"""``aican site``: where the widget may stand."""

from __future__ import annotations

from html import escape

import click

from chat.accounts.embedding import Embedding, checked_origin
from chat.errors import Invalid
from chat.model import Actor, Site
from config.settings import Settings
from gateway.bootstrap import Stores
from gateway.commands.business import in_business, unusable


@click.group("site")
def command() -> None:
    """Sites on whose pages the widget may stand; each has a key, which its snippet names."""


@command.command("create")
@click.option("--name", required=True, help="What visitors see at the top of the chat.")
@click.option(
    "--origin", "origins", required=True, multiple=True, help="Where its pages are, such as https://shop.example."
)
def create(name: str, origins: tuple[str, ...]) -> None:
    """Make a site. Prints the line to paste into its pages, then, alone on the last line, the site's key."""

    for origin in origins:
        _check(origin)

    async def work(settings: Settings, stores: Stores, actor: Actor) -> tuple[Settings, Site]:
        return settings, await Embedding(stores.sites, stores.clock, settings.public_url).add(actor, name, origins)

    settings, site = in_business(work)
    print(f"Paste this into every page of {', '.join(site.origins)}:\n")
    print(f"  {snippet(settings.public_url, site)}\n")
    print(site.id)


def _check(origin: str) -> None:
    try:
        checked_origin(origin)
    except Invalid as error:
        raise unusable(f"--origin {origin!r}", error) from None


def snippet(public_url: str, site: Site) -> str:
    """The one line that a customer pastes."""
    address = escape(f"{public_url.rstrip('/')}/widget.js")
    return f'<script async src="{address}" data-site="{escape(site.id)}"></script>'
