"""Makes ``frames.json``: every kind of frame as JSON and as MessagePack bytes, read by the Python and the TypeScript
codec. After a change of the wire run ``python -m tests.vectors.make_frames``; a test compares the file with this.
"""

from __future__ import annotations

import json
from pathlib import Path
from uuid import UUID

from chat.protocol import frames as f
from chat.protocol.catalogue import DRAINING, ENDED, LIMITED
from chat.protocol.codec import JSON, MSGPACK

FILE = Path(__file__).with_name("frames.json")

CONVERSATION = UUID("0192f0c1-7e1a-8c3d-9b5e-6f708192a3b4")
CLIENT_ID = UUID("0192f0c1-8000-7abc-8def-0123456789ab")
VISITOR = UUID("0192f0c1-0000-7000-8000-000000000001")
ACCOUNT = UUID("0192f0c1-0000-7000-8000-0000000000a1")
AT = 1_767_225_600_000
TEXT = "您好, hello 👋"

PAGE = f.Page("https://shop.example/cart?x=1", "Cart", "https://search.example/", "zh-CN", "Asia/Shanghai", "1440x900")
ADA = f.Person(ACCOUNT, "Ada", "agent", True)
SAID = f.MessageView(7, CLIENT_ID, f.Kind.TEXT, f.Role.VISITOR, VISITOR, AT, TEXT)
JOINED = f.MessageView(8, UUID(int=8), f.Kind.JOINED, f.Role.AGENT, ACCOUNT, AT + 1000, "Ada")
UNREADABLE = f.MessageView(10, UUID(int=10), f.Kind.UNREADABLE, f.Role.SYSTEM, None, AT + 3000, "")
VOID = f.MessageView(9, UUID(int=9), f.Kind.VOID, f.Role.SYSTEM, None, AT + 2000, "")
MING = f.VisitorView(
    visitor=VISITOR,
    name="王小明",
    email="ming@example.com",
    page_url="https://shop.example/",
    page_title="Shop",
    referrer="",
    browser="Firefox 140",
    system="Linux",
    device="desktop",
    language="zh-CN",
    timezone="Asia/Shanghai",
)
WAITING = f.ConversationView(CONVERSATION, "demo", f.State.WAITING, 1, None, AT, None, None, 7, MING, SAID)
ACTIVE = f.ConversationView(CONVERSATION, "demo", f.State.ACTIVE, 2, ADA, AT, AT + 1000, None, 9, None, None)
SITE = f.SiteView("Fern & Oak", "Hello! How can we help?", "/policy", "2026-01")

CLIENT: tuple[f.ClientFrame, ...] = (
    f.Hello(1, "demo", None, PAGE, None, 0),
    f.Hello(2, "demo", "token", f.Page(), CONVERSATION, 7),
    f.HelloAgent(1, "ticket", [(CONVERSATION, 7)], True),
    f.HelloAgent(1, "ticket", [], False),
    f.Post(3, CONVERSATION, CLIENT_ID, TEXT, f.Conduct(4200, "")),
    f.Post(4, CONVERSATION, CLIENT_ID, "a" * 300, f.Conduct(70_000, "x")),
    f.Typing(0, CONVERSATION, True),
    f.Typing(0, CONVERSATION, False),
    f.Mark(0, CONVERSATION, 7, 5),
    f.End(5, CONVERSATION),
    f.Beat(6, [(CONVERSATION, 7)]),
    f.Beat(6, []),
    f.History(7, CONVERSATION, 120),
    f.Introduce(8, "王小明", "ming@example.com"),
    f.Claim(9, CONVERSATION),
    f.Watch(10, CONVERSATION, 70_000),
    f.Unwatch(11, CONVERSATION),
    f.Availability(12, False),
)

SERVER: tuple[f.ServerFrame, ...] = (
    f.Welcome(1, VISITOR, "token", CONVERSATION, f.State.NEW, SITE, True, 15_000, AT),
    f.WelcomeAgent(1, ADA, "Fern & Oak", 15_000, AT),
    f.Snapshot(
        ref=10,
        conversation=ACTIVE,
        people=[ADA],
        messages=[SAID, JOINED, VOID],
        marks=[f.MarkView(f.Role.VISITOR, 9, 8), f.MarkView(f.Role.AGENT, 7, 7)],
        recovered=True,
        more=False,
    ),
    f.Snapshot(7, ACTIVE, [], [], [], False, True),
    f.Message(0, CONVERSATION, SAID),
    f.Message(0, CONVERSATION, JOINED),
    f.Message(0, CONVERSATION, UNREADABLE),
    f.Accepted(3, CONVERSATION, CLIENT_ID, 7, AT),
    f.Refused(3, LIMITED.code, LIMITED.text, LIMITED.then.value, LIMITED.retry_after_ms, ""),
    f.Refused(3, ENDED.code, ENDED.text, ENDED.then.value, None, str(CONVERSATION)),
    f.TypingNow(0, CONVERSATION, f.Role.AGENT, ACCOUNT, True),
    f.Marks(0, CONVERSATION, f.MarkView(f.Role.VISITOR, 7, 5)),
    f.ConversationChanged(0, WAITING),
    f.Presence(0, ADA, False),
    f.Tops(6, [(CONVERSATION, 9)]),
    f.Goodbye(0, DRAINING.code, DRAINING.text, DRAINING.then.value, 1_200),
    f.Done(9),
    f.Attendance(0, False),
    f.Queue(0, [WAITING], [], [ADA]),
)


def vector(side: str, frame: f.ClientFrame | f.ServerFrame) -> dict[str, object]:
    """A frame with its side and name, in both subprotocols."""
    return {
        "side": side,
        "name": type(frame).__name__,
        "json": json.loads(JSON.encode(frame)),
        "msgpack": MSGPACK.encode(frame).hex(),
    }


def document() -> str:
    """The file's whole text."""
    vectors = [vector("client", frame) for frame in CLIENT] + [vector("server", frame) for frame in SERVER]
    return json.dumps(vectors, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(document(), encoding="utf-8")
