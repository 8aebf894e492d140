"""The same work with python-socketio, as its documentation has it: Redis manager, motor, uvicorn on uvloop.

A room for each conversation, a journaled write, and an acknowledgement once the message is kept and on its way. No
limits, no sealing, no checks. ``BENCH_PORT``, ``BENCH_REDIS`` (a URL) and ``BENCH_MONGODB`` (a URL with a database)
say where everything is. It runs in a virtual environment of its own and imports nothing of Aican.
"""

from __future__ import annotations

import os
import time
from typing import Any

import socketio  # type: ignore[import-not-found]
import uvicorn  # type: ignore[import-not-found]
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorDatabase
from pymongo import WriteConcern

REDIS_CONNECTIONS = 10_000
"""The manager takes one for each message that it publishes at the same time. The driver's own limit, 100, is met from
100 pairs on: then it logs «Cannot publish to redis», makes a new pool, and loses what fails twice."""
server = socketio.AsyncServer(
    async_mode="asgi",
    client_manager=socketio.AsyncRedisManager(
        os.environ["BENCH_REDIS"], redis_options={"max_connections": REDIS_CONNECTIONS}
    ),
    transports=["websocket"],
)
database: AsyncIOMotorDatabase[dict[str, Any]] = AsyncIOMotorClient(os.environ["BENCH_MONGODB"]).get_default_database()
messages = database.get_collection("messages", write_concern=WriteConcern(w=1, j=True))
rooms: dict[str, str] = {}


@server.event  # type: ignore[untyped-decorator]
async def connect(sid: str, environ: dict[str, Any], auth: dict[str, str]) -> None:
    """A client came; its conversation is its room."""
    rooms[sid] = auth["conversation"]
    await server.enter_room(sid, rooms[sid])


@server.event  # type: ignore[untyped-decorator]
async def disconnect(sid: str, reason: str) -> None:
    """It went."""
    rooms.pop(sid, None)


@server.event  # type: ignore[untyped-decorator]
async def post(sid: str, said: dict[str, str]) -> dict[str, str]:
    """Keep a message, show it to the others in the room, and acknowledge it."""
    message = {"_id": said["id"], "conversation": rooms[sid], "text": said["text"], "at": time.time()}
    await messages.insert_one(message)
    await server.emit("message", message, room=rooms[sid], skip_sid=sid)
    return {"id": said["id"]}


async def ready(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Everything that is not Socket.IO's is answered with 200."""
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
        await send({"type": "http.response.body", "body": b"ready\n"})


app = socketio.ASGIApp(server, other_asgi_app=ready)

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["BENCH_PORT"]), loop="uvloop", log_level="warning")
