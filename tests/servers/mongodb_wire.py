"""MongoDB's wire protocol, the server's side: messages in and out, log-in by SCRAM-SHA-256."""

import base64
import hashlib
import hmac
import secrets
import socket
import socketserver
import ssl
import struct
from contextlib import suppress
from typing import Any

from bson import CodecOptions, UuidRepresentation, decode, decode_all, encode
from bson.codec_options import DatetimeConversion

OP_REPLY, OP_QUERY, OP_MSG = 1, 2004, 2013
CODEC: CodecOptions[dict[str, Any]] = CodecOptions(
    uuid_representation=UuidRepresentation.UNSPECIFIED,
    datetime_conversion=DatetimeConversion.DATETIME_AUTO,
)
# What is answered to whoever is not logged in.
OPEN = {"hello", "ismaster", "isMaster", "saslStart", "saslContinue", "ping", "buildInfo"}
Document = dict[str, Any]


class RefusedError(Exception):
    """What the server answers to a command that it does not carry out."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.answer = {"ok": 0.0, "code": code, "errmsg": text}


class Listener(socketserver.ThreadingTCPServer):
    """Takes connections, and can cut all of them."""

    daemon_threads = True
    allow_reuse_address = True
    # Tests leave connections open; the end does not wait for them.
    block_on_close = False

    def __init__(self, *args: Any) -> None:
        self.lines: list[socket.socket] = []
        super().__init__(*args)

    def cut(self) -> None:
        for line in self.lines:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)


class Handler(socketserver.BaseRequestHandler):
    """Speaks with one client until it leaves."""

    serving: Any

    def handle(self) -> None:
        self.scram: _Scram | None = None
        with suppress(OSError, ssl.SSLError):
            if self.serving.tls is not None:
                self.request = self.serving.tls.wrap_socket(self.request, server_side=True)
            self.server.lines.append(self.request)  # type: ignore[attr-defined]
            while head := self._receive(16):
                size, number, _, kind = struct.unpack("<iiii", head)
                self._reply(number, kind, self._receive(size - 16))

    def finish(self) -> None:
        self.request.close()

    def _receive(self, size: int) -> bytes:
        got = b""
        while len(got) < size:
            part = self.request.recv(size - len(got))
            if not part:
                return b""
            got += part
        return got

    def _reply(self, number: int, kind: int, body: bytes) -> None:
        if kind == OP_QUERY:
            rest = body[body.index(b"\0", 4) + 9 :]
            answer = encode(self._answer({**decode(rest, CODEC), "$db": "admin"}))
            self._send(number, OP_REPLY, struct.pack("<iqii", 8, 0, 0, 1) + answer)
            return
        command = _message(body)
        answer = encode(self._answer(command), codec_options=CODEC)
        self._send(number, OP_MSG, struct.pack("<iB", 0, 0) + answer)

    def _send(self, number: int, kind: int, body: bytes) -> None:
        head = struct.pack("<iiii", 16 + len(body), next(self.serving.numbers), number, kind)
        self.request.sendall(head + body)

    def _answer(self, command: Document) -> Document:
        name, serving = next(iter(command)), self.serving
        number = next(serving.numbers)
        serving.running[number] = command
        try:
            if name not in ("hello", "ismaster"):
                serving.commands.append(command)
                serving.before(command)
            if number in serving.killed:
                raise RefusedError(11601, "operation was interrupted")
            if name in ("saslStart", "saslContinue"):
                return self._log_in(name, command)
            if serving.login and name not in OPEN and not (self.scram and self.scram.is_done):
                raise RefusedError(13, f"command {name} requires authentication")
            return serving.run(command)
        except RefusedError as error:
            return error.answer
        finally:
            del serving.running[number]

    def _log_in(self, name: str, command: Document) -> Document:
        assert self.serving.login is not None
        if name == "saslStart":
            self.scram = _Scram(*self.serving.login)
        assert self.scram is not None
        payload = self.scram.answer(bytes(command["payload"]).decode())
        done = {"conversationId": 1, "done": self.scram.is_done, "payload": payload.encode()}
        return {**done, "ok": 1.0}


class _Scram:
    """The server's half of a log-in by SCRAM-SHA-256."""

    def __init__(self, username: str, password: str) -> None:
        self.is_done = False
        self._username = username
        self._salt = secrets.token_bytes(28)
        self._key = hashlib.pbkdf2_hmac("sha256", password.encode(), self._salt, 4096)
        self._said: list[str] = []

    def answer(self, text: str) -> str:
        said = dict(piece.split("=", 1) for piece in text.split(",") if "=" in piece)
        if not self._said:
            if said["n"] != self._username:
                raise RefusedError(18, "Authentication failed.")
            salt = base64.b64encode(self._salt).decode()
            first = f"r={said['r']}{secrets.token_hex(12)},s={salt},i=4096"
            self._said = [text.removeprefix("n,,"), first]
            return first
        whole = ",".join([*self._said, text.rpartition(",p=")[0]]).encode()
        client = hmac.digest(self._key, b"Client Key", "sha256")
        signature = hmac.digest(hashlib.sha256(client).digest(), whole, "sha256")
        proof = bytes(one ^ other for one, other in zip(client, signature, strict=True))
        if base64.b64encode(proof).decode() != said["p"]:
            raise RefusedError(18, "Authentication failed.")
        self.is_done = True
        server = hmac.digest(hmac.digest(self._key, b"Server Key", "sha256"), whole, "sha256")
        return f"v={base64.b64encode(server).decode()}"


def _message(body: bytes) -> Document:
    """Return the command of a message, the documents of its other sections put in."""
    command: Document = {}
    position = 4
    while position < len(body):
        kind, position = body[position], position + 1
        size = int.from_bytes(body[position : position + 4], "little")
        section = body[position : position + size]
        if kind == 0:
            command = {**decode(section, CODEC), **command}
        else:
            end = section.index(b"\0", 4)
            command[section[4:end].decode()] = decode_all(section[end + 1 :], CODEC)
        position += size
    return command
