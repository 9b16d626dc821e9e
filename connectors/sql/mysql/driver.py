"""One session with a server: PyMySQL's, and beside it rows as bytes.

This module imports its driver at once; whoever needs it imports it where it is used.
"""

import ssl
import struct
from collections.abc import Iterator
from contextlib import suppress
from socket import SHUT_RDWR
from typing import Any

import pymysql
from pymysql.constants import COMMAND
from pymysql.protocol import FieldDescriptorPacket

from connectors.sql.mysql.types import Field

# Within which a server has to let us in.
CONNECT_SECONDS = 5
# A batch of rows holds so many bytes at least, where there are as many.
_BLOCK = 4 << 20
# A gather of eight bytes may begin with the last one.
PADDING = 16
_LONGEST = 0xFFFFFF
_END, _ERROR = 0xFE, 0xFF
# Three bytes of length, one that counts packets, and the first byte of the payload.
_HEAD = struct.Struct("<IB")


class Session(pymysql.Connection):  # type: ignore[misc]
    """A connection that commits every statement, in UTC, with limits that suit long loads."""

    def __init__(self, **options: Any) -> None:
        """Connect; `options` are PyMySQL's."""
        super().__init__(
            autocommit=True,
            charset="utf8mb4",
            connect_timeout=CONNECT_SECONDS,
            read_timeout=CONNECT_SECONDS,
            # Otherwise a server could ask for any file of this machine.
            local_infile=False,
            program_name="millrace",
            **options,
        )
        self._read_timeout = None

    @property
    def is_encrypted(self) -> bool:
        """Whether TLS protects the connection."""
        return isinstance(self._sock, ssl.SSLSocket)

    def run(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Execute one statement and return its rows."""
        with self.cursor() as cursor:
            cursor.execute(sql, values or None)
            return list(cursor.fetchall())

    def describe(self, sql: str) -> list[Field]:
        """Return the columns of a SELECT without running it."""
        number, fields = self._prepare(sql)
        self._forget(number)
        return fields

    def blocks(self, sql: str) -> Iterator[tuple[bytearray, list[int]]]:
        """Run a SELECT and yield its rows as the binary protocol brings them.

        A block is a buffer and the positions in it where the payload of each row begins; behind the
        last row are at least `PADDING` bytes. The session can do nothing else until the last block.
        """
        number, _ = self._prepare(sql)
        self._command(COMMAND.COM_STMT_EXECUTE, number.to_bytes(4, "little") + b"\0\1\0\0\0")
        self._read_fields(self._read_packet().read_length_encoded_integer())
        # What was read ahead comes first, then straight what the socket brings.
        rows = _Rows(self._rfile.read1(_BLOCK))
        while not rows.is_finished:
            yield rows.next_block(self._rfile.raw)
        if rows.error is not None:
            pymysql.err.raise_mysql_exception(rows.error)
        self._forget(number)

    def cut(self) -> None:
        """End the connection from another thread; whoever waits for it fails at once."""
        sock = self._sock
        if sock is not None:
            with suppress(OSError):
                sock.shutdown(SHUT_RDWR)

    def _prepare(self, sql: str) -> tuple[int, list[Field]]:
        """Return a statement's number and the columns that it will bring."""
        self._execute_command(COMMAND.COM_STMT_PREPARE, sql)
        answer = self._read_packet()
        answer.advance(1)
        number, columns, parameters = answer.read_struct("<IHH")
        if parameters:
            self._read_fields(parameters)
        return number, self._read_fields(columns) if columns else []

    def _read_fields(self, count: int) -> list[Field]:
        packets = [self._read_packet(FieldDescriptorPacket) for _ in range(count)]
        self._read_packet()
        return [
            Field(one.name, one.type_code, one.flags, one.length, one.scale, one.charsetnr)
            for one in packets
        ]

    def _forget(self, number: int) -> None:
        """Let go of a statement, to which the server says nothing."""
        self._command(COMMAND.COM_STMT_CLOSE, number.to_bytes(4, "little"))

    def _command(self, command: int, payload: bytes) -> None:
        self._next_seq_id = 0
        self.write_packet(bytes([command]) + payload)


class _Rows:
    """Cuts the answer of a statement into blocks of whole rows."""

    def __init__(self, begun: bytes) -> None:
        self.is_finished = False
        self.error: bytes | None = None
        self._rest = begun

    def next_block(self, file: Any) -> tuple[bytearray, list[int]]:
        """Read until a block is full, or until the rows end."""
        buffer = bytearray(max(_BLOCK, 2 * len(self._rest)) + PADDING)
        filled = len(self._rest)
        buffer[:filled] = self._rest
        starts: list[int] = []
        at = 0
        while True:
            at, filled = self._chain(buffer, at, filled, starts)
            if self.is_finished:
                return buffer, starts
            if len(buffer) - PADDING == filled:
                if starts:
                    self._rest = bytes(buffer[at:filled])
                    return buffer, starts
                buffer.extend(bytes(len(buffer)))
            with memoryview(buffer) as view, view[filled : len(buffer) - PADDING] as room:
                count = file.readinto(room)
            if not count:
                raise pymysql.err.OperationalError(2013, "Lost connection to the server")
            filled += count

    def _chain(self, buffer: bytearray, at: int, filled: int, starts: list[int]) -> tuple[int, int]:
        """Note where whole rows begin from `at` on; return the first byte that is of none."""
        head, last = _HEAD.unpack_from, filled - _HEAD.size
        while at <= last:
            word, first = head(buffer, at)
            length = word & _LONGEST
            if length == _LONGEST:
                length, filled = _joined(buffer, at, filled)
                last = filled - _HEAD.size
            end = at + 4 + length
            if end > filled:
                return at, filled
            if first:
                self._finish(first, bytes(buffer[at + 4 : end]))
                return end, filled
            starts.append(at + 4)
            at = end
        return at, filled

    def _finish(self, first: int, payload: bytes) -> None:
        """Take in what comes behind the last row."""
        self.is_finished = True
        if first == _ERROR:
            self.error = payload
        elif first != _END:
            raise pymysql.err.InternalError(f"Unexpected packet {first:#x} among rows")


def _joined(buffer: bytearray, at: int, filled: int) -> tuple[int, int]:
    """Make one row of one that came in several packets; return its length and the bytes filled.

    The length is beyond what is filled where some of it has not come yet; then nothing is changed.
    """
    heads, end, length = [], at, 0
    while True:
        if end + 4 > filled:
            return filled, filled
        size = int.from_bytes(buffer[end : end + 3], "little")
        heads.append(end)
        length += size
        end += 4 + size
        if size < _LONGEST:
            break
    if end > filled:
        return filled, filled
    for head in reversed(heads[1:]):
        del buffer[head : head + 4]
    return length, filled - 4 * (len(heads) - 1)
