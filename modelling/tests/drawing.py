"""People who draw together over REST, and what they draw."""

from accounts.models import User
from jobs.tests.api import Api

ROOT = "/api/v1/workspaces"


class Person(Api):
    """A client of the API with somebody's token, and who it is."""

    def __init__(self, username):
        super().__init__(username, door="modelling")
        self.user = User.objects.get(username=username)
        self.id = str(self.user.uuid)

    def send(self, method, path, body=None, *, status=200, **headers):
        """Call a route below the workspaces; return its body once the status is the expected one."""
        self.client.headers = {**self.client.headers, **headers} if headers else self.client.headers
        answer = self(method, f"{ROOT}{path}", body)
        assert answer.status_code == status, answer.content
        return answer.json() if answer.content else None


class Drawing:
    """A shared workspace with two domains, and everybody who may be in one."""

    def __init__(self):
        self.people = {
            name: Person(name) for name in ("owner", "edit", "read", "canvas", "stranger")
        }
        self.owner = self.people["owner"]
        made = self.owner.send("post", "", {"name": "Shop", "type": "shared"}, status=201)
        self.path = f"/{made['id']}"
        self.id = made["id"]
        self.sales = self.make("domains", name="Sales")["id"]
        self.stock = self.make("domains", name="Stock")["id"]
        for name, level in (("edit", "edit"), ("read", "read"), ("canvas", "read")):
            body = {"user_id": self.people[name].id, "access_level": level}
            body |= {"canvas_ownership": [self.sales]} if name == "canvas" else {}
            self.owner.send("post", f"{self.path}/collaboration/invite", body, status=201)

    def make(self, kind, *, status=201, **body):
        """Add something by the owner."""
        return self.owner.send("post", f"{self.path}/{kind}", body, status=status)

    def table(self, name, *columns, domain=None, **more):
        """Add a table with columns of these names."""
        return self.make(
            "tables",
            name=name,
            primary_domain_id=domain or self.sales,
            columns=[{"name": column, "data_type": "INT"} for column in columns],
            **more,
        )

    def relate(self, source, target, **more):
        """Add a relationship from one table to another."""
        body = {"source_table_id": source["id"], "target_table_id": target["id"], **more}
        return self.make("relationships", **body)

    def get(self, path, *, status=200):
        """Read something by the owner."""
        return self.owner.send("get", f"{self.path}/{path}", status=status)

    def put(self, path, *, status=200, **body):
        """Change something by the owner."""
        return self.owner.send("put", f"{self.path}/{path}", body, status=status)

    def delete(self, path, *, status=204):
        """Take something away by the owner."""
        return self.owner.send("delete", f"{self.path}/{path}", status=status)

    def events(self, after=0):
        """Return what happened after a seq."""
        return self.get(f"events?after={after}&limit=1000")["events"]

    def seq(self):
        """Return the number of the last event."""
        return self.get("events?limit=1")["seq"]
