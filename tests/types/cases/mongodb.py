"""MongoDB; what no column holds is MongoDB's own extended JSON, as text."""

import uuid
from datetime import datetime
from typing import Any

import polars as pl
from bson import Binary, Decimal128, Int64, ObjectId, Regex, Timestamp

from tests.types.cases import Case

INSTANT = pl.Datetime("ms", "UTC")
WHO = "00112233-4455-6677-8899-aabbccddeeff"
# BSON's type, the value as the driver sends it, what it is read as, and what that means.
FIELDS: list[tuple[str, Any, pl.DataType, Any]] = [
    ("objectId", ObjectId("0123456789abcdef01234567"), pl.String(), "0123456789abcdef01234567"),
    ("string", "", pl.String(), ""),
    ("string", "a\0b 😀\n", pl.String(), "a\0b 😀\n"),
    ("string", "x" * 1_000_000, pl.String(), "x" * 1_000_000),
    ("bool", True, pl.Boolean(), True),
    ("int", -(2**31), pl.Int64(), -(2**31)),
    ("long", Int64(2**53 + 1), pl.Int64(), 2**53 + 1),
    ("double", 0.1, pl.Float64(), 0.1),
    ("double", float("nan"), pl.Float64(), float("nan")),
    ("double", -0.0, pl.Float64(), -0.0),
    ("decimal", Decimal128("-" + "9" * 32 + ".50"), pl.Decimal(38, 2), "-" + "9" * 32 + ".50"),
    ("decimal", Decimal128("NaN"), pl.String(), '{"$numberDecimal":"NaN"}'),
    ("date", datetime(1, 1, 1), INSTANT, "0001-01-01 00:00:00"),
    ("date", datetime(9999, 12, 31, 23), INSTANT, "9999-12-31 23:00:00"),
    ("binData", b"\x00\xff", pl.Binary(), b"\x00\xff"),
    ("uuid", Binary.from_uuid(uuid.UUID(WHO)), pl.String(), WHO),
    ("array", [1, None, "a"], pl.String(), '[1,null,"a"]'),
    ("object", {"a": 1.5, "b": []}, pl.String(), '{"a":1.5,"b":[]}'),
    ("timestamp", Timestamp(1, 2), pl.String(), '{"$timestamp":{"t":1,"i":2}}'),
    ("regex", Regex("a.*"), pl.String(), '{"$regularExpression":{"pattern":"a.*","options":""}}'),
]
CASES = [Case(kind, repr(held), dtype, value) for kind, held, dtype, value in FIELDS]
