"""What nobody can avoid: the same HTTP stack keeping the bytes of each request safely, as they are.

No consent, no sealing, no log: one row and one forced write a request.

Run: python benchmarks/baseline.py FOLDER PORT
"""

from __future__ import annotations

import sqlite3
import sys
from pathlib import Path

import uvicorn
from fastapi import FastAPI, Request, Response


def application(folder: Path) -> FastAPI:
    """A server that keeps what it gets."""
    database = sqlite3.connect(folder / "baseline.db", isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL"):
        database.execute(f"PRAGMA {pragma}")
    database.execute("CREATE TABLE IF NOT EXISTS kept (n INTEGER PRIMARY KEY, data BLOB)")
    app = FastAPI()

    @app.post("/submission")
    async def keep(request: Request) -> Response:
        body = b"".join([chunk async for chunk in request.stream()])
        database.execute("INSERT INTO kept (data) VALUES (?)", (body,))
        return Response("<OpenRosaResponse/>", status_code=201, media_type="text/xml")

    return app


if __name__ == "__main__":
    uvicorn.run(
        application(Path(sys.argv[1])),
        host="127.0.0.1",
        port=int(sys.argv[2]),
        log_config=None,
        access_log=False,
    )
