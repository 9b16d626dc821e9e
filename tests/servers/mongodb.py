"""A server that speaks MongoDB's protocol over mongomock, so that the real driver can be tried.

No MongoDB can be installed where these tests run. This one answers what our connector and its tests
ask: log-in (SCRAM-SHA-256), find with cursors, listing, inserts; it can hang, cut and forbid.
"""

import itertools
import ssl
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Self

from bson import Int64, decode, encode

from tests.servers.mongodb_wire import CODEC, Handler, Listener, RefusedError

HELLO = {
    "helloOk": True,
    "isWritablePrimary": True,
    "ismaster": True,
    "maxBsonObjectSize": 16 << 20,
    "maxMessageSizeBytes": 48_000_000,
    "maxWriteBatchSize": 100_000,
    "minWireVersion": 0,
    "maxWireVersion": 21,
    "readOnly": False,
}
Document = dict[str, Any]


class MongoServer:
    """Listens on a free port until it is left; every command it got stands in `commands`."""

    def __init__(self, login: tuple[str, str] | None = None, tls: ssl.SSLContext | None = None):
        import mongomock

        self.login = login
        self.tls = tls
        self.engine = mongomock.MongoClient()
        self.commands: list[Document] = []
        self.forbidden: set[str] = set()
        # Documents in a batch, if not as many as the client asks for.
        self.batch: int | None = None
        # Called before each command; a hook may wait, or raise ConnectionError to cut the line.
        self.before: Callable[[Document], None] = lambda _command: None
        self.running: dict[int, Document] = {}
        self.killed: list[int] = []
        self.views: dict[tuple[str, str], tuple[str, list[Document]]] = {}
        self.cursors: dict[int, tuple[str, Iterator[bytes]]] = {}
        self.numbers = itertools.count(1)
        self.lock = threading.Lock()
        handler = type("Handler", (Handler,), {"serving": self})
        self._listener = Listener(("127.0.0.1", 0), handler)
        self.port: int = self._listener.server_address[1]
        self._thread = threading.Thread(target=self._listener.serve_forever, args=(0.05,))

    def __enter__(self) -> Self:
        """Begin to serve."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End, and cut every connection."""
        self._listener.shutdown()
        self._thread.join()
        self._listener.cut()
        self._listener.server_close()

    def url(self, database: str) -> str:
        """Return the connection string of a database."""
        login = f"{self.login[0]}:{self.login[1]}@" if self.login else ""
        return f"mongodb://{login}127.0.0.1:{self.port}/{database}?authSource=admin"

    def run(self, command: Document) -> Document:
        """Carry a command out and return its answer."""
        name = next(iter(command))
        if name in self.forbidden:
            raise RefusedError(13, f"not authorized on {command['$db']} to execute {name}")
        carry_out = getattr(self, f"_on_{name.lower()}", None)
        if carry_out is None:
            raise RefusedError(59, f"no such command: '{name}'")
        with self.lock:
            return {**carry_out(self.engine[command["$db"]], command), "ok": 1.0}

    def _on_hello(self, _database: Any, command: Document) -> Document:
        asked = {"saslSupportedMechs": ["SCRAM-SHA-256"]} if "saslSupportedMechs" in command else {}
        return {**HELLO, **asked}

    _on_ismaster = _on_hello

    def _on_ping(self, _database: Any, _command: Document) -> Document:
        return {}

    _on_endsessions = _on_ping

    def _on_buildinfo(self, _database: Any, _command: Document) -> Document:
        return {"version": "7.0.0-mongomock", "versionArray": [7, 0, 0, 0]}

    def _on_insert(self, database: Any, command: Document) -> Document:
        database[command["insert"]].insert_many(command["documents"])
        return {"n": len(command["documents"])}

    def _on_update(self, database: Any, command: Document) -> Document:
        for one in command["updates"]:
            database[command["update"]].update_many(one["q"], one["u"])
        return {"n": 1, "nModified": 1}

    def _on_delete(self, database: Any, command: Document) -> Document:
        for one in command["deletes"]:
            database[command["delete"]].delete_many(one["q"])
        return {"n": 1}

    def _on_create(self, database: Any, command: Document) -> Document:
        if "viewOn" in command:
            key = database.name, command["create"]
            self.views[key] = command["viewOn"], command.get("pipeline", [])
        else:
            database.create_collection(command["create"])
        return {}

    def _on_dropdatabase(self, database: Any, _command: Document) -> Document:
        self.engine.drop_database(database.name)
        return {}

    def _on_listcollections(self, database: Any, command: Document) -> Document:
        views = [name for where, name in self.views if where == database.name]
        found = [{"name": name, "type": "view"} for name in views]
        found += [{"name": one, "type": "collection"} for one in database.list_collection_names()]
        return self._first(command, f"{database.name}.$cmd.listCollections", map(encode, found))

    def _on_count(self, database: Any, command: Document) -> Document:
        return {"n": database[command["count"]].count_documents({})}

    def _on_find(self, database: Any, command: Document) -> Document:
        collection = database[command["find"]]
        if view := self.views.get((database.name, command["find"])):
            documents = list(database[view[0]].aggregate(view[1]))
            collection = self.engine["views"][uuid.uuid4().hex]
            if documents:
                collection.insert_many(documents)
        found = collection.find(command.get("filter") or {}, command.get("projection") or None)
        if sort := command.get("sort"):
            found = found.sort(list(sort.items()))
        documents = list(found.limit(abs(command.get("limit", 0))))
        encoded = (encode(one, codec_options=CODEC) for one in documents)
        return self._first(command, f"{database.name}.{command['find']}", encoded)

    def _on_aggregate(self, database: Any, command: Document) -> Document:
        if "$currentOp" in command["pipeline"][0]:
            wanted = command["pipeline"][1]["$match"]["command.comment"]
            found = [
                {"opid": number, "command": one}
                for number, one in self.running.items()
                if one.get("comment") == wanted
            ]
            return self._first(command, "admin.$cmd.aggregate", map(encode, found))
        found = list(database[command["aggregate"]].aggregate(command["pipeline"]))
        encoded = (encode(one, codec_options=CODEC) for one in found)
        return self._first(command, f"{database.name}.{command['aggregate']}", encoded)

    def _on_killop(self, _database: Any, command: Document) -> Document:
        self.killed.append(command["op"])
        return {"info": "attempting to kill op"}

    def _on_killcursors(self, _database: Any, command: Document) -> Document:
        for number in command["cursors"]:
            self.cursors.pop(number, None)
        return {"cursorsKilled": command["cursors"]}

    def _on_getmore(self, _database: Any, command: Document) -> Document:
        number = command["getMore"]
        if number not in self.cursors:
            raise RefusedError(43, f"cursor id {number} not found")
        namespace, found = self.cursors[number]
        return self._cursor("nextBatch", command.get("batchSize"), number, namespace, found)

    def _first(self, command: Document, namespace: str, found: Iterator[bytes]) -> Document:
        size = command.get("batchSize", command.get("cursor", {}).get("batchSize"))
        return self._cursor("firstBatch", size, next(self.numbers), namespace, found)

    def _cursor(
        self, key: str, size: int | None, number: int, namespace: str, found: Iterator[bytes]
    ) -> Document:
        wanted = self.batch or size or 101
        batch = [decode(one, CODEC) for one in itertools.islice(found, wanted)]
        is_over = len(batch) < wanted
        self.cursors.pop(number, None)
        if not is_over:
            self.cursors[number] = namespace, found
        return {"cursor": {"id": Int64(0 if is_over else number), "ns": namespace, key: batch}}


@contextmanager
def fresh_database(url: str) -> Iterator[str]:
    """Return the connection string of an empty database, which is dropped afterwards."""
    import pymongo

    name = f"test_{uuid.uuid4().hex[:12]}"
    base, _, query = url.partition("?")
    given = f"{base.rpartition('/')[0]}/{name}" + (f"?{query}" if query else "")
    yield given
    with pymongo.MongoClient(given) as client:
        client.drop_database(name)
