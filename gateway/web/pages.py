"""Pages for people, and the shells that the front end runs in."""

from __future__ import annotations

import json
import re

from starlette.requests import Request
from starlette.responses import Response

from chat.errors import NotFound
from chat.ids import SiteId
from chat.model import Site
from gateway.web.address import Address, origin_of
from gateway.web.answers import Failure, answer
from gateway.web.front_end import LAUNCHER, FrontEnd, NotBuilt
from gateway.web.languages import preferred
from gateway.web.parts import WebParts
from gateway.web.rendering import FOLDER, page
from gateway.web.requests import query

_FOR_EVER = "public, max-age=31536000, immutable"
_LAUNCHER_CACHE = "public, max-age=300"
"""Customers paste the launcher's address once; a new build reaches their visitors within five minutes."""
_ORIGIN = re.compile(r"https?://[a-z0-9.\-]+(?::\d+)?")
"""What may stand in a policy's list of sources: nothing that could end the list, and no IPv6 address, for which the
list has no form (CSP level 3, host-source)."""

_WHY_POLICY = (
    "default-src 'none'; script-src 'self'; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'"
)
"""Without frame-ancestors: even a page from a file, which no list of origins can name, is told why."""


class Pages:
    """``/``, ``/demo``, ``/panel``, ``/panel/why``, ``/console``, ``/policy``, and the front end's files."""

    def __init__(self, parts: WebParts, address: Address) -> None:
        self._sites = parts.sites
        self._workspaces = parts.workspaces
        self._gateway_url = parts.gateway_url
        self._address = address
        self._front_end = FrontEnd(parts.front_end)

    async def landing(self, request: Request) -> Response:
        """What stands at ``/``: the same for everybody, and it asks no store."""
        return await page("landing.html", {})

    async def demo(self, request: Request) -> Response:
        """A shop's page that embeds the chat of the install's first site. Raises NotFound while there is none."""
        site = await self._first_site()
        values = {"site_key": str(site.id), "widget_url": f"{self._address.url}/{LAUNCHER}"}
        return await page("demo.html", values, policy=self._demo_policy())

    async def panel(self, request: Request) -> Response:
        """The chat's own frame. Browsers show it only where the site's list allows it."""
        site = await self._site(request)
        origins = self._embedders(site)
        about = {"site": str(site.id), "policy": site.policy_url, "embedders": json.dumps(origins)}
        values = self._shell("panel") | about
        policy = self._application_policy(f"'self' {' '.join(origins)}")
        # Pages with Cross-Origin-Embedder-Policy may embed it too; who may is decided by frame-ancestors.
        return await page("panel.html", values, policy=policy, headers={"Cross-Origin-Resource-Policy": "cross-origin"})

    async def why(self, request: Request) -> Response:
        """A page without anything to see, which tells whoever embeds it what keeps the panel from being there.

        Every page may embed it: it says nothing that ``/panel`` does not. An unknown site is an answer, no failure.
        """
        site = await self._found(query(request, known=("site",)).get("site", ""))
        origins = self._embedders(site) if site else []
        about = {"site": site.id if site else "", "embedders": json.dumps(origins)}
        return await page(
            "why.html",
            about | {"script": self._front_end.name("why.js")},
            policy=_WHY_POLICY,
            headers={"Cross-Origin-Resource-Policy": "cross-origin"},
        )

    async def console(self, request: Request) -> Response:
        """The agents' application, which no page may frame. Raises NotBuilt."""
        return await page("console.html", self._shell("console"), policy=self._application_policy("'none'"))

    async def policy(self, request: Request) -> Response:
        """What the chat records and why, in plain words: English or Chinese, by ``lang`` or the browser's wish."""
        given = query(request, known=("site", "lang"))
        site = await self._known(given.get("site", ""))
        workspace = await self._workspaces.get(site.workspace)
        language = given.get("lang") or preferred(request.headers.get("accept-language", ""))
        values = {"business": (workspace.name if workspace else "") or site.name, "site": str(site.id)}
        name = "policy.zh.html" if language == "zh" else "policy.en.html"
        return await page(name, values, headers={"Vary": "Accept-Language"})

    async def launcher(self, request: Request) -> Response:
        """The script that customers embed, for pages of any origin; 304 for a browser that has it. Raises NotBuilt."""
        headers = {"Cross-Origin-Resource-Policy": "cross-origin", "Access-Control-Allow-Origin": "*"}
        return self._file(request, LAUNCHER, {"Cache-Control": _LAUNCHER_CACHE, **headers})

    async def asset(self, request: Request) -> Response:
        """A built file, whose name changes with its content. Raises NotFound, NotBuilt."""
        return self._file(request, request.path_params["file"], {"Cache-Control": _FOR_EVER})

    async def icon(self, request: Request) -> Response:
        """The icon of every page (SVG), kept by browsers for a day."""
        icon = (FOLDER.parent / "static" / "icon.svg").read_bytes()
        return Response(icon, 200, {"Cache-Control": "public, max-age=86400"}, "image/svg+xml")

    def _file(self, request: Request, name: str, headers: dict[str, str]) -> Response:
        file = self._front_end.file(name)
        if file is None:
            raise NotFound("the front end has no such file")
        headers["ETag"] = file.etag
        if file.etag in request.headers.get("if-none-match", ""):
            return Response(None, 304, headers)
        return Response(file.content, 200, headers, file.media_type)

    def _shell(self, application: str) -> dict[str, str]:
        return {
            "gateway": self._gateway_url,
            "script": self._front_end.name(f"{application}.js"),
            "style": self._front_end.name(f"{application}.css"),
        }

    def _application_policy(self, ancestors: str) -> str:
        return (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; font-src 'self'; "
            f"connect-src 'self' {origin_of(self._gateway_url)}; base-uri 'none'; form-action 'none'; "
            f"frame-ancestors {ancestors}; require-trusted-types-for 'script'"
        )

    def _demo_policy(self) -> str:
        """A shop's page as careful shops have it: the chat needs one script and one frame, both from here."""
        own = " ".join(origin for origin in sorted(self._address.origins) if _ORIGIN.fullmatch(origin))
        return (
            f"default-src 'none'; script-src 'self' {own}; frame-src 'self' {own}; style-src 'self' 'unsafe-inline'; "
            "img-src 'self' data:; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )

    def _embedders(self, site: Site) -> list[str]:
        """Our own names first (the demo page), then the site's list."""
        allowed = [*sorted(self._address.origins), *site.origins]
        return [origin for origin in dict.fromkeys(allowed) if _ORIGIN.fullmatch(origin)]

    async def _site(self, request: Request) -> Site:
        return await self._known(query(request, known=("site",)).get("site", ""))

    async def _found(self, key: str) -> Site | None:
        return await self._sites.get(SiteId(key)) if 0 < len(key) <= 64 else None

    async def _known(self, key: str) -> Site:
        site = await self._found(key)
        if site is None:
            raise NotFound("there is no site with this key; data-site must be one that aican site create printed")
        return site

    async def _first_site(self) -> Site:
        workspace = await self._workspaces.first()
        sites = await self._sites.of(workspace.id) if workspace else []
        if not sites:
            raise NotFound("there is no site to show yet; make one: aican site create")
        return sites[0]


async def answer_not_built(request: Request, error: Exception) -> Response:
    """For Starlette's table of exception handlers: says how the front end is built."""
    message = "The front end has not been built. Run: make build"
    return await answer(request.scope, Failure(503, "not_built", message))


__all__ = ["NotBuilt", "Pages", "answer_not_built"]
