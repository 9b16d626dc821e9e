"""What a plug-in is: a Source can be read, a Destination written, a Transformer reshapes.

One plug-in is one file with one class. It gets its Settings (how to reach a system) and an Access
(what this installation lets it touch), and is told per call what to read or to write. Rows travel
as Polars lazy frames; a plug-in never collects a whole stream.
"""

from connectors.base.lazy import lazy_frame
from connectors.base.options import Options, ReadOptions, Settings, WriteMode, WriteOptions
from connectors.base.plugins import Connector, Destination, Plugin, Source, Transformer
from connectors.base.values import (
    Access,
    Check,
    CheckReport,
    Commit,
    Extraction,
    Marker,
    PartResult,
    Remark,
    RunKey,
    Staging,
    State,
    Stream,
    Target,
)

__all__ = [
    "Access",
    "Check",
    "CheckReport",
    "Commit",
    "Connector",
    "Destination",
    "Extraction",
    "Marker",
    "Options",
    "PartResult",
    "Plugin",
    "ReadOptions",
    "Remark",
    "RunKey",
    "Settings",
    "Source",
    "Staging",
    "State",
    "Stream",
    "Target",
    "Transformer",
    "WriteMode",
    "WriteOptions",
    "lazy_frame",
]
