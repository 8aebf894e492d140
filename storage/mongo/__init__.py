"""MongoDB, through motor: the only place that imports it."""

from storage.mongo.accounts import MongoAccounts
from storage.mongo.api_tokens import MongoApiTokens
from storage.mongo.client import Database, close, connect, ping
from storage.mongo.conversations import MongoConversations
from storage.mongo.indexes import ensure_indexes
from storage.mongo.invitations import MongoInvitations
from storage.mongo.messages import MongoMessages
from storage.mongo.sites import MongoSites
from storage.mongo.visitors import MongoVisitors
from storage.mongo.workspaces import MongoWorkspaces
from storage.mongo.wrapped_keys import MongoWrappedKeys

__all__ = [
    "Database",
    "connect",
    "close",
    "ping",
    "ensure_indexes",
    "MongoMessages",
    "MongoConversations",
    "MongoVisitors",
    "MongoWrappedKeys",
    "MongoWorkspaces",
    "MongoSites",
    "MongoAccounts",
    "MongoInvitations",
    "MongoApiTokens",
]
