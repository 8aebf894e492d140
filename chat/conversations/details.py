"""What was known of a visitor when the conversation began, sealed under the visitor's key; and how agents see it."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from chat.errors import Tampered
from chat.ids import ConversationId, SubjectId, VisitorId, WorkspaceId
from chat.model import Conversation, Page, VisitorProfile
from chat.protocol.frames import VisitorView
from chat.sealing.personal import PersonalFields
from chat.visitors.device import device


class _Details(Struct, frozen=True, array_like=True):
    """What is sealed: the page and the raw header, from which the device is read when somebody looks."""

    page: Page
    user_agent: str


class Details:
    """Seals and shows visitors' details."""

    def __init__(self, fields: PersonalFields) -> None:
        self._fields = fields

    async def seal(
        self,
        workspace: WorkspaceId,
        visitor: VisitorId,
        conversation: ConversationId,
        page: Page,
        user_agent: str,
    ) -> bytes:
        """For ``Conversation.details``; bound to the conversation too."""
        text = msgspec.json.encode(_Details(page, user_agent)).decode()
        return await self._fields.seal(workspace, SubjectId(visitor), _field(conversation), text)

    async def view(self, conversation: Conversation, profile: VisitorProfile | None) -> VisitorView:
        """The visitor as agents see them. What does not open is shown as unknown; it hides no conversation."""
        details = await self._opened(conversation)
        found = device(details.user_agent)
        return VisitorView(
            visitor=conversation.visitor,
            name=await self._profile_field(profile, "name"),
            email=await self._profile_field(profile, "email"),
            page_url=details.page.url,
            page_title=details.page.title,
            referrer=details.page.referrer,
            browser=found.browser,
            system=found.system,
            device=found.kind,
            language=details.page.language,
            timezone=details.page.timezone,
        )

    async def introduce(self, profile: VisitorProfile, *, name: str, email: str) -> VisitorProfile:
        """The profile with what the visitor said, sealed; what is left empty stays as it was."""
        subject = SubjectId(profile.visitor)
        if name:
            sealed = await self._fields.seal(profile.workspace, subject, "name", name)
            profile = msgspec.structs.replace(profile, name=sealed)
        if email:
            sealed = await self._fields.seal(profile.workspace, subject, "email", email)
            profile = msgspec.structs.replace(profile, email=sealed)
        return profile

    async def _opened(self, conversation: Conversation) -> _Details:
        subject = SubjectId(conversation.visitor)
        try:
            text = await self._fields.open(
                conversation.workspace, subject, _field(conversation.id), conversation.details
            )
            return msgspec.json.decode(text, type=_Details) if text else _Details(Page(), "")
        except (Tampered, msgspec.DecodeError):
            return _Details(Page(), "")

    async def _profile_field(self, profile: VisitorProfile | None, field: str) -> str:
        if profile is None:
            return ""
        blob: bytes = getattr(profile, field)
        try:
            return await self._fields.open(profile.workspace, SubjectId(profile.visitor), field, blob)
        except Tampered:
            return ""


def _field(conversation: ConversationId) -> str:
    return f"details:{conversation}"
