"""schemathesis calls every operation: no fault of ours, nothing that the document does not say."""

from contextlib import contextmanager
from copy import deepcopy

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, settings
from schemathesis.config import SchemathesisConfig
from schemathesis.core.parameters import ParameterLocation

from accounts import cache
from accounts.services import create_key, register
from accounts.tests.tokens import token_of
from config.api.document import document
from tests.openapi.things import ids

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

# Every check is on. One that an operation cannot keep is left out here, with the reason.
LEFT_OUT = {
    ("createJob", "replaceJob", "changeJob"): {
        # What fits a connector or is a schedule no JSON Schema of the body can say.
        "positive_data_acceptance": "connectors and cron judge what the schema allows",
    },
    ("createFileJob",): {
        "positive_data_acceptance": "steps and connectors judge what the schema of a body allows",
    },
    ("markUploaded", "getDownloadUrl", "cancelFileJob", "retryFileJob", "previewFileJob"): {
        "positive_data_acceptance": "where a job stands decides, and a store holds its file or not",
    },
    ("createApiKey",): {
        "positive_data_acceptance": "no schema says that a moment has to be one to come",
    },
    ("listSources", "listDestinations"): {
        "positive_data_acceptance": "connectors and projects are named, as no schema lists them",
        "negative_data_rejection": "an empty parameter is one that was not sent",
    },
    (
        *("createSource", "replaceSource", "testSource"),
        *("createDestination", "replaceDestination", "testDestination"),
    ): {
        "positive_data_acceptance": "connectors judge what the schema of a config allows",
    },
    ("getSourceSpec", "getDestinationSpec"): {
        "positive_data_acceptance": "connectors are named, and the two literal words want a type",
    },
    ("getSourceCatalog",): {
        "positive_data_acceptance": "nobody answers here what is asked of a system",
        "not_a_server_error": "503 is the answer where no worker gives one",
        "negative_data_rejection": "an empty parameter is one that was not sent",
    },
    ("githubLogIn", "githubCallback", "exchangeCode", "selectEmail"): {
        "positive_data_acceptance": "front-ends are named, and states and codes were handed out",
    },
    ("logIn",): {
        "positive_data_acceptance": "a wrong password is 400, as the Karyaksham contract has it",
    },
    ("register",): {
        "positive_data_acceptance": "a form cannot send the null that the schema allows",
        "negative_data_rejection": "an empty text of a form is one that was not sent",
    },
    ("changePassword",): {
        "positive_data_acceptance": "a password that is not the user's is 400",
    },
    ("changeCurrentUser", "replaceCurrentUser"): {
        "positive_data_acceptance": "one of name and e-mail stays, and which is there no body tells",
    },
    ("githubLogIn", "githubDesktopLogIn", "githubCallback", "exchangeCode", "selectEmail"): {
        "positive_data_acceptance": "codes, states and addresses are good once, or by a list",
    },
    ("renameProject",): {
        "positive_data_acceptance": "a change of nothing is refused",
    },
    ("listAuditEvents",): {
        "negative_data_rejection": "an empty parameter is one that was not sent",
    },
    (
        *("createWorkspace", "replaceWorkspace", "createDomain", "replaceDomain"),
        *("createTable", "replaceTable", "createRelationship", "replaceRelationship"),
        *("createDiagram", "replaceDiagram", "inviteParticipant", "changeParticipant"),
    ): {
        "positive_data_acceptance": "ids name rows of the workspace, which no schema lists",
    },
    ("listTables", "listWorkspaceEvents"): {
        "positive_data_acceptance": "ids name rows of the workspace, which no schema lists",
        "negative_data_rejection": "an empty parameter is one that was not sent",
    },
    ("logOut",): {
        "negative_data_rejection": "whoever wants to leave leaves, whatever else they send",
    },
}
OPERATIONS = [
    {"include-operation-id": name, "checks": {check: {"enabled": False} for check in checks}}
    for names, checks in LEFT_OUT.items()
    for name in names
]
# What Hypothesis warns of does not hold: the rows are as they were before each call.
unshared = settings(suppress_health_check=[*HealthCheck])


def read(*, examples, generates_tokens, covers=True):
    config = {
        "generation": {
            "deterministic": True,
            "max-examples": examples,
            # Refused everywhere, which test_characters.py looks at; no schema has to say it each time.
            "allow-x00": False,
            # A token that is made up, or left out to see what happens, is for those who have none.
            "with-security-parameters": generates_tokens,
        },
        "operations": OPERATIONS,
        "phases": {"coverage": {"enabled": covers}},
    }
    told = deepcopy(document())
    for name in ("JobInputRequest", "PatchedJobInputRequest"):
        # A thousand tasks in each of hundreds of calls take minutes and teach nothing new.
        del told["components"]["schemas"][name]["properties"]["tasks"]["maxItems"]
    schema = schemathesis.openapi.from_dict(told, config=SchemathesisConfig.from_dict(config))
    schema.app = get_wsgi_application()
    return schema


for_users = read(examples=20, generates_tokens=False)
# What a body may hold does not depend on who sends it.
for_keys = read(examples=5, generates_tokens=False, covers=False)
for_nobody = read(examples=5, generates_tokens=True)


@pytest.fixture
def kept_connection(db):
    """The test's connection, which the end of a request would close."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def user(kept_connection, settings):
    # Nobody answers here what is asked of a system.
    settings.CHECK_SECONDS = settings.DISCOVER_SECONDS = settings.ANSWER_PATIENCE_SECONDS = 0
    settings.PREVIEW_SECONDS = 0
    return register(username="ada", password="correct horse")


@pytest.fixture
def key(user):
    return create_key(user=user, name="CI")[1]


@for_users.parametrize()
@unshared
def test_the_document_is_true_for_a_user_with_a_token(case, user):
    call(case, user, {"Authorization": f"Bearer {token_of(user)}"})


@for_keys.parametrize()
@unshared
def test_the_document_is_true_for_a_program_with_a_key(case, user, key):
    call(case, user, {"X-API-Key": key})


@for_nobody.parametrize()
@unshared
def test_the_document_is_true_for_those_without_a_token(case, user):
    call(case, user, {})


def call(case, user, headers):
    """Call once, with ids of what there is, and undo what it did."""
    with undone():
        if case.meta is None or not case.meta.is_negative_at(ParameterLocation.PATH):
            name = case.operation.definition.raw["operationId"]
            case.path_parameters = ids(name, case.path_parameters, owner=user)
        case.call_and_validate(headers=headers)


@contextmanager
def undone():
    """Undo what is done to the rows, and what the process remembers of them."""
    work = transaction.atomic()
    # As Django's own test cases do it: what must be durable may be done inside.
    work._from_testcase = True
    with work:
        yield
        transaction.set_rollback(True)
    cache.forget_all()
