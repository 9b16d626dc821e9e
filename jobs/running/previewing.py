"""What the steps of a file job make of its first rows: the way a run takes, on a sample."""

import base64
import json
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.conf import settings

from config.api.renderers import dump
from connectors import registry, sealing
from connectors.base import Access, Source
from connectors.configuration import validate
from connectors.errors import Cancelled, MillraceError, TransientError
from jobs.compiling.files import INPUT, part_of, recipe_of
from jobs.engine.faults import translate
from jobs.engine.meters import Meters
from jobs.engine.stacking import Stack
from jobs.models import FileJob
from jobs.plan import Extract, Part
from jobs.running import objects

if TYPE_CHECKING:
    import polars as pl

# So many rows go through the steps, whatever is shown: a filter may drop the first hundred.
SAMPLE_ROWS = 10_000


class _Listener:
    """Hears what the engine says of a sample; nobody keeps it."""

    def log(self, level: str, message: str, *, step: str = "", **data: object) -> None:
        """Forget one line."""


def preview(job: FileJob, asked: Mapping[str, Any], access: Access) -> dict[str, Any]:
    """Return `{before, after, sample_rows}` of an uploaded object; errors of our tree say why not.

    `asked` has `rows`, how many are shown, and `processing_steps`.
    """
    recipe = recipe_of(
        file_name=job.file_name,
        steps=asked["processing_steps"],
        read=job.input_options,
        write=job.output_options,
    )
    part = part_of(job, recipe)
    extract: Extract = next(part.of_kind("extract"))
    plugin = registry.source(extract.connector)
    found = sealing.unseal(objects.input_of(job))
    reach = objects.access_of(access)
    source = plugin(validate(plugin.Settings, found), reach)
    alarm = threading.Timer(settings.PREVIEW_SECONDS, source.interrupt)
    alarm.start()
    try:
        sample = _sample(source, extract)
        after = _after(part, sample, reach)
        return {
            "before": _shown(sample, asked["rows"]),
            "after": _shown(after, asked["rows"]),
            "sample_rows": sample.height,
        }
    except BaseException as error:
        if source.stopping.is_set() or isinstance(error, Cancelled):
            raise TransientError(
                f"The first rows were not read within {settings.PREVIEW_SECONDS:g} seconds "
                "(PREVIEW_SECONDS)"
            ) from error
        raise _told(translate(error)) from error
    finally:
        alarm.cancel()
        source.close()


def _told(error: BaseException) -> BaseException:
    """Return an error of our tree as it may be told, every other one as it is."""
    if isinstance(error, MillraceError):
        return type(error)(objects.without_root(error.message), field=error.field)
    return error


def _sample(source: Source, extract: Extract) -> "pl.DataFrame":
    options = validate(source.ReadOptions, extract.options)
    frame = source.scan(options).frame
    return frame.head(SAMPLE_ROWS).collect(engine="streaming")


def _after(part: Part, sample: "pl.DataFrame", access: Access) -> "pl.DataFrame":
    stack = Stack(_Listener(), Meters(pulse=lambda: None, report=lambda: None))  # type: ignore[arg-type]
    steps = [step for step in part.steps if step.kind != "load"]
    size = int(sample.estimated_size())
    try:
        frames = stack.build(steps, {INPUT: sample.lazy()}, {INPUT: size}, access)
        stack.write()
        return frames[steps[-1].id].collect(engine="streaming")
    finally:
        stack.close()


def _shown(frame: "pl.DataFrame", rows: int) -> dict[str, Any]:
    """Return `{columns: [{name, type}], rows: [{…}]}` of the first rows, as plain JSON."""
    columns = [{"name": name, "type": str(dtype)} for name, dtype in frame.schema.items()]
    plain: list[Any] = json.loads(dump([_plain(row) for row in frame.head(rows).to_dicts()]))
    return {"columns": columns, "rows": plain}


def _plain(value: Any) -> Any:
    """Return a value in which bytes are base64."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value
