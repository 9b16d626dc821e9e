"""A workspace as a file."""

from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from accounts.models import Scope
from config.api import schema
from modelling import services
from modelling.exchange.faults import FormatError
from modelling.formats import odcs
from modelling.views.base import ModellingView

SHOWN = {
    "apiVersion": "v3.1.0",
    "kind": "DataContract",
    "id": "c1f7a2b9-e3d4-4f5c-8a1b-0e9d8f7c6b5a",
    "name": "Shop",
    "version": "1.0.0",
    "status": "draft",
}
# What the YAML says, which readers of the document parse as they parse JSON.
YAML = OpenApiResponse(
    {"type": "object", "additionalProperties": {}},
    description="A data contract in YAML.",
    examples=[OpenApiExample("Millrace", value=SHOWN)],
)
DISPOSITION = OpenApiParameter(
    "Content-Disposition",
    {"type": "string"},
    OpenApiParameter.HEADER,
    response=[200],
    description="The name of the file.",
)


class ExportOdcs(ModellingView):
    """A workspace as a data contract."""

    # It changes nothing, whatever its method.
    scope = Scope.READ

    @extend_schema(
        operation_id="exportOdcs",
        tags=[schema.MODELLING],
        request=None,
        parameters=[DISPOSITION],
        responses={(200, odcs.MEDIA_TYPE): YAML},
    )
    @schema.errors(400)
    def post(self, request: Request, workspace: UUID) -> HttpResponse:
        """Write a workspace as a contract of the Open Data Contract Standard 3.1.0.

        Layout, ids and levels are in it as custom properties, so that an import loses nothing.
        """
        document = services.export_document(user=request.user, workspace=workspace)
        try:
            text = odcs.render(document)
        except FormatError as error:
            faults = {fault.path or "workspace": [fault.message] for fault in error.faults}
            raise ValidationError(faults) from error
        name = f'attachment; filename="workspace-{workspace}.yaml"'
        headers = {"Content-Disposition": name}
        return HttpResponse(text, content_type=odcs.MEDIA_TYPE, headers=headers)
