"""Serve pages with very little processor time: `python -m benchmarks.pages PAGES` prints the URL.

The mock needs more time to write a row than onefolio to read it. This server only replaces the ids of the instruments,
so that no item is a duplicate.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from urllib.parse import parse_qs, urlsplit

from .data import position_page

ROWS = 1000


class Pages:
    """Pages of positions with unique instruments.

    Args:
        count: the number of pages.
    """

    def __init__(self, count: int) -> None:
        self._count = count
        page = json.loads(position_page(ROWS))
        self._metadata = page["metadata"]
        self._rows = []
        for row in page["data"]:
            before, after = json.dumps(row, separators=(",", ":")).split(f'"{row["instrument_id"]}"')
            self._rows.append((before, after))

    def page(self, number: int) -> bytes:
        """Return a page by its number, which starts with 0."""
        chance = os.urandom(16 * ROWS).hex()
        ids = (chance[at : at + 32] for at in range(0, 32 * ROWS, 32))
        rows = [
            f'{before}"{each[:8]}-{each[8:12]}-4{each[13:16]}-8{each[17:20]}-{each[20:]}"{after}'
            for (before, after), each in zip(self._rows, ids, strict=True)
        ]
        metadata = {**self._metadata, "page_number": number + 1, "total_items": ROWS * self._count}
        if number + 1 < self._count:
            metadata["next_page_token"] = str(number + 1)
        return f'{{"data":[{",".join(rows)}],"error":null,"metadata":{json.dumps(metadata)}}}'.encode()


class _Connection(asyncio.Protocol):
    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        query = parse_qs(urlsplit(data.split(b" ", 2)[1].decode()).query)
        body = self._pages.page(int(query.get("page_token", ["0"])[0]))
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        self._transport.writelines([head.encode(), body])


async def _serve(count: int) -> None:
    pages = Pages(count)
    server = await asyncio.get_running_loop().create_server(lambda: _Connection(pages), "127.0.0.1", 0)
    print(json.dumps({"clear_street": f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"}), flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
