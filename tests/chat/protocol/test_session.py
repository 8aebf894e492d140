"""What a peer may send, when, and how long its silence is borne."""

from __future__ import annotations

import json
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.protocol.catalogue import BAD_FRAME, LATE, SILENT, Closure
from chat.protocol.codec import CODECS, JSON, MSGPACK
from chat.protocol.frames import Availability, Beat, ClientFrame, Hello, HelloAgent, Introduce, Page
from chat.protocol.session import (
    ALLOWED,
    GREETING_BYTES,
    GREETING_S,
    HEARTBEAT_MS,
    NEXT,
    SILENCE_S,
    Phase,
    Session,
)
from tests.clock import ManualClock
from tests.vectors.make_frames import CLIENT, CONVERSATION

HELLO = Hello(1, "demo", None, Page(), None, 0)
HELLO_AGENT = HelloAgent(1, "ticket", [], True)
BEAT = Beat(2, [])
FRAMES = {type(frame): frame for frame in CLIENT}

VISITORS = {"Post", "Typing", "Mark", "End", "Beat", "History", "Introduce"}
AGENTS = {
    "Post",
    "Typing",
    "Mark",
    "End",
    "Beat",
    "History",
    "Claim",
    "Watch",
    "Unwatch",
    "Availability",
}
MAY = {
    Phase.GREETING: {"Hello", "HelloAgent"},
    Phase.VISITOR: VISITORS,
    Phase.AGENT: AGENTS,
    Phase.CLOSED: set[str](),
}


def session_in(phase: Phase, now: float) -> Session:
    session = Session(MSGPACK, now)
    if phase in (Phase.VISITOR, Phase.AGENT):
        hello = HELLO if phase is Phase.VISITOR else HELLO_AGENT
        assert session.receive(MSGPACK.encode(hello), now) == hello
    elif phase is Phase.CLOSED:
        session.close()
    assert session.phase is phase
    return session


# --- who may send what -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("frame", FRAMES.values(), ids=lambda frame: type(frame).__name__)
@pytest.mark.parametrize("phase", Phase)
def test_a_phase_takes_its_own_frames_and_hangs_up_on_others(phase: Phase, frame: ClientFrame) -> None:
    session = session_in(phase, 0.0)
    outcome = session.receive(MSGPACK.encode(frame), 1.0)
    if type(frame).__name__ in MAY[phase]:
        assert outcome == frame
        assert session.phase is NEXT.get(type(frame), phase)
    else:
        assert outcome is BAD_FRAME
        assert session.phase is Phase.CLOSED


def test_every_frame_of_a_client_is_taken_in_some_phase() -> None:
    assert frozenset().union(*ALLOWED.values()) == set(get_args(ClientFrame))


def test_nobody_greets_twice_or_becomes_somebody_else(clock: ManualClock) -> None:
    for phase in (Phase.VISITOR, Phase.AGENT):
        for hello in (HELLO, HELLO_AGENT):
            assert session_in(phase, clock.monotonic()).receive(MSGPACK.encode(hello), clock.monotonic()) is BAD_FRAME


@pytest.mark.parametrize("codec", CODECS.values(), ids=list(CODECS))
@pytest.mark.parametrize("phase", [Phase.GREETING, Phase.VISITOR, Phase.AGENT])
def test_a_frame_that_is_none_ends_the_session_for_good(phase: Phase, codec: object) -> None:
    session = session_in(phase, 0.0)
    session.codec = codec  # type: ignore[assignment]
    assert session.receive(b"\xc1", 1.0) is BAD_FRAME
    assert session.receive(session.codec.encode(BEAT), 1.0) is BAD_FRAME
    assert session.phase is Phase.CLOSED


@given(frames=st.lists(st.sampled_from(list(FRAMES.values())), max_size=6))
def test_no_order_of_frames_gives_a_peer_more_than_its_phase(frames: list[ClientFrame]) -> None:
    session = Session(MSGPACK, 0.0)
    for frame in frames:
        before = session.phase
        outcome = session.receive(MSGPACK.encode(frame), 1.0)
        allowed = type(frame).__name__ in MAY[before]
        assert outcome == (frame if allowed else BAD_FRAME)
        assert (session.phase is Phase.CLOSED) == (not allowed)


# --- the first frame -------------------------------------------------------------------------------------------------


def test_a_first_frame_of_8_kib_is_read_and_one_of_a_byte_more_is_not() -> None:
    hello = JSON.encode(HELLO)
    assert Session(JSON, 0.0).receive(hello.ljust(GREETING_BYTES), 0.0) == HELLO
    assert Session(JSON, 0.0).receive(hello.ljust(GREETING_BYTES + 1), 0.0) is BAD_FRAME


def test_later_frames_may_be_larger() -> None:
    session = Session(JSON, 0.0)
    session.receive(JSON.encode(HELLO), 0.0)
    beat = json.dumps([7, 2, []]).encode().ljust(GREETING_BYTES + 1)
    assert session.receive(beat, 0.0) == BEAT


def test_the_longest_greetings_that_browsers_send_fit() -> None:
    page = Page("u" * 2048, "王" * 256, "r" * 2048, "zh-Hant-TW", "America/Argentina/Buenos_Aires", "3840x2160")
    hello = Hello(2**32 - 1, "s" * 32, "t" * 512, page, CONVERSATION, 2**53 - 1)
    agent = HelloAgent(1, "t" * 32, [(CONVERSATION, 2**53 - 1)] * 64, True)
    for codec in CODECS.values():
        for greeting in (hello, agent):
            assert Session(codec, 0.0).receive(codec.encode(greeting), 0.0) == greeting


# --- time ------------------------------------------------------------------------------------------------------------


def overdue_after(session: Session, clock: ManualClock, seconds: float) -> Closure | None:
    clock.advance(seconds)
    return session.overdue(clock.monotonic())


def test_a_peer_that_does_not_say_who_it_is_within_5_s_is_late(clock: ManualClock) -> None:
    assert GREETING_S == 5.0
    session = Session(MSGPACK, clock.monotonic())
    assert overdue_after(session, clock, 4.99) is None
    assert overdue_after(session, clock, 0.01) is LATE
    assert session.phase is Phase.CLOSED


@pytest.mark.parametrize("phase", [Phase.VISITOR, Phase.AGENT])
def test_a_peer_that_is_silent_for_22_s_is_hung_up_on(phase: Phase, clock: ManualClock) -> None:
    assert HEARTBEAT_MS / 1000 < SILENCE_S == 22.0 < 1.5 * HEARTBEAT_MS / 1000
    session = session_in(phase, clock.monotonic())
    assert overdue_after(session, clock, 21.75) is None
    assert overdue_after(session, clock, 0.25) is SILENT
    assert session.phase is Phase.CLOSED


def test_any_frame_is_a_sign_of_life(clock: ManualClock) -> None:
    for frame in (BEAT, Introduce(1, "Ming", "")):
        session = session_in(Phase.VISITOR, clock.monotonic())
        clock.advance(22.0)
        session.receive(MSGPACK.encode(frame), clock.monotonic())
        assert overdue_after(session, clock, 21.75) is None
        assert overdue_after(session, clock, 0.25) is SILENT


def test_greeting_in_time_is_not_late_afterwards(clock: ManualClock) -> None:
    session = Session(MSGPACK, clock.monotonic())
    clock.advance(4.99)
    session.receive(MSGPACK.encode(HELLO_AGENT), clock.monotonic())
    assert overdue_after(session, clock, 10.0) is None


def test_nobody_hangs_up_twice(clock: ManualClock) -> None:
    session = session_in(Phase.AGENT, clock.monotonic())
    assert overdue_after(session, clock, 60.0) is SILENT
    assert overdue_after(session, clock, 60.0) is None
    closed = session_in(Phase.CLOSED, clock.monotonic())
    assert overdue_after(closed, clock, 60.0) is None
    assert closed.receive(MSGPACK.encode(Availability(1, True)), clock.monotonic()) is BAD_FRAME
