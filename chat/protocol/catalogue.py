"""Refusals and closures: why not, and why hung up. Both lists are closed; each entry says what the peer does next."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Then(StrEnum):
    """What the peer does next."""

    RETRY = "retry"
    """Send the same frame again, with the same client id, after ``retry_after_ms``."""
    EDIT = "edit"
    """Change the text, then send it as a new message."""
    NEXT = "next"
    """The conversation is over; ``detail`` names the next one."""
    STOP = "stop"
    """Do not send it again."""
    RESUME = "resume"
    """Connect again after ``after_ms``, with positions and unaccepted posts."""
    SIGN_IN = "sign_in"
    """Take a new ticket from the web session; sign in if there is none."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a frame was not carried out. ``retry_after_ms`` is set where ``then`` is RETRY."""

    code: int
    name: str
    text: str
    then: Then
    retry_after_ms: int | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Closure:
    """Why a connection ends. Codes 4000–4499 come back, 4500–4999 stay away (RFC 6455 §7.4.2 leaves both to us)."""

    code: int
    name: str
    text: str
    then: Then


LIMITED = Refusal(
    100,
    "limited",
    "You are sending faster than this conversation takes. It goes by itself in a moment.",
    Then.RETRY,
    1_000,
)
UNAVAILABLE = Refusal(
    101,
    "unavailable",
    "The service cannot store messages at this moment. Yours is kept and sent again.",
    Then.RETRY,
    1_000,
)
TOO_SOON = Refusal(102, "too_soon", "One moment, please: your first message is sent in a second.", Then.RETRY, 1_200)
EMPTY = Refusal(110, "empty", "Write something first.", Then.EDIT)
UNREADABLE = Refusal(
    111, "unreadable", "This text holds characters that cannot be kept. Remove them and send it again.", Then.EDIT
)
REPEATED = Refusal(
    112, "repeated", "The same text is arriving from several people. Say it in your own words.", Then.EDIT
)
NOT_AN_ADDRESS = Refusal(113, "not_an_address", "This is not an e-mail address.", Then.EDIT)
ENDED = Refusal(120, "ended", "This conversation has ended. You can start a new one.", Then.NEXT)
UNKNOWN = Refusal(121, "unknown", "There is no such conversation here.", Then.STOP)
NOT_YOURS = Refusal(122, "not_yours", "Claim this conversation before you answer in it.", Then.STOP)
TAKEN = Refusal(123, "taken", "A colleague was faster.", Then.STOP)
NOT_ALLOWED = Refusal(124, "not_allowed", "This connection may not do that.", Then.STOP)
UNWELCOME = Refusal(130, "unwelcome", "This message was not delivered: it looks automated.", Then.STOP)

REFUSALS: tuple[Refusal, ...] = (
    LIMITED,
    UNAVAILABLE,
    TOO_SOON,
    EMPTY,
    UNREADABLE,
    REPEATED,
    NOT_AN_ADDRESS,
    ENDED,
    UNKNOWN,
    NOT_YOURS,
    TAKEN,
    NOT_ALLOWED,
    UNWELCOME,
)

DRAINING = Closure(4000, "draining", "This server is restarting.", Then.RESUME)
SILENT = Closure(4001, "silent", "No heartbeat for too long.", Then.RESUME)
LATE = Closure(4002, "late", "The first frame did not come in time.", Then.RESUME)
AWAY = Closure(4003, "away", "The service is unavailable at this moment.", Then.RESUME)
SLOW = Closure(4008, "slow", "This connection reads too slowly.", Then.RESUME)
SIGNED_OUT = Closure(4401, "signed_out", "Sign in again.", Then.SIGN_IN)
BAD_FRAME = Closure(4500, "bad_frame", "A frame could not be understood.", Then.STOP)
NO_SUCH_SITE = Closure(4501, "no_such_site", "There is no site with this key.", Then.STOP)
FOREIGN_ORIGIN = Closure(4502, "foreign_origin", "This site's list does not name the page's origin.", Then.STOP)
CRAWLER = Closure(4503, "crawler", "Crawlers have nobody to talk to here.", Then.STOP)
FLOODING = Closure(4529, "flooding", "Far too many frames.", Then.STOP)

CLOSURES: tuple[Closure, ...] = (
    DRAINING,
    SILENT,
    LATE,
    AWAY,
    SLOW,
    SIGNED_OUT,
    BAD_FRAME,
    NO_SUCH_SITE,
    FOREIGN_ORIGIN,
    CRAWLER,
    FLOODING,
)
