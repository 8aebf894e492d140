"""The doors to businesses and the places where their widget stands."""

from __future__ import annotations

from typing import Protocol

from chat.ids import SiteId, WorkspaceId
from chat.model import Site, Workspace


class Workspaces(Protocol):
    """Businesses on this install."""

    async def get(self, workspace: WorkspaceId) -> Workspace | None:
        """The workspace with this id, None when there is none."""
        ...

    async def first(self) -> Workspace | None:
        """The one that was created first: commands without a named workspace mean it. None on an empty install."""
        ...

    async def add(self, workspace: Workspace) -> None:
        """Keep it unless its id is there already; what is there is never replaced."""
        ...

    async def save(self, workspace: Workspace) -> None:
        """Replace it whole; of two at once the later one stays. Raises NotFound when there is no such workspace."""
        ...


class Sites(Protocol):
    """Where widgets may be embedded."""

    async def get(self, site: SiteId) -> Site | None:
        """The site with this key, of whatever workspace, None when there is none."""
        ...

    async def of(self, workspace: WorkspaceId) -> list[Site]:
        """All of the workspace, in order of creation."""
        ...

    async def add(self, site: Site) -> None:
        """Keep it unless its key is there already; what is there is never replaced."""
        ...

    async def save(self, site: Site) -> None:
        """Replace it whole; of two at once the later one stays. Raises NotFound when there is no such site."""
        ...
