"""The rules on these stores: what several processes and commands are made of."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from chat.accounts.membership import Membership
from chat.accounts.passwords import Passwords
from chat.accounts.people import People as Members
from chat.accounts.throttle import Throttle
from chat.conversations.service import ConversationService
from chat.delivery.pipeline import Delivery
from chat.transcripts.transcripts import Transcripts
from gateway.bootstrap.stores import Stores


def delivery(stores: Stores) -> Delivery:
    """A message's way into the record and onto the bus."""
    return Delivery(stores.numbers, stores.sealer, stores.messages, stores.conversations, stores.bus)


def conversation_service(stores: Stores, delivering: Delivery | None = None) -> ConversationService:
    """The rules of conversations; ``delivering`` where the caller has one already."""
    return ConversationService(stores.conversations, delivering or delivery(stores), stores.bus, stores.clock)


@contextmanager
def hashing() -> Iterator[Passwords]:
    """The threads that hash passwords, closed at the end of the block."""
    passwords = Passwords()
    try:
        yield passwords
    finally:
        passwords.close()


def throttle(stores: Stores) -> Throttle:
    """Budgets of tries to sign in and to open invitations."""
    return Throttle(stores.budgets, stores.ring.derive("throttle/v1"))


def members(stores: Stores, passwords: Passwords) -> Members:
    """Accounts, made and opened."""
    return Members(stores.accounts, stores.workspaces, stores.fields, passwords, stores.clock)


def membership(stores: Stores, passwords: Passwords) -> Membership:
    """Invitations, and whom they admit."""
    return Membership(
        members(stores, passwords), stores.invitations, stores.workspaces, stores.fields, throttle(stores), stores.clock
    )


def transcripts(stores: Stores) -> Transcripts:
    """The rules of transcripts."""
    return Transcripts(
        conversations=stores.conversations,
        messages=stores.messages,
        sites=stores.sites,
        accounts=stores.accounts,
        visitors=stores.visitors,
        fields=stores.fields,
        sealer=stores.sealer,
        details=stores.details,
    )
