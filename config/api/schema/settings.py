"""How the OpenAPI document is made, told to the package that makes it."""

from typing import Any

SETTINGS: dict[str, Any] = {
    "TITLE": "Millrace",
    "DESCRIPTION": (
        "One data platform: sync jobs, task jobs, file jobs, pipelines, data models. Every path "
        "also answers with a slash at its end. What is not told of each operation: a method that "
        "a path does not have is 405, a text with the character U+0000 is 400, and a fault of ours "
        "is 500, in the body of every error."
    ),
    "VERSION": "0.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    # The pages of the documentation come from this server; no CDN.
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    # Its default asks validator.swagger.io about our schema.
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "validatorUrl": None},
    # What is sent and what is answered are told apart, for they differ in what has to be there.
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    # What config.api.routing takes for an id in a path.
    "PATH_CONVERTER_OVERRIDES": {
        "id": {
            "anyOf": [
                {"type": "integer", "minimum": 0, "maximum": 10**18 - 1},
                {"type": "string", "format": "uuid"},
            ]
        }
    },
    "PREPROCESSING_HOOKS": ["config.api.schema.finishing.without_slashes"],
    "POSTPROCESSING_HOOKS": [
        # Enums stay where they are: names that are guessed from fields would clash.
        "drf_spectacular.hooks.postprocess_schema_enum_id_removal",
        "config.api.schema.finishing.finish",
    ],
}
