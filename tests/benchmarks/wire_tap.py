"""A process between a client and its broker that notes when each alert passed on the wire.

Usage: wire_tap.py BROKER_PORT. Prints its own port, then a line ``TIME ID`` for each alert: TIME is that of
time.perf_counter, one clock for all processes of a machine. A process of its own, so that what it measures
does not slow its watch.
"""

from __future__ import annotations

import re
import selectors
import socket
import sys
import time

_ALERT = re.compile(rb'/alert.{0,200}?"id":"([^"]+)"', re.DOTALL)


def main() -> None:
    """Pass on everything in both directions until standard input closes."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        print(server.getsockname()[1], flush=True)
        client, _ = server.accept()
    broker = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
    for end in (client, broker):
        end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    chooser = selectors.DefaultSelector()
    chooser.register(client, selectors.EVENT_READ, broker)
    chooser.register(broker, selectors.EVENT_READ, client)
    chooser.register(sys.stdin, selectors.EVENT_READ)
    seen = b""
    while True:
        for key, _ in chooser.select():
            if key.data is None:
                return
            data = key.fileobj.recv(65536)
            now_s = time.perf_counter()
            if not data:
                return
            key.data.sendall(data)
            if key.fileobj is client:
                seen += data
                for found in _ALERT.finditer(seen):
                    print(f"{now_s:.6f} {found[1].decode()}", flush=True)
                    seen = seen[found.end() :]
                seen = seen[-1000:]


if __name__ == "__main__":
    main()
