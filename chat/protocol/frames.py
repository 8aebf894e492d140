"""The frames of ``aican.v1``: frozen typed values, one class a kind. PROTOCOL.md is the specification.

On the wire a frame is an array: its kind, its ref, then its fields in the order they stand in its class. ``ref`` pairs
an answer with its question; 0 asks for none. This is the page to import from: ``values`` has the parts, ``sent`` what
clients send, ``shown`` what servers send.
"""

from __future__ import annotations

from chat.protocol.sent import (
    Availability,
    Beat,
    Claim,
    End,
    Hello,
    HelloAgent,
    History,
    Introduce,
    Mark,
    Post,
    Typing,
    Unwatch,
    Watch,
)
from chat.protocol.shown import (
    Accepted,
    Attendance,
    ConversationChanged,
    Done,
    Goodbye,
    Marks,
    Message,
    Presence,
    Queue,
    Refused,
    Snapshot,
    Tops,
    TypingNow,
    Welcome,
    WelcomeAgent,
)
from chat.protocol.values import (
    POSITIONS,
    TEXT_CHARACTERS,
    Conduct,
    ConversationView,
    Kind,
    MarkView,
    MessageView,
    Number,
    Page,
    Person,
    Positions,
    Ref,
    Role,
    Secret,
    Sent,
    Short,
    Shown,
    SiteView,
    State,
    Text,
    Url,
    VisitorView,
)

ClientFrame = (
    Hello
    | HelloAgent
    | Post
    | Typing
    | Mark
    | End
    | Beat
    | History
    | Introduce
    | Claim
    | Watch
    | Unwatch
    | Availability
)
ServerFrame = (
    Welcome
    | WelcomeAgent
    | Snapshot
    | Message
    | Accepted
    | Refused
    | TypingNow
    | Marks
    | ConversationChanged
    | Presence
    | Tops
    | Goodbye
    | Done
    | Attendance
    | Queue
)

__all__ = [
    "ClientFrame",
    "ServerFrame",
    "Hello",
    "HelloAgent",
    "Post",
    "Typing",
    "Mark",
    "End",
    "Beat",
    "History",
    "Introduce",
    "Claim",
    "Watch",
    "Unwatch",
    "Availability",
    "Welcome",
    "WelcomeAgent",
    "Snapshot",
    "Message",
    "Accepted",
    "Refused",
    "TypingNow",
    "Marks",
    "ConversationChanged",
    "Presence",
    "Tops",
    "Goodbye",
    "Done",
    "Attendance",
    "Queue",
    "Ref",
    "Number",
    "Text",
    "Short",
    "Url",
    "Secret",
    "Positions",
    "Role",
    "State",
    "Kind",
    "Sent",
    "Shown",
    "Page",
    "Conduct",
    "Person",
    "VisitorView",
    "MessageView",
    "MarkView",
    "ConversationView",
    "SiteView",
    "TEXT_CHARACTERS",
    "POSITIONS",
]
