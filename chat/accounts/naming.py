"""What a business calls itself: in the console, and in the policy that visitors read."""

from __future__ import annotations

from msgspec.structs import replace

from chat.accounts.forms import checked_name
from chat.errors import Forbidden, NotFound
from chat.model import AccountRole, Actor, Role, Workspace
from chat.ports import Workspaces


async def rename(workspaces: Workspaces, actor: Actor, name: str) -> Workspace:
    """The actor's workspace under its new name. Raises Forbidden unless the actor is an owner or the system; Invalid
    on ``name``; NotFound when the workspace is gone."""
    if actor.role is not Role.SYSTEM and actor.account_role is not AccountRole.OWNER:
        raise Forbidden("renaming the business takes an owner")
    workspace = await workspaces.get(actor.workspace)
    if workspace is None:
        raise NotFound("there is no such workspace")
    renamed = replace(workspace, name=checked_name(name))
    await workspaces.save(renamed)
    return renamed
