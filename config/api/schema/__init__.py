"""What /openapi.json says: read from the views, finished by rules (docs/decisions/0075)."""

from config.api.schema.answers import errors
from config.api.schema.contracts import ETL_BUILDER, KARYAKSHAM, MILLRACE, MODELLING, OLAKE, ORC
from config.api.schema.showing import shows

__all__ = [
    "ETL_BUILDER",
    "KARYAKSHAM",
    "MILLRACE",
    "MODELLING",
    "OLAKE",
    "ORC",
    "errors",
    "shows",
]
