"""A small HTTP API that serves records in pages, as many a service does."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

PAGE_ROWS = 100


@contextmanager
def serving(records: list[dict[str, object]]) -> Iterator[str]:
    """Serve `records` on a free port of this machine and yield the URL."""

    class Pages(BaseHTTPRequestHandler):
        """Answers `?page=N` with one page of records; an empty one ends them."""

        def do_GET(self) -> None:
            """Send one page."""
            query = parse_qs(urlsplit(self.path).query)
            first = (int(query.get("page", ["1"])[0]) - 1) * PAGE_ROWS
            body = json.dumps({"data": records[first : first + PAGE_ROWS]}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Keep the tour's screen clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/airports"
    finally:
        server.shutdown()
        server.server_close()
