"""Browsers' logged-in state, kept on the server."""

from __future__ import annotations

import msgspec

from chat.ids import AccountId
from chat.model import SignIn
from storage.redis.keys import key
from storage.redis.turn import Turn

_AT_MOST_MS = 12 * 3_600_000
_WITHOUT_USE_MS = 30 * 60_000
# A page makes a burst of requests; one of them a minute renews, so idle time is measured to the minute.
_RENEWED_EACH_MS = 60_000


class RedisSignIns:
    """``SignIns``. A sign-in is live while its own key lives *and* its account lists it.

    The list (a sorted set of the account's sign-in ids by the end of their 12 hours) is the authority: deleting it ends
    all sign-ins of the account in one step, whatever else is under way. The two keys are on different Cluster slots and
    never touched in one command. Values hold ids and times, no personal data.
    """

    def __init__(self, turn: Turn) -> None:
        self._turn = turn

    async def add(self, secret_hash: bytes, sign_in: SignIn) -> None:
        """See ``SignIns``. One pipeline, which also drops from the account's list what is over.

        Raises ValueError when ``sign_in.id`` is not what the hash says; looking up by either must find the same.
        """
        if sign_in.id != _id(secret_hash):
            raise ValueError("a sign-in's id is the first half of its secret's hash")
        live_ms = _live_ms(sign_in, now=sign_in.used_at)
        if live_ms <= 0:
            return
        listed = _list_key(sign_in.account)
        await self._turn.ask_all(
            [
                ("SET", _key(sign_in.id), msgspec.json.encode(sign_in), "PX", live_ms),
                ("ZREMRANGEBYSCORE", listed, "-inf", sign_in.created_at),
                ("ZADD", listed, sign_in.created_at + _AT_MOST_MS, sign_in.id),
                ("PEXPIRE", listed, _AT_MOST_MS),
            ]
        )

    async def use(self, secret_hash: bytes, *, now: int) -> SignIn | None:
        """See ``SignIns``. Two trips, a third one at most once a minute, to renew."""
        return await self.keep(_id(secret_hash), now=now)

    async def keep(self, sign_in_id: str, *, now: int) -> SignIn | None:
        """See ``SignIns``. Trips as ``use``. A renewal writes only over what is there (SET … XX), never what ended."""
        sign_in = await self._kept(sign_in_id)
        if sign_in is None or _live_ms(sign_in, now=now) <= 0 or not await self._is_listed(sign_in):
            return None
        if now - sign_in.used_at < _RENEWED_EACH_MS:
            return sign_in
        used = msgspec.structs.replace(sign_in, used_at=now)
        # XX: one that was ended at this moment stays ended.
        renew = ("SET", _key(used.id), msgspec.json.encode(used), "XX", "PX", _live_ms(used, now=now))
        return used if await self._turn.ask(*renew) else None

    async def is_live(self, account: AccountId, sign_in: str) -> bool:
        """See ``SignIns``. Two commands in one pipeline."""
        kept, listed = await self._turn.ask_all([("EXISTS", _key(sign_in)), ("ZSCORE", _list_key(account), sign_in)])
        return bool(kept) and listed is not None

    async def end(self, secret_hash: bytes) -> None:
        """See ``SignIns``. Three trips: first its key goes, which ends it, then its place in the account's list."""
        sign_in = await self._kept(_id(secret_hash))
        await self._turn.ask("DEL", _key(_id(secret_hash)))
        if sign_in is not None:
            await self._turn.ask("ZREM", _list_key(sign_in.account), sign_in.id)

    async def end_all(self, account: AccountId) -> None:
        """See ``SignIns``. One DEL of the list; the sign-ins' own keys run out by themselves, within 30 minutes."""
        await self._turn.ask("DEL", _list_key(account))

    async def _kept(self, sign_in: str) -> SignIn | None:
        found = await self._turn.ask("GET", _key(sign_in))
        return msgspec.json.decode(found, type=SignIn) if found else None

    async def _is_listed(self, sign_in: SignIn) -> bool:
        return await self._turn.ask("ZSCORE", _list_key(sign_in.account), sign_in.id) is not None


def _live_ms(sign_in: SignIn, *, now: int) -> int:
    """How long it lives from ``now``; 0 or less when it is over."""
    return min(sign_in.created_at + _AT_MOST_MS, sign_in.used_at + _WITHOUT_USE_MS) - now


def _id(secret_hash: bytes) -> str:
    return secret_hash[:16].hex()


def _key(sign_in: str) -> str:
    return key("sign-in", sign_in)


def _list_key(account: AccountId) -> str:
    return key("sign-ins", account)
