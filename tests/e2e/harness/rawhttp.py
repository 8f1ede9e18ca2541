# SPDX-License-Identifier: Apache-2.0
"""HTTP by hand over a socket: what a client library would tidy up, a test must be able to send and see."""

import socket
from dataclasses import dataclass, field


@dataclass
class Answer:
    """One response, as it came."""

    version: str
    status: int
    reason: str
    headers: list[tuple[str, str]]
    body: bytes = b""
    head: bytes = field(default=b"", repr=False)

    def header(self, name: str) -> str | None:
        """The value of a header, or None; fails if it came twice."""
        values = [value for key, value in self.headers if key.lower() == name.lower()]
        assert len(values) <= 1, f"{name} came {len(values)} times"
        return values[0] if values else None

    @property
    def text(self) -> str:
        return self.body.decode()


class Connection:
    """A client connection that sends bytes and reads answers."""

    def __init__(self, port: int, host: str = "127.0.0.1", timeout: float = 20.0) -> None:
        self.sock = socket.create_connection((host, port), timeout=timeout)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffer = b""

    def __enter__(self) -> "Connection":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.sock.close()

    def send(self, data: bytes | str) -> "Connection":
        """Sends everything; a server that has already closed is not an error, its answer is what counts."""
        try:
            self.sock.sendall(data.encode("latin-1") if isinstance(data, str) else data)
        except (BrokenPipeError, ConnectionResetError):
            pass
        return self

    def end(self) -> "Connection":
        """Closes the sending side only."""
        self.sock.shutdown(socket.SHUT_WR)
        return self

    def _more(self) -> bool:
        try:
            data = self.sock.recv(65536)
        except ConnectionResetError:
            return False
        self._buffer += data
        return bool(data)

    def answer(self, *, head_only: bool = False) -> Answer:
        """The next response."""
        while b"\r\n\r\n" not in self._buffer:
            assert self._more(), f"connection closed before an answer; got {self._buffer!r}"
        head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        version, status, reason = lines[0].split(" ", 2)
        headers = [(key, value) for key, _, value in (line.partition(": ") for line in lines[1:])]
        answer = Answer(version, int(status), reason, headers, b"", head)
        length = int(answer.header("content-length") or "0")
        if not head_only:
            while len(self._buffer) < length:
                assert self._more(), "connection closed within a body"
            answer.body, self._buffer = self._buffer[:length], self._buffer[length:]
        return answer

    def closed(self) -> bool:
        """Whether the server closes now, having sent nothing more."""
        try:
            while self._more():
                pass
        except TimeoutError:
            return False
        assert self._buffer == b"", f"unexpected bytes before the end: {self._buffer!r}"
        return True

    def is_open(self) -> bool:
        """Whether the server has not closed yet and has nothing to say."""
        self.sock.setblocking(False)
        try:
            self.sock.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return True
        except ConnectionResetError:
            return False
        finally:
            self.sock.settimeout(20.0)
        return False  # the end, or bytes


def request(
    target: str,
    *headers: str,
    method: str = "GET",
    version: str = "HTTP/1.1",
    host: str | None = "localhost",
    token: str | None = "test-token-123",
    body: str = "",
) -> bytes:
    """A request's bytes; `host` or `token` None leaves that header out."""
    lines = [f"{method} {target} {version}"]
    if host is not None:
        lines.append(f"Host: {host}")
    if token is not None:
        lines.append(f"X-Aws-Parameters-Secrets-Token: {token}")
    lines += headers
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode("latin-1")


def exchange(port: int, data: bytes | str, *, head_only: bool = False) -> Answer:
    """Sends `data` on a connection of its own and reads one answer."""
    with Connection(port) as connection:
        return connection.send(data).answer(head_only=head_only)
