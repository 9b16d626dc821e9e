"""A store on a folder of its own."""

import pytest

from config.objects.credentials import all_derived
from config.objects.embedded import EmbeddedStore

BASE = "http://testserver"


@pytest.fixture
def store(tmp_path):
    return EmbeddedStore(
        tmp_path / "objects", bucket="test-bucket", keys=all_derived(["k" * 60]), most_bytes=1 << 20
    )


def write(store, key, data=b"text"):
    """Put an object there as a worker would."""
    path = store.path(key)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def put_part(store, key, upload_id, number, data):
    """Send one part, past the network."""
    from config.objects.drafts import Draft

    draft = Draft(store.incoming)
    draft.write([data])
    store.upload(key, upload_id).keep(number, draft)


def everything(store):
    """Return the names of all files that the store keeps, its unfinished ones too."""
    return sorted(
        str(path.relative_to(store.root.parent))
        for path in store.root.parent.rglob("*")
        if path.is_file()
    )
