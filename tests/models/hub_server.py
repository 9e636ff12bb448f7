"""A model hub on this machine: the answers of the real one that its client depends on.

Large files are handed out as the real hub does it: /resolve/ answers with the commit, the file's
size and its sha256 as ETag, and redirects to another host, which honours Range.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@dataclass
class Hub:
    """What the hub holds and what it was asked. Change it between requests to make it misbehave."""

    repository: str
    files: dict[str, bytes]
    gated: bool = False
    cut_after: int | None = None  # bytes; the next body ends there, with the connection
    requests: list[tuple[str, str, str]] = field(default_factory=list)  # method, path, Range
    headers: list[dict[str, str]] = field(default_factory=list)
    bytes_sent: int = 0
    address: str = ""

    def content(self, path: str) -> bytes | None:
        """The file behind /<repository>/resolve/<revision>/<file> or /cdn/<file>."""
        for revision in ("main", COMMIT):
            prefix = f"/{self.repository}/resolve/{revision}/"
            if path.startswith(prefix):
                return self.files.get(path.removeprefix(prefix))
        return self.files.get(path.removeprefix("/cdn/")) if path.startswith("/cdn/") else None


class _Handler(BaseHTTPRequestHandler):
    hub: Hub

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def log_message(self, format: str, *args: object) -> None:
        """The requests are recorded, not printed."""

    def _answer(self, *, with_body: bool) -> None:
        path = urlsplit(self.path).path
        self.hub.requests.append((self.command, path, self.headers.get("Range", "")))
        self.hub.headers.append({key.lower(): value for key, value in self.headers.items()})
        content = self.hub.content(path)
        if self.hub.gated:
            self._refuse(401, "GatedRepo")
        elif not path.startswith((f"/{self.hub.repository}/", "/cdn/")):
            self._refuse(404, "RepoNotFound")
        elif content is None:
            self._refuse(404, "EntryNotFound")
        elif not path.startswith("/cdn/") and path.endswith((".gguf", ".safetensors")):
            self._redirect(path, content)
        else:
            self._hand_out(content, with_body=with_body)

    def _refuse(self, status: int, code: str) -> None:
        self.send_response(status)
        self.send_header("X-Error-Code", code)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _redirect(self, path: str, content: bytes) -> None:
        name = path.split("/resolve/")[1].partition("/")[2]
        port = self.hub.address.rpartition(":")[2]
        self.send_response(302)
        self.send_header("X-Repo-Commit", COMMIT)
        self.send_header("X-Linked-Size", str(len(content)))
        self.send_header("X-Linked-Etag", f'"{hashlib.sha256(content).hexdigest()}"')
        self.send_header("Location", f"http://localhost:{port}/cdn/{name}")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _hand_out(self, content: bytes, *, with_body: bool) -> None:
        start = int(self.headers.get("Range", "bytes=0-").removeprefix("bytes=").rstrip("-"))
        body = content[start:]
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.send_header("X-Repo-Commit", COMMIT)
        self.send_header("ETag", f'"{hashlib.sha1(content).hexdigest()}"')
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if with_body:
            self._send(body)

    def _send(self, body: bytes) -> None:
        cut, self.hub.cut_after = self.hub.cut_after, None
        self.hub.bytes_sent += len(body[:cut])
        with suppress(ConnectionError):  # a client that was interrupted does not wait for the end
            self.wfile.write(body[:cut])
        self.close_connection = self.close_connection or cut is not None


@contextmanager
def running_hub(hub: Hub) -> Iterator[Hub]:
    """Serve `hub` on a free port of this machine; its address is in `hub.address`."""
    handler = type("Handler", (_Handler,), {"hub": hub})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    hub.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
