"""Who gets what: a line for each method of each route, read and compared by the tests.

The scope is what an API key needs; `-` where no token is needed. Then the answers to nobody, a
stranger, a viewer and a developer of the owner's project, its owner, an admin of the platform.
A new route needs a line here: ask who may do it, write that down, and the tests hold it to it.
"""

from dataclasses import dataclass
from typing import Any

from tests.rights.world import EVERYBODY, PASSWORD

ROUTES = """
#                                                       scope   nobody stranger viewer developer owner admin
GET    /health                                          -        200    200      200    200       200   200
GET    /health/ready                                    -        200    200      200    200       200   200
GET    /openapi.json                                    -        200    200      200    200       200   200
GET    /docs                                            -        200    200      200    200       200   200
GET    /redoc                                           -        200    200      200    200       200   200

POST   /auth/register                                   -        200    200      200    200       200   200
POST   /auth/login                                      -        200    200      200    200       200   200
POST   /signup                                          -        201    201      201    201       201   201
POST   /login                                           -        200    200      200    200       200   200
POST   /api/v1/auth/register                            -        201    201      201    201       201   201
POST   /api/v1/auth/login                               -        200    200      200    200       200   200
POST   /api/v1/auth/refresh                             -        401    401      401    401       401   401
POST   /api/v1/auth/logout                              -        200    200      200    200       200   200
GET    /api/v1/auth/github/login                        -        302    302      302    302       302   302
GET    /api/v1/auth/github/login/desktop                -        302    302      302    302       302   302
POST   /api/v1/auth/github/login/desktop/approve        -        200    200      200    200       200   200
GET    /api/v1/auth/github/callback                     -        400    400      400    400       400   400
POST   /api/v1/auth/exchange                            -        400    400      400    400       400   400
GET    /api/v1/auth/poll/{state_id}                     -        404    404      404    404       404   404
POST   /api/v1/auth/select-email                        -        401    400      400    400       400   400
GET    /api/v1/auth/status                              -        200    200      200    200       200   200

GET    /auth/check                                      read     401    200      200    200       200   200
GET    /api/v1/auth/me                                  read     401    200      200    200       200   200
GET    /api/v1/users/me                                 read     401    200      200    200       200   200
PUT    /api/v1/users/me                                 account  401    200      200    200       200   200
PATCH  /api/v1/users/me                                 account  401    200      200    200       200   200
POST   /api/v1/auth/password                            account  401    204      204    204       204   204
GET    /api/v1/sessions                                 account  401    200      200    200       200   200
DELETE /api/v1/sessions                                 account  401    204      204    204       204   204
DELETE /api/v1/sessions/{session}                       account  401    404      404    404       204   404
GET    /api/v1/api-keys                                 account  401    200      200    200       200   200
POST   /api/v1/api-keys                                 account  401    201      201    201       201   201
GET    /api/v1/api-keys/{key}                           account  401    404      404    404       200   404
DELETE /api/v1/api-keys/{key}                           account  401    404      404    404       204   404
GET    /api/v1/audit-events                             account  401    200      200    200       200   200

GET    /api/v1/projects                                 read     401    200      200    200       200   200
POST   /api/v1/projects                                 write    401    201      201    201       201   201
GET    /api/v1/projects/{project}                       read     401    404      200    200       200   200
PATCH  /api/v1/projects/{project}                       write    401    404      403    403       200   200
DELETE /api/v1/projects/{project}                       write    401    404      403    403       409   409
GET    /api/v1/projects/{project}/members               account  401    404      200    200       200   200
POST   /api/v1/projects/{project}/members               account  401    404      403    403       201   201
PUT    /api/v1/projects/{project}/members/{user}        account  401    404      403    403       200   200
DELETE /api/v1/projects/{project}/members/{user}        account  401    404      403    403       204   204

GET    /jobs                                            read     401    200      200    200       200   200
POST   /jobs                                            write    401    200      403    200       200   200
GET    /jobs/{job}                                      read     401    404      200    200       200   200
PUT    /jobs/{job}                                      write    401    404      403    200       200   200
PATCH  /jobs/{job}                                      write    401    404      403    200       200   200
DELETE /jobs/{job}                                      write    401    404      403    204       204   204
POST   /jobs/{job}/run                                  write    401    404      403    200       200   200
POST   /jobs/{job}/clear                                write    401    404      403    200       200   200
POST   /jobs/{job}/plan                                 write    401    404      403    409       409   409
GET    /jobs/{job}/streams                              read     401    404      200    200       200   200
GET    /jobs/{job}/streams/state                        read     401    404      400    400       400   400
PUT    /jobs/{job}/streams/state                        write    401    404      403    400       400   400
DELETE /jobs/{job}/streams/state                        write    401    404      403    400       400   400
POST   /jobs/{job}/streams/reset                        write    401    404      403    409       409   409
GET    /jobs/{job}/history                              read     401    404      200    200       200   200
GET    /jobs/{job}/tasks                                read     401    404      200    200       200   200
GET    /jobs/{job}/task/{task}                          read     401    404      200    200       200   200
GET    /runs                                            read     401    200      200    200       200   200
GET    /runs/{run}                                      read     401    404      200    200       200   200
POST   /runs/{run}/cancel                               write    401    404      403    200       200   200
POST   /runs/{run}/retry                                write    401    404      403    200       200   200
GET    /runs/{run}/events                               read     401    404      200    200       200   200

GET    /api/v1/jobs                                     read     401    200      200    200       200   200
POST   /api/v1/jobs                                     write    401    201      403    201       201   201
GET    /api/v1/jobs/{file_job}                          read     401    403      200    200       200   200
DELETE /api/v1/jobs/{file_job}                          write    401    403      403    204       204   204
POST   /api/v1/jobs/{file_job}/upload-url               write    401    403      403    200       200   200
POST   /api/v1/jobs/{file_job}/mark-uploaded            write    401    403      403    400       400   400
POST   /api/v1/jobs/{file_job}/download-url             write    401    403      403    400       400   400
POST   /api/v1/jobs/{file_job}/cancel                   write    401    403      403    200       200   200
POST   /api/v1/jobs/{file_job}/retry                    write    401    403      403    409       409   409
POST   /api/v1/jobs/{file_job}/preview                  write    401    403      403    400       400   400
GET    /api/v1/jobs/{file_job}/events                   read     401    403      200    200       200   200

GET    /sources                                         read     401    200      200    200       200   200
POST   /sources                                         write    401    201      403    201       201   201
GET    /sources/{source}                                read     401    404      200    200       200   200
PUT    /sources/{source}                                write    401    404      403    200       200   200
DELETE /sources/{source}                                write    401    404      403    204       204   204
POST   /sources/test                                    write    401    404      403    503       503   503
GET    /sources/{connector}/spec                        read     401    200      200    200       200   200
GET    /sources/{source}/catalog                        read     401    404      503    503       503   503
GET    /sources/{source}/jobs                           read     401    404      200    200       200   200
GET    /destinations                                    read     401    200      200    200       200   200
POST   /destinations                                    write    401    201      403    201       201   201
GET    /destinations/{destination}                      read     401    404      200    200       200   200
PUT    /destinations/{destination}                      write    401    404      403    200       200   200
DELETE /destinations/{destination}                      write    401    404      403    204       204   204
POST   /destinations/test                               write    401    404      403    503       503   503
GET    /destinations/{connector}/spec                   read     401    200      200    200       200   200
GET    /destinations/{destination}/jobs                 read     401    404      200    200       200   200

# Of a shared workspace the viewer takes part as a reader, the developer as an editor.
GET    /api/v1/workspaces                                                              read     401      200      200    200       200   200
POST   /api/v1/workspaces                                                              write    401      201      403    201       201   201
GET    /api/v1/workspaces/{workspace}                                                  read     401      404      200    200       200   200
PUT    /api/v1/workspaces/{workspace}                                                  write    401      404      403    200       200   200
DELETE /api/v1/workspaces/{workspace}                                                  write    401      404      403    403       204   204
GET    /api/v1/workspaces/{workspace}/domains                                          read     401      404      200    200       200   200
POST   /api/v1/workspaces/{workspace}/domains                                          write    401      404      403    201       201   201
GET    /api/v1/workspaces/{workspace}/domains/{domain}                                 read     401      404      200    200       200   200
PUT    /api/v1/workspaces/{workspace}/domains/{domain}                                 write    401      404      403    403       200   200
DELETE /api/v1/workspaces/{workspace}/domains/{domain}                                 write    401      404      403    403       409   409
GET    /api/v1/workspaces/{workspace}/tables                                           read     401      404      200    200       200   200
POST   /api/v1/workspaces/{workspace}/tables                                           write    401      404      403    201       201   201
GET    /api/v1/workspaces/{workspace}/tables/{table}                                   read     401      404      200    200       200   200
PUT    /api/v1/workspaces/{workspace}/tables/{table}                                   write    401      404      403    200       200   200
DELETE /api/v1/workspaces/{workspace}/tables/{table}                                   write    401      404      403    204       204   204
GET    /api/v1/workspaces/{workspace}/relationships                                    read     401      404      200    200       200   200
POST   /api/v1/workspaces/{workspace}/relationships                                    write    401      404      403    201       201   201
GET    /api/v1/workspaces/{workspace}/relationships/{relationship}                     read     401      404      200    200       200   200
PUT    /api/v1/workspaces/{workspace}/relationships/{relationship}                     write    401      404      403    200       200   200
DELETE /api/v1/workspaces/{workspace}/relationships/{relationship}                     write    401      404      403    204       204   204
GET    /api/v1/workspaces/{workspace}/data-flow-diagrams                               read     401      404      200    200       200   200
POST   /api/v1/workspaces/{workspace}/data-flow-diagrams                               write    401      404      403    201       201   201
GET    /api/v1/workspaces/{workspace}/data-flow-diagrams/{diagram}                     read     401      404      200    200       200   200
PUT    /api/v1/workspaces/{workspace}/data-flow-diagrams/{diagram}                     write    401      404      403    200       200   200
DELETE /api/v1/workspaces/{workspace}/data-flow-diagrams/{diagram}                     write    401      404      403    204       204   204
GET    /api/v1/workspaces/{workspace}/collaboration                                    read     401      404      200    200       200   200
POST   /api/v1/workspaces/{workspace}/collaboration/invite                             account  401      404      403    403       201   201
DELETE /api/v1/workspaces/{workspace}/collaboration/invitations/{invitation}           account  401      404      403    403       204   204
PUT    /api/v1/workspaces/{workspace}/collaboration/participants/{user}                account  401      404      403    403       200   200
DELETE /api/v1/workspaces/{workspace}/collaboration/participants/{user}                account  401      404      403    403       204   204
GET    /api/v1/workspaces/{workspace}/events                                           read     401      404      200    200       200   200
POST   /api/v1/workspaces/{workspace}/export/odcs                                      read     401      404      200    200       200   200
"""

# What a socket does: it is watched, or closes with a code. In open mode nobody gets the last one.
SOCKETS = """
#                                                                nobody stranger viewer developer owner admin open
/api/v1/ws/runs/{run}                                            4401   4404     watch  watch     watch watch 4401
"""

# Whose routes open in open mode; nobody is then a stranger there. All others stay shut.
OPEN = ("/jobs", "/runs")
# Olake's own among them, which need a token always.
SHUT = ("/history", "/tasks", "/task/{task}", "/clear", "/plan", "/streams", "/state", "/reset")

WORKSPACE = "/api/v1/workspaces/{workspace}"
NEW_PASSWORD = "battery staple"
TASKS = [
    {
        "extractor_config": {"type": "duckdb", "db_path": "in.duckdb", "table": "numbers"},
        "loader_config": {"type": "duckdb", "db_path": "out.duckdb", "table_name": "rows"},
    }
]
LOG_IN = {"username": "guest", "email": "guest@example.com", "password": PASSWORD}
JOB = {"job_name": "Copy", "tasks": TASKS}
FILE_JOB = {"file_name": "a.csv", "original_file_size_bytes": 1, "processing_steps": []}
CONNECTION = {"name": "New", "config": {"db_path": "in.duckdb"}}
# What is sent; "{project}" and the like stand for what the world has.
BODIES: dict[str, Any] = {
    "POST /auth/register": {"username": "new", "password": PASSWORD},
    "POST /auth/login": LOG_IN,
    "POST /signup": {"name": "New", "email": "new@example.com", "password": PASSWORD},
    "POST /login": LOG_IN,
    "POST /api/v1/auth/register": {"username": "new", "password": PASSWORD},
    "POST /api/v1/auth/login": LOG_IN,
    "POST /api/v1/auth/refresh": {"refresh_token": "x.y.z"},
    # A text is a form.
    "POST /api/v1/auth/github/login/desktop/approve": "approval=none",
    "POST /api/v1/auth/exchange": {"code": "none"},
    "POST /api/v1/auth/select-email": {"email": "new@example.com"},
    "PUT /api/v1/users/me": {"name": "New"},
    "PATCH /api/v1/users/me": {"name": "New"},
    "POST /api/v1/auth/password": {"current_password": PASSWORD, "new_password": NEW_PASSWORD},
    "POST /api/v1/api-keys": {"name": "New", "scopes": ["account"]},
    "POST /api/v1/projects": {"name": "New"},
    "PATCH /api/v1/projects/{project}": {"name": "New"},
    "POST /api/v1/projects/{project}/members": {"user": "admin", "role": "viewer"},
    "PUT /api/v1/projects/{project}/members/{user}": {"role": "developer"},
    "POST /jobs": {**JOB, "project_id": "{project}"},
    "PUT /jobs/{job}": JOB,
    "PATCH /jobs/{job}": {"is_active": False},
    "POST /jobs/{job}/clear": {},
    "POST /jobs/{job}/plan": {},
    "POST /jobs/{job}/streams/reset": {},
    "PUT /jobs/{job}/streams/state": {"keep": True},
    "POST /api/v1/jobs": {**FILE_JOB, "project_id": "{project}"},
    "POST /api/v1/jobs/{file_job}/upload-url": {},
    "POST /api/v1/jobs/{file_job}/mark-uploaded": {"object_key": "input/none.csv"},
    "POST /api/v1/jobs/{file_job}/download-url": {},
    "POST /api/v1/jobs/{file_job}/preview": {},
    "POST /sources": {**CONNECTION, "source_type": "duckdb", "project_id": "{project}"},
    "PUT /sources/{source}": {"name": "New"},
    "POST /sources/test": {"source_id": "{source_number}"},
    "POST /destinations": {**CONNECTION, "dest_type": "duckdb", "project_id": "{project}"},
    "PUT /destinations/{destination}": {"name": "New"},
    "POST /destinations/test": {"dest_id": "{destination_number}"},
    "POST /api/v1/workspaces": {"name": "New", "project_id": "{project}"},
    f"PUT {WORKSPACE}": {"name": "New"},
    f"POST {WORKSPACE}/domains": {"name": "New"},
    f"PUT {WORKSPACE}/domains/{{domain}}": {"name": "New"},
    f"POST {WORKSPACE}/tables": {"name": "New", "primary_domain_id": "{domain}"},
    f"PUT {WORKSPACE}/tables/{{table}}": {"name": "New"},
    f"POST {WORKSPACE}/relationships": {
        "source_table_id": "{table}",
        "target_table_id": "{table}",
    },
    f"PUT {WORKSPACE}/relationships/{{relationship}}": {"name": "New"},
    f"POST {WORKSPACE}/data-flow-diagrams": {"name": "New"},
    f"PUT {WORKSPACE}/data-flow-diagrams/{{diagram}}": {"name": "New"},
    f"POST {WORKSPACE}/collaboration/invite": {"user": "stranger", "access_level": "read"},
    f"PUT {WORKSPACE}/collaboration/participants/{{user}}": {"access_level": "edit"},
}


@dataclass(frozen=True)
class Line:
    """Who gets what from one method of one route."""

    method: str
    route: str
    scope: str
    """What an API key needs; empty where no token is needed."""
    answers: dict[str, str]

    @property
    def name(self) -> str:
        """Return the method and the route."""
        return f"{self.method} {self.route}".strip()

    @property
    def is_open(self) -> bool:
        """Whether open mode opens it."""
        return self.route.startswith(OPEN) and not self.route.endswith(SHUT)


def lines() -> list[Line]:
    """Return the table of routes."""
    found = []
    for method, route, scope, *answers in _cells(ROUTES):
        told = dict(zip(EVERYBODY, answers, strict=True))
        found.append(Line(method, route, scope.strip("-"), told))
    return found


def socket_lines() -> list[Line]:
    """Return the table of sockets; `open` is what nobody gets in open mode."""
    return [
        Line("", route, "read", dict(zip((*EVERYBODY, "open"), answers, strict=True)))
        for route, *answers in _cells(SOCKETS)
    ]


def _cells(table: str) -> list[list[str]]:
    return [line.split() for line in table.splitlines() if line and not line.startswith("#")]
