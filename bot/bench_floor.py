"""The floor the product is measured against: the same envelope and durability, written straight down, without layers.

It understands nothing, decides nothing, seals no word at rest and never needs to change.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import asyncpg
import msgspec
import uvloop
from aiohttp import web

from bot.bench_load import CONFIG, PATH
from channels.port import Refused
from channels.wechat.crypto import Envelope

TABLES = """
CREATE TABLE bindings (address text PRIMARY KEY, renewal_id bigint NOT NULL);
CREATE TABLE renewals (id bigint PRIMARY KEY, version int NOT NULL, state text NOT NULL, body jsonb NOT NULL);
CREATE TABLE inbound (key text PRIMARY KEY, reply text, at timestamptz NOT NULL);
CREATE TABLE events (renewal_id bigint, seq int, at timestamptz NOT NULL, event jsonb NOT NULL,
                     PRIMARY KEY (renewal_id, seq));
CREATE TABLE effects (id bigserial PRIMARY KEY, renewal_id bigint NOT NULL, key text UNIQUE, payload jsonb NOT NULL,
                      status text NOT NULL DEFAULT 'open', run_at timestamptz NOT NULL);
CREATE INDEX due ON effects (run_at) WHERE status = 'open';
"""
READ = """
SELECT r.id, r.version, r.body::text, i.key FROM bindings b JOIN renewals r ON r.id = b.renewal_id
LEFT JOIN inbound i ON i.key = $2 WHERE b.address = $1"""
WRITE = """
WITH saved AS (
  UPDATE renewals SET version = version + 1, state = $3, body = $4::jsonb WHERE id = $1 AND version = $2 RETURNING id
), known AS (INSERT INTO inbound (key, reply, at) SELECT $5, $6, $7 FROM saved
), logged AS (INSERT INTO events (renewal_id, seq, at, event) SELECT id, $2 + 1, $7, $8::jsonb FROM saved
), queued AS (INSERT INTO effects (renewal_id, key, payload, run_at) SELECT id, $5, $8::jsonb, $7 FROM saved)
SELECT count(*) FROM saved"""
TRIES = 40
CHUNK = 5000


async def seed(url: str, rows: Iterable[Sequence[Any]]) -> None:
    """Fresh tables with (address, id, body as JSON text) each."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(TABLES)
        for part in _parts(list(rows), CHUNK):
            await connection.executemany("INSERT INTO bindings VALUES ($1, $2)", [(row[0], row[1]) for row in part])
            values = [(row[1], row[2]) for row in part]
            await connection.executemany("INSERT INTO renewals VALUES ($1, 0, 'offered', $2::jsonb)", values)
    finally:
        await connection.close()


def _parts(rows: list[Sequence[Any]], size: int) -> Iterable[list[Sequence[Any]]]:
    return (rows[start : start + size] for start in range(0, len(rows), size))


def floor(pool: asyncpg.Pool) -> web.Application:
    envelope = Envelope(CONFIG)

    async def push(request: web.Request) -> web.Response:
        now = datetime.now(UTC)
        try:
            opened = envelope.open(request.query, await request.read(), now)
        except Refused as refused:
            return web.Response(status=refused.status)
        sender, key = opened.fields["FromUserName"], opened.fields["MsgId"]
        reply = f"收到：{opened.fields['Content']}"
        for _ in range(TRIES):
            row = await pool.fetchrow(READ, sender, key)
            if row is None:
                return web.Response(text="success")
            if row[3] is not None:
                break
            body = msgspec.json.decode(row[2])
            body["said"] = body.get("said", 0) + 1
            event = msgspec.json.encode({"event": "Asked", "message": key}).decode()
            values = (row[0], row[1], "offered", msgspec.json.encode(body).decode(), key, reply, now, event)
            if await pool.fetchval(WRITE, *values):
                break
        xml = (
            f"<xml><ToUserName>{sender}</ToUserName><FromUserName>gh_bench</FromUserName>"
            f"<CreateTime>{int(now.timestamp())}</CreateTime><MsgType>text</MsgType><Content>{reply}</Content></xml>"
        )
        return web.Response(text=envelope.seal(opened, xml, now), content_type="application/xml")

    app = web.Application(client_max_size=64 * 1024)
    app.add_routes([web.post(PATH, push)])
    return app


class Unreset(asyncpg.Connection):  # type: ignore[misc]  # the driver has no types
    """As in the product: nothing on these connections changes session state, so a reset is a round trip for nothing."""

    def get_reset_query(self) -> str:
        return ""


async def _serve(url: str) -> web.Application:
    pool = await asyncpg.create_pool(url, min_size=2, max_size=16, connection_class=Unreset)
    return floor(pool)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("port", type=int)
    arguments = parser.parse_args()
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    web.run_app(_serve(arguments.url), host="127.0.0.1", port=arguments.port, print=None, access_log=None)


if __name__ == "__main__":
    main()
