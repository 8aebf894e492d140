"""Every door to the outside, with its promise. This is the page to import from.

===================  ================================================================================================
``Numbers``          places of messages in their conversations
``Messages``         the record of what was said, sealed
``Conversations``    the states of conversations
``Bus``              facts between gateways
``MarkBoard``        how far each side of a conversation has received and read
``Presence``         who is online
``Budgets``          how much somebody may do, counted over all processes
``Visitors``         what visitors said of themselves
``Accounts``         people who work in a workspace
``Invitations``      one-time links by which accounts come to be
``Workspaces``       businesses on this install
``Sites``            where their widget may be embedded
``SignIns``          browsers' logged-in states
``Tickets``          what lets a signed-in browser open a WebSocket
``ApiTokens``        bearer tokens for the REST interface
``KeyRing``          the secret that wraps workspace keys
``WrappedKeys``      keys of workspaces, persons and conversation epochs, wrapped
===================  ================================================================================================

Adapters stand in ``storage/``; contract tests run on the real stores. What holds for all of them:

- Every call raises ``Unavailable`` when the store behind it cannot be reached; none fails open. A change that raised it
  may have been made all the same. Asking again does no harm, unless the method says what it does.
- Times are Unix milliseconds. What is not there is None, or missing from the list or dict that is returned.
- A damaged record takes no other with it. What can be done without comes as a stand-in; a record that lacks anything
  else is as if it were not there.
- ``limit`` is the most entries that are asked for; below 1 that is none.
"""

from chat.ports.budgets import Budgets, Limited, Rate
from chat.ports.bus import Bus
from chat.ports.business import Sites, Workspaces
from chat.ports.credentials import ApiTokens, SignIns, Tickets
from chat.ports.keys import KeyRing, WrappedKeys
from chat.ports.marks import MarkBoard
from chat.ports.numbers import Forgotten, HasEnded, Numbers
from chat.ports.people import Accounts, Invitations, Visitors
from chat.ports.presence import Presence
from chat.ports.record import Conversations, Messages

__all__ = [
    "Numbers",
    "HasEnded",
    "Forgotten",
    "Messages",
    "Conversations",
    "Bus",
    "MarkBoard",
    "Presence",
    "Budgets",
    "Rate",
    "Limited",
    "Visitors",
    "Accounts",
    "Invitations",
    "Workspaces",
    "Sites",
    "SignIns",
    "Tickets",
    "ApiTokens",
    "KeyRing",
    "WrappedKeys",
]
