"""Stands in for a server of the product: ``standin_server.py PORT DIARY STORES_SOCKET``.

It answers every GET with 200 and writes into its diary what signals it got, and whether the store was there at its end.
"""

from __future__ import annotations

import signal
import socket
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import FrameType


class Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()


def main(port: int, diary: Path, store: str) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", port), Answer)

    def note(number: int, frame: FrameType | None) -> None:
        with socket.socket(socket.AF_UNIX) as line:
            there = line.connect_ex(store) == 0
        with diary.open("a") as page:
            page.write(f"{signal.Signals(number).name} store={'there' if there else 'gone'}\n")
        threading.Thread(target=server.shutdown).start()

    signal.signal(signal.SIGINT, note)
    signal.signal(signal.SIGTERM, note)
    server.serve_forever(poll_interval=0.02)


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
