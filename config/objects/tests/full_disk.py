"""A store on a disk of 16 MB, inside a mount namespace: `python -m config.objects.tests.full_disk`.

Prints as JSON what was answered to uploads that do not fit.
"""

import json
import subprocess
import sys
from pathlib import Path

import httpx2
from django.conf import settings

settings.configure(CORS_ALLOWED_ORIGINS=[], CORS_ALLOW_CREDENTIALS=False, TRUSTED_PROXIES=[])

from config.objects import drafts  # noqa: E402
from config.objects.credentials import all_derived  # noqa: E402
from config.objects.embedded import EmbeddedStore  # noqa: E402
from config.objects.tests.conftest import everything  # noqa: E402
from config.objects.tests.serving import served  # noqa: E402

DISK = "16m"
MB = 1 << 20


def main(folder: Path) -> None:
    """Send too much in three ways, then what fits."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", folder], check=True)
    drafts.LEAST_FREE = MB
    store = EmbeddedStore(folder, bucket="full", keys=all_derived(["k" * 60]), most_bytes=1 << 40)
    said = {}
    with served(store) as base, httpx2.Client(timeout=60) as http:
        url = store.upload_url("a.csv", seconds=60, base=base)
        reply = http.put(url, content=bytes(20 * MB))
        said["told_length"] = [reply.status_code, reply.json()["message"], everything(store)]
        # What is noticed only while it is written: by the disk itself, past all looking ahead.
        reply = http.put(url, content=(bytes(MB) for _ in range(20)))
        said["chunked"] = [reply.status_code, reply.json()["message"], everything(store)]
        begun = store.begin_multipart("b.csv", parts=2, seconds=60, base=base)
        http.put(begun.urls[0], content=bytes(9 * MB)).raise_for_status()
        reply = http.put(begun.urls[1], content=bytes(9 * MB))
        said["part"] = [reply.status_code, reply.json()["message"]]
        store.abort_multipart("b.csv", begun.upload_id)
        said["after"] = http.put(url, content=bytes(9 * MB)).status_code
    print(json.dumps(said))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
