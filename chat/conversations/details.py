"""What was known of a visitor when the conversation began, sealed under the visitor's key; and how agents see it."""

from __future__ import annotations

import msgspec
import regex
from msgspec import Struct

from chat.errors import Tampered
from chat.ids import ConversationId, SubjectId, VisitorId, WorkspaceId
from chat.model import Conversation, Page, VisitorProfile
from chat.protocol.frames import VisitorView
from chat.sealing.personal import PersonalFields
from chat.visitors.device import device

ADDRESS_CHARACTERS = 300
LINE_CHARACTERS = 120
CODE_CHARACTERS = 40
"""What agents are shown of each: a list of hundreds has to fit one frame, whatever visitors' browsers send."""
UNREADABLE = "[details unreadable]"
"""Shown for the page's title where what was known of the visit does not open."""
_UNSHOWN = regex.compile(r"[\p{C}\p{Zl}\p{Zp}]+")


def shown(text: str, characters: int = LINE_CHARACTERS) -> str:
    """One line of visible characters, ``characters`` at most, for eyes only.

    Those that turn the direction of writing would let a name pretend to be more than it is.
    """
    visible: str = _UNSHOWN.sub(" ", text)
    return " ".join(visible.split())[:characters]


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
        """For ``Conversation.details``: page and User-Agent header, sealed under the visitor's key, bound to the
        conversation too. Raises Tampered when a key above does not open."""
        text = msgspec.json.encode(_Details(page, user_agent)).decode()
        return await self._fields.seal(workspace, SubjectId(visitor), _field(conversation), text)

    async def view(self, conversation: Conversation, profile: VisitorProfile | None) -> VisitorView:
        """The visitor as agents see them. What does not open is shown as unknown; it hides no conversation.

        Where that is what was known of the visit, the page's title says so: UNREADABLE.
        """
        details = await self._opened(conversation) or _Details(Page(title=UNREADABLE), "")
        found = device(details.user_agent)
        return VisitorView(
            visitor=conversation.visitor,
            name=await self._profile_field(profile, "name"),
            email=await self._profile_field(profile, "email"),
            page_url=shown(details.page.url, ADDRESS_CHARACTERS),
            page_title=shown(details.page.title),
            referrer=shown(details.page.referrer, ADDRESS_CHARACTERS),
            browser=shown(found.browser),
            system=shown(found.system),
            device=shown(found.kind),
            language=shown(details.page.language, CODE_CHARACTERS),
            timezone=shown(details.page.timezone, CODE_CHARACTERS),
        )

    async def opens(self, conversation: Conversation) -> bool:
        """Whether what was known of the visit can be read; True where nothing was. False when it was altered, or the
        visitor's key destroyed."""
        return await self._opened(conversation) is not None

    async def introduce(self, profile: VisitorProfile, *, name: str, email: str) -> VisitorProfile:
        """The profile with what the visitor said, sealed; what is left empty stays as it was. Nothing is stored yet.

        Raises Tampered when a key above does not open.
        """
        subject = SubjectId(profile.visitor)
        if name:
            sealed = await self._fields.seal(profile.workspace, subject, "name", name)
            profile = msgspec.structs.replace(profile, name=sealed)
        if email:
            sealed = await self._fields.seal(profile.workspace, subject, "email", email)
            profile = msgspec.structs.replace(profile, email=sealed)
        return profile

    async def _opened(self, conversation: Conversation) -> _Details | None:
        subject = SubjectId(conversation.visitor)
        try:
            text = await self._fields.open(
                conversation.workspace, subject, _field(conversation.id), conversation.details
            )
            return msgspec.json.decode(text, type=_Details) if text else _Details(Page(), "")
        except (Tampered, msgspec.DecodeError):
            return None

    async def _profile_field(self, profile: VisitorProfile | None, field: str) -> str:
        if profile is None:
            return ""
        blob: bytes = getattr(profile, field)
        try:
            text = await self._fields.open(profile.workspace, SubjectId(profile.visitor), field, blob)
        except Tampered:
            return ""
        return shown(text, ADDRESS_CHARACTERS)


def _field(conversation: ConversationId) -> str:
    return f"details:{conversation}"
