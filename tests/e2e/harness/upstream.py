# SPDX-License-Identifier: Apache-2.0
"""An AWS that does what a test tells it: counts calls, answers from a table or passes them on, and misbehaves.

A small threaded server between the agent and a backend. Without a backend it answers GetSecretValue, DescribeSecret and
GetCallerIdentity itself. A step (hold, reset, truncate, ...) takes the place of the normal answer, for the next calls
of an operation or for all of them.
"""

import json
import socket
import struct
import threading
import urllib.parse
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

CURRENT = "AWSCURRENT"
PREVIOUS = "AWSPREVIOUS"


@dataclass
class Version:
    """One version of a secret; `created` is the number's text as AWS would send it."""

    id: str
    string: str | None = None
    binary: str | None = None
    stages: list[str] = field(default_factory=list)
    created: str = "1569534789.046"


@dataclass
class Secret:
    """A secret of the table."""

    name: str
    arn: str
    versions: list[Version] = field(default_factory=list)

    def put(self, value: str, version_id: str | None = None) -> Version:
        """Makes `value` the current version, as PutSecretValue would."""
        for version in self.versions:
            if CURRENT in version.stages:
                version.stages = [PREVIOUS]
            elif PREVIOUS in version.stages:
                version.stages = []
        new = Version(
            version_id or f"{len(self.versions) + 1:08d}-0000-4000-8000-000000000000", value, stages=[CURRENT]
        )
        self.versions.append(new)
        return new


@dataclass
class Call:
    """One request that arrived."""

    operation: str
    body: dict[str, Any]
    headers: dict[str, str]
    raw: bytes = field(repr=False)

    @property
    def secret_id(self) -> str | None:
        return self.body.get("SecretId")

    @property
    def access_key(self) -> str | None:
        """The access key that signed the call."""
        _, _, rest = self.headers.get("authorization", "").partition("Credential=")
        return rest.split("/")[0] or None


class Exchange:
    """A call and the means to answer it, or not."""

    def __init__(self, upstream: "Upstream", sock: socket.socket, call: Call) -> None:
        self.upstream = upstream
        self.sock = sock
        self.call = call

    def normal(self) -> bytes:
        return self.upstream.normal_answer(self.call)

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def close(self) -> None:
        self.sock.shutdown(socket.SHUT_RDWR)

    def reset(self) -> None:
        """Closes so that the peer sees a reset."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def wait_for_end(self) -> None:
        """Until the peer goes or the test ends."""
        self.sock.settimeout(0.1)
        while not self.upstream.ending.is_set():
            try:
                if not self.sock.recv(4096):
                    return
            except TimeoutError:
                continue
            except OSError:
                return


Step = Callable[[Exchange], None]


def answer(status: int, body: bytes | str, content_type: str = "application/x-amz-json-1.1", *headers: str) -> bytes:
    """A response's bytes."""
    if isinstance(body, str):
        body = body.encode()
    lines = [
        f"HTTP/1.1 {status} Any",
        f"Content-Type: {content_type}",
        f"Content-Length: {len(body)}",
        "x-amzn-RequestId: 00000000-0000-0000-0000-000000000000",
        *headers,
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


def error(status: int, code: str, message: str = "") -> Step:
    """AWS answers with an error."""
    return lambda ex: ex.send(answer(status, json.dumps({"__type": code, "message": message})))


def raw(data: bytes) -> Step:
    """These bytes and nothing else."""
    return lambda ex: ex.send(data)


def body(text: str | bytes, status: int = 200) -> Step:
    """A well-formed answer with this body."""
    return raw(answer(status, text))


def hold(event: threading.Event) -> Step:
    """The normal answer, once `event` is set."""

    def step(ex: Exchange) -> None:
        event.wait(60)
        ex.send(ex.normal())

    return step


def truncate(ex: Exchange) -> None:
    """Half of the normal answer's body, then the end."""
    data = ex.normal()
    ex.send(data[: -max(1, len(data.partition(b"\r\n\r\n")[2]) // 2)])
    ex.close()


def mute(ex: Exchange) -> None:
    """Never an answer."""
    ex.wait_for_end()
    ex.close()


def reset(ex: Exchange) -> None:
    """A reset in place of an answer."""
    ex.reset()


def close(ex: Exchange) -> None:
    """An orderly end in place of an answer."""
    ex.close()


def trickle(ex: Exchange) -> None:
    """The normal answer, a byte at a time."""
    for byte in ex.normal():
        ex.send(bytes([byte]))


throttle: Step = error(400, "ThrottlingException", "Rate exceeded")
garble: Step = body("<html>this is not JSON</html>")
not_found: Step = error(400, "ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
denied: Step = error(400, "AccessDeniedException", "User is not authorized to perform this action")


class Upstream:
    """The server; `forward` is the URL of a backend that gives the normal answers."""

    def __init__(self, forward: str | None = None) -> None:
        self.ending = threading.Event()
        self.calls: list[Call] = []
        self.secrets: list[Secret] = []
        self._forward = urllib.parse.urlsplit(forward) if forward else None
        self._once: dict[str, list[Step]] = defaultdict(list)
        self._always: dict[str, Step] = {}
        self._lock = threading.Lock()
        self._sockets: set[socket.socket] = set()
        self.port = 0
        self._listener: socket.socket | None = None
        self.accept()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    # What a test asks.

    def count(self, operation: str | None = None, secret_id: str | None = None) -> int:
        """How many calls arrived, of an operation, for a secret id."""
        with self._lock:
            return sum(
                1 for call in self.calls if operation in (None, call.operation) and secret_id in (None, call.secret_id)
            )

    def last(self, operation: str) -> Call:
        """The latest call of an operation."""
        with self._lock:
            return [call for call in self.calls if call.operation == operation][-1]

    # What a test orders.

    def add(
        self, name: str, value: str | None = "value", *, binary: str | None = None, suffix: str = "AbCdEf"
    ) -> Secret:
        """A secret with one current version."""
        secret = Secret(name, f"arn:aws:secretsmanager:us-east-1:123456789012:secret:{name}-{suffix}")
        version = secret.put(value or "")
        if binary is not None:
            version.string, version.binary = None, binary
        self.secrets.append(secret)
        return secret

    def next(self, operation: str, *steps: Step) -> None:
        """The next calls of an operation go this way."""
        with self._lock:
            self._once[operation] += steps

    def always(self, operation: str, step: Step | None) -> None:
        """All calls of an operation go this way; None: back to normal."""
        with self._lock:
            if step is None:
                self._always.pop(operation, None)
            else:
                self._always[operation] = step

    def refuse(self) -> None:
        """Stops listening and cuts every connection: as if the service had died."""
        if self._listener:
            self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None
        with self._lock:
            sockets = list(self._sockets)
        for sock in sockets:
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def accept(self) -> None:
        """Listens (again), on the same port."""
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        listener.listen(512)
        self.port = listener.getsockname()[1]
        self._listener = listener
        threading.Thread(target=self._accept_loop, args=(listener,), daemon=True).start()

    def stop(self) -> None:
        self.ending.set()
        self.refuse()

    # The works.

    def _accept_loop(self, listener: socket.socket) -> None:
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self._sockets.add(sock)
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        buffer = b""
        try:
            while True:
                while b"\r\n\r\n" not in buffer:
                    data = sock.recv(65536)
                    if not data:
                        return
                    buffer += data
                head, _, buffer = buffer.partition(b"\r\n\r\n")
                lines = head.decode("latin-1").split("\r\n")
                headers = {key.lower(): value.strip() for key, _, value in (line.partition(":") for line in lines[1:])}
                length = int(headers.get("content-length", "0"))
                while len(buffer) < length:
                    data = sock.recv(65536)
                    if not data:
                        return
                    buffer += data
                content, buffer = buffer[:length], buffer[length:]
                call = self._parse(headers, content, head + b"\r\n\r\n" + content)
                with self._lock:
                    self.calls.append(call)
                    once = self._once[call.operation]
                    step = once.pop(0) if once else self._always.get(call.operation)
                ex = Exchange(self, sock, call)
                if step:
                    step(ex)
                else:
                    ex.send(ex.normal())
        except OSError:
            pass
        finally:
            with self._lock:
                self._sockets.discard(sock)
            sock.close()

    @staticmethod
    def _parse(headers: dict[str, str], content: bytes, raw_request: bytes) -> Call:
        target = headers.get("x-amz-target", "")
        if target:
            return Call(target.rpartition(".")[2], json.loads(content or b"{}"), headers, raw_request)
        form = dict(urllib.parse.parse_qsl(content.decode()))
        return Call(form.get("Action", "?"), form, headers, raw_request)

    def normal_answer(self, call: Call) -> bytes:
        """What the backend, or the table, says."""
        if self._forward:
            return self._ask_backend(call)
        if call.operation == "GetCallerIdentity":
            return answer(
                200,
                '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">'
                "<GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/test</Arn>"
                "<UserId>AIDATEST</UserId><Account>123456789012</Account></GetCallerIdentityResult>"
                "<ResponseMetadata><RequestId>0</RequestId></ResponseMetadata>"
                "</GetCallerIdentityResponse>",
                "text/xml",
            )
        secret = self._find(call.secret_id or "")
        if secret and call.operation == "DescribeSecret":
            stages = {version.id: version.stages for version in secret.versions if version.stages}
            return answer(200, json.dumps({"ARN": secret.arn, "Name": secret.name, "VersionIdsToStages": stages}))
        if secret and call.operation == "GetSecretValue":
            wanted_id, wanted_stage = call.body.get("VersionId"), call.body.get("VersionStage")
            if wanted_id is None and wanted_stage is None:
                wanted_stage = CURRENT
            for version in secret.versions:
                if wanted_id in (None, version.id) and (wanted_stage is None or wanted_stage in version.stages):
                    return answer(200, self._value(secret, version))
        return answer(
            400,
            json.dumps(
                {"__type": "ResourceNotFoundException", "Message": "Secrets Manager can't find the specified secret."}
            ),
        )

    def _find(self, secret_id: str) -> Secret | None:
        for secret in self.secrets:
            if secret_id in (secret.name, secret.arn, secret.arn.rpartition("-")[0]):
                return secret
        return None

    @staticmethod
    def _value(secret: Secret, version: Version) -> str:
        members = [
            f'"ARN":{json.dumps(secret.arn)}',
            f'"Name":{json.dumps(secret.name)}',
            f'"VersionId":{json.dumps(version.id)}',
        ]
        if version.string is not None:
            members.append(f'"SecretString":{json.dumps(version.string)}')
        if version.binary is not None:
            members.append(f'"SecretBinary":{json.dumps(version.binary)}')
        members += [f'"VersionStages":{json.dumps(version.stages)}', f'"CreatedDate":{version.created}']
        return "{" + ",".join(members) + "}"

    def _ask_backend(self, call: Call) -> bytes:
        assert self._forward and self._forward.port
        # One request a connection: the backend is told to close, which needs no change to what was signed.
        head, _, content = call.raw.partition(b"\r\n\r\n")
        lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"connection:")]
        with socket.create_connection(("127.0.0.1", self._forward.port), timeout=20) as sock:
            sock.sendall(b"\r\n".join([*lines, b"Connection: close"]) + b"\r\n\r\n" + content)
            data = b""
            while chunk := sock.recv(65536):
                data += chunk
        head, _, content = data.partition(b"\r\n\r\n")
        kept = [
            line
            for line in head.split(b"\r\n")
            if not line.lower().startswith((b"connection:", b"transfer-encoding:", b"content-length:"))
        ]
        assert b"chunked" not in head.lower(), "the backend is expected to send a length"
        return b"\r\n".join([*kept, b"Content-Length: %d" % len(content)]) + b"\r\n\r\n" + content
