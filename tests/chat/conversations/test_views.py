"""What is shown of a conversation: opened where it opens, said so where it does not, and never hidden for it."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest
from msgspec import structs

from chat.conversations.details import UNREADABLE, Details
from chat.conversations.known_sites import KnownSites
from chat.conversations.people import SECONDS, People
from chat.conversations.views import Views
from chat.ids import AccountId, ConversationId, Seq, SubjectId
from chat.model import Account, AccountRole, Conversation, Kind, Page, Role, Sealed, VisitorProfile
from chat.protocol.frames import Person
from chat.sealing.hierarchy import Hierarchy
from chat.sealing.messages import MessageSealer
from chat.sealing.personal import PersonalFields
from tests.chat.sealing.keys import KeptKeys, a_ring
from tests.chat.sealing.values import ADA, CONVERSATION, SUBJECT, TEXT, VISITOR, WORKSPACE, numbered
from tests.clock import ManualClock

PAGE = Page("https://shop.example/cart", "Cart", "https://search.example/", "en-GB", "Europe/London", "1440x900")
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"


class OneAccount:
    """Accounts with at most one, to change between two looks; counts them."""

    def __init__(self) -> None:
        self.account: Account | None = None
        self.looks = 0

    async def get(self, account: AccountId) -> Account | None:
        self.looks += 1
        return self.account if self.account and self.account.id == account else None


@pytest.fixture
def keys(tmp_path: Path, kept: KeptKeys, clock: ManualClock) -> Hierarchy:
    return Hierarchy(a_ring(tmp_path), kept, clock)


@pytest.fixture
def fields(keys: Hierarchy) -> PersonalFields:
    return PersonalFields(keys, bytes(32))


@pytest.fixture
def details(fields: PersonalFields) -> Details:
    return Details(fields)


async def with_details(details: Details) -> Conversation:
    """The conversation of a visitor in Firefox."""
    sealed = await details.seal(WORKSPACE, VISITOR, CONVERSATION.id, PAGE, FIREFOX)
    return structs.replace(CONVERSATION, details=sealed)


# --- the visitor -----------------------------------------------------------------------------------------------------


async def test_agents_see_where_a_visitor_came_from_and_with_what(details: Details) -> None:
    view = await details.view(await with_details(details), None)
    assert (view.visitor, view.name, view.email) == (VISITOR, "", "")
    assert (view.page_url, view.page_title, view.referrer) == (PAGE.url, PAGE.title, PAGE.referrer)
    assert (view.browser, view.system, view.device) == ("Firefox 145", "Linux", "desktop")
    assert (view.language, view.timezone) == ("en-GB", "Europe/London")


async def test_what_a_visitor_said_of_themselves_is_added_and_nothing_taken_away(details: Details) -> None:
    profile = await details.introduce(VisitorProfile(VISITOR, WORKSPACE), name="王小明", email="")
    profile = await details.introduce(profile, name="", email="ming@example.com")
    view = await details.view(CONVERSATION, profile)
    assert (view.name, view.email) == ("王小明", "ming@example.com")
    assert b"ming@" not in profile.email


async def test_what_does_not_open_is_unknown_and_hides_no_conversation(details: Details) -> None:
    conversation = await with_details(details)
    profile = await details.introduce(VisitorProfile(VISITOR, WORKSPACE), name="Ming", email="ming@example.com")
    profile = structs.replace(profile, name=profile.email, email=b"\x01\x01")
    altered = structs.replace(conversation, details=conversation.details[:-1] + bytes([conversation.details[-1] ^ 1]))
    view = await details.view(altered, profile)
    assert (view.visitor, view.page_url, view.browser, view.name, view.email) == (VISITOR, "", "", "", "")
    assert view.page_title == UNREADABLE
    assert [await details.opens(each) for each in (altered, conversation, CONVERSATION)] == [False, True, True]


async def test_details_of_another_conversation_do_not_open(details: Details) -> None:
    conversation = await with_details(details)
    elsewhere = structs.replace(conversation, id=ConversationId(UUID(int=99)))
    assert (await details.view(elsewhere, None)).page_url == ""


async def test_a_visitor_who_was_erased_is_unknown(details: Details, keys: Hierarchy, kept: KeptKeys) -> None:
    conversation = await with_details(details)
    kept.persons.clear()
    keys.cache.forget(SUBJECT)
    assert (await details.view(conversation, None)).page_url == ""


class NoSites:
    """Every site is gone."""

    async def get(self, site: str) -> None:
        return None


# --- messages --------------------------------------------------------------------------------------------------------


class NoneAstray:
    """A record in which every message has its number."""

    async def unplaced(self, conversation: ConversationId, *, limit: int) -> list[Sealed]:
        return []


async def test_a_message_that_does_not_open_says_so_in_its_place(keys: Hierarchy, details: Details) -> None:
    sealer = MessageSealer(keys)
    views = Views(sealer, details, None, NoneAstray(), None, None)  # type: ignore[arg-type]
    whole = [await sealer.seal(CONVERSATION, numbered(seq=seq)) for seq in (1, 2, 3)]
    altered = [whole[0], structs.replace(whole[1], blob=whole[0].blob), whole[2]]
    shown = await views.messages(CONVERSATION, altered)
    assert [(each.seq, each.body) for each in shown] == [(1, TEXT), (2, ""), (3, TEXT)]
    assert (shown[1].kind, shown[1].role, shown[1].author) == (Kind.UNREADABLE, Role.SYSTEM, None)


async def test_a_visitor_is_shown_no_visitor_and_no_preview(keys: Hierarchy, details: Details) -> None:
    people, sites = People(OneAccount(), None, ManualClock()), KnownSites(NoSites(), ManualClock())  # type: ignore[arg-type]
    views = Views(MessageSealer(keys), details, people, None, None, sites)  # type: ignore[arg-type]
    view = await views.for_visitor(CONVERSATION, Seq(7))
    assert (view.top, view.visitor, view.preview, view.agent) == (7, None, None, None)
    assert view.site == CONVERSATION.site, "a site that is gone is called by its key"


# --- people ----------------------------------------------------------------------------------------------------------


async def an_account(fields: PersonalFields, name: str) -> Account:
    sealed = await fields.seal(WORKSPACE, SubjectId(ADA), "name", name)
    return Account(ADA, WORKSPACE, AccountRole.ADMIN, sealed, b"", b"", "", 0)


async def test_a_name_is_looked_up_once_in_half_a_minute(fields: PersonalFields, clock: ManualClock) -> None:
    accounts = OneAccount()
    accounts.account = await an_account(fields, "Ada")
    people = People(accounts, fields, clock)  # type: ignore[arg-type]
    assert await people.person(ADA, available=True) == Person(ADA, "Ada", "admin", True)
    accounts.account = await an_account(fields, "Ada Lovelace")
    clock.advance(SECONDS - 0.5)
    assert await people.person(ADA) == Person(ADA, "Ada", "admin", False)
    assert accounts.looks == 1
    clock.advance(0.5)
    assert await people.person(ADA) == Person(ADA, "Ada Lovelace", "admin", False)


async def test_nobody_is_nobody_and_is_remembered_as_that(fields: PersonalFields, clock: ManualClock) -> None:
    accounts = OneAccount()
    people = People(accounts, fields, clock)  # type: ignore[arg-type]
    assert [await people.person(ADA) for _ in range(3)] == [None] * 3
    assert accounts.looks == 1
    assert await people.of({ADA: True}) == []


async def test_an_account_whose_name_does_not_open_is_shown_without_one(
    fields: PersonalFields, clock: ManualClock
) -> None:
    accounts = OneAccount()
    accounts.account = structs.replace(await an_account(fields, "Ada"), name=b"\x01" * 40)
    assert await People(accounts, fields, clock).person(ADA) == Person(ADA, "", "admin", False)  # type: ignore[arg-type]
