"""Bearer tokens, by hash."""

from __future__ import annotations

from chat.model import ApiToken
from storage.mongo.client import Database, reaching, writing
from storage.mongo.documents import Reader, to_document
from storage.mongo.single import insert_once


class MongoApiTokens:
    """``ApiTokens`` in the collection ``api_tokens``."""

    def __init__(self, database: Database) -> None:
        self._tokens = database["api_tokens"]

    async def add(self, token: ApiToken) -> None:
        """See ``ApiTokens``. One insert, under its hash."""
        await insert_once(self._tokens, to_document(token, key="token_hash"))

    async def get(self, token_hash: bytes, *, now: int) -> ApiToken | None:
        """See ``ApiTokens``. By ``_id``; whether it ran out is decided here, not by whether ``expire`` came by."""
        async with reaching():
            found = await self._tokens.find_one({"_id": token_hash})
        token = _read(found) if found else None
        if token is None or (token.expires_at is not None and token.expires_at <= now):
            return None
        return token

    async def expire(self, *, now: int) -> int:
        """See ``ApiTokens``. A delete by the index ``expiry``. Tokens without an end stay: null is below no number."""
        async with writing(self._tokens) as tokens:
            result = await tokens.delete_many({"expires_at": {"$lte": now}})
        return result.deleted_count


_read = Reader("api_tokens", ApiToken, key="token_hash")
