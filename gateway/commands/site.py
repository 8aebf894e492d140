"""``aican site``: where the widget may stand, and what it says there."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import click

from chat.accounts.embedding import Change, Embedding, checked_origin
from chat.conversations.greetings import greeting as greeted
from chat.conversations.known_sites import SITE_S
from chat.errors import Invalid, NotFound
from chat.ids import SiteId
from chat.model import Actor, Site
from config.settings import Settings
from gateway.bootstrap import Stores
from gateway.commands.business import in_business, no_such_site, unusable


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
    _check("--origin", origins)

    async def work(settings: Settings, stores: Stores, actor: Actor) -> tuple[Settings, Site]:
        return settings, await _embedding(settings, stores).add(actor, name, origins)

    settings, site = in_business(work)
    print(f"Paste this into every page of {', '.join(site.origins)}:\n")
    print(f"  {snippet(settings.public_url, site)}\n")
    print(site.id)


@command.command("set", no_args_is_help=True)
@click.argument("key")
@click.option("--name", help="What visitors see at the top of the chat.")
@click.option("--greeting", help='What the chat begins with, for every reader. "": Aican\'s own, in their language.')
@click.option("--greeting-zh", help='What it begins with for Chinese readers. "": the same as for everybody.')
@click.option("--add-origin", "added", multiple=True, help="Where more of its pages are, such as https://shop.example.")
@click.option("--remove-origin", "removed", multiple=True, help="Where the chat may stand no longer.")
def set_(
    key: str,
    name: str | None,
    greeting: str | None,
    greeting_zh: str | None,
    added: tuple[str, ...],
    removed: tuple[str, ...],
) -> None:
    """Change the site with this KEY; what is not given stays. Prints the site as it is now."""
    _check("--add-origin", added)
    _check("--remove-origin", removed)
    change = Change(name, greeting, greeting_zh, added, removed)
    if change == Change():
        raise click.UsageError("Nothing to change was given.")

    async def work(settings: Settings, stores: Stores, actor: Actor) -> Site:
        try:
            return await _embedding(settings, stores).change(actor, SiteId(key), change)
        except NotFound:
            raise no_such_site(key, await stores.sites.of(actor.workspace)) from None

    print(_shown(in_business(work)))
    print(f"\nVisitors who open the chat see it within {SITE_S:.0f} seconds.")


@command.command("list")
def list_() -> None:
    """Show every site: its key, what visitors see, and where the widget may stand."""

    async def work(settings: Settings, stores: Stores, actor: Actor) -> Sequence[Site]:
        return await stores.sites.of(actor.workspace)

    print("\n\n".join(map(_shown, in_business(work))) or "There is none yet: `aican site create` makes one.")


def _embedding(settings: Settings, stores: Stores) -> Embedding:
    return Embedding(stores.sites, stores.clock, settings.public_url)


def _check(option: str, origins: Sequence[str]) -> None:
    for origin in origins:
        try:
            checked_origin(origin)
        except Invalid as error:
            raise unusable(f"{option} {origin!r}", error) from None


def _shown(site: Site) -> str:
    """The site in a few lines, its key first; of greetings that nobody wrote, the ones that visitors read."""
    lines = [
        f"{site.id}  {site.name}",
        *(f"  origin       {origin}" for origin in site.origins),
        f"  greeting     {greeted(site, 'en')}",
        f"  greeting-zh  {greeted(site, 'zh')}",
    ]
    if site.damaged:
        lines.append(f"  damaged      {', '.join(site.damaged)}: set what it should be")
    return "\n".join(lines)


def snippet(public_url: str, site: Site) -> str:
    """The one line that a customer pastes."""
    address = escape(f"{public_url.rstrip('/')}/widget.js")
    return f'<script async src="{address}" data-site="{escape(site.id)}"></script>'
