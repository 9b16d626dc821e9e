"""One gigabyte through `/objects`, sent and fetched by curl, beside `cp` of the same file."""

import re
import subprocess
from pathlib import Path

from benchmarks.measuring import Figure, Result, in_turn, process
from config.launching import Platform
from config.objects.credentials import all_derived
from config.objects.embedded import EmbeddedStore

SIZE = 1 << 30
BUCKET = "karyaksham-data"
MOST_TIMES, MOST_MB = 3.0, 150.0
PEAK = re.compile(r"VmHWM:\s+([0-9]+) kB")
KEY = "benchmark/one.bin"


def measure(platform: Platform, data: Path) -> list[Result]:
    """Return the ratios of seconds, and the peak memory of the process that answers."""
    source, copied, fetched = (data / name for name in ("source", "copied", "fetched"))
    subprocess.run(
        ["dd", "if=/dev/urandom", f"of={source}", "bs=1M", f"count={SIZE >> 20}", "status=none"],
        check=True,
    )
    secret = (platform.data_dir / "keys" / "secret_key").read_text().strip()
    store = EmbeddedStore(
        platform.data_dir / "objects", bucket=BUCKET, keys=all_derived([secret]), most_bytes=SIZE
    )
    put = store.upload_url(KEY, seconds=86_400, base=platform.url)
    get = store.download_url(KEY, seconds=86_400, base=platform.url, file_name="one.bin")
    web = platform.pids()["web"]
    curl = ["curl", "--silent", "--show-error", "--fail"]

    def copy() -> Figure:
        copied.unlink(missing_ok=True)
        return process("cp", "--reflink=never", str(source), str(copied))

    def asked(*arguments: str) -> Figure:
        Path(f"/proc/{web}/clear_refs").write_text("5")
        seconds = process(*curl, *arguments).seconds
        return Figure(seconds, _peak_mb(web))

    def upload() -> Figure:
        store.delete(KEY)
        return asked("--upload-file", str(source), put)

    def download() -> Figure:
        fetched.unlink(missing_ok=True)
        return asked("--output", str(fetched), get)

    sent = _results("sent to /objects", *in_turn(upload, copy))
    subprocess.run(["cmp", str(source), str(store.path(KEY))], check=True)
    return [*sent, *_results("fetched from /objects", *in_turn(download, copy))]


def _peak_mb(pid: int) -> float:
    match = PEAK.search(Path(f"/proc/{pid}/status").read_text())
    return int(match[1]) / 1024 if match else 0.0


def _results(what: str, ours: Figure, copy: Figure, ratio: float) -> list[Result]:
    work = f"{SIZE / 1e9:.2f} GB {what}"
    return [
        Result(
            f"{work}, seconds",
            f"cp {copy.seconds:.2f} s",
            f"{ours.seconds:.2f} s ({ratio:.2f} ×)",
            f"{MOST_TIMES:.0f} ×",
            ratio <= MOST_TIMES,
        ),
        Result(
            f"{work}, memory of the web process",
            "–",
            f"{ours.peak_mb:.0f} MB",
            f"{MOST_MB:.0f} MB",
            ours.peak_mb <= MOST_MB,
        ),
    ]
