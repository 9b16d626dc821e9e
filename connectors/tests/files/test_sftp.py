"""Files of a real OpenSSH server: whom it is trusted by, what is read, and what breaks."""

import json
import os
import socket
import threading
import time
from pathlib import Path

import polars as pl
import pytest

from connectors import registry
from connectors.configuration import split, validate
from connectors.errors import ConfigError, TransientError
from connectors.library.sftp import Sftp
from connectors.tests.loads import System, access_to
from tests.servers.processes import free_port

CURSOR = "_last_modified_time"
OTHER_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJdD7y3aLq454yWBdwLWbieU1ebz9/cu7/QEXn9OIeZJ"


def plain(frame):
    """Return rows without the times of their files, in some order of their own."""
    return sorted(frame.drop(CURSOR).rows(), key=str)


def test_folders_are_streams_of_joined_files(sftp, served):
    served(**{
        "orders/2025/a.csv": "id\n1\n", "orders/2026/b.csv": "id,x\n2.5,y\n", "people.csv": "n\nAda\n",
        "orders/readme.md": "x", ".hidden/a.csv": "z\n1\n", "orders/empty.csv": "",
    })  # fmt: skip
    found = sftp().discover()
    assert list(found) == ["orders", "people"]
    assert plain(sftp().read(**found["orders"].options)) == [(1.0, None), (2.5, "y")]
    assert plain(sftp().read(table="people.csv")) == [("Ada",)]
    assert sftp().read(table="orders", columns=["id", CURSOR]).columns == ["id", CURSOR]


@pytest.mark.parametrize("kind", ["json", "parquet", "excel"])
def test_every_format_is_read(sftp, sftp_server, kind):
    rows = pl.DataFrame({"a": [1, 2], "b": ["x", None]})
    {
        "json": lambda: rows.write_ndjson(sftp_server.folder / "t.jsonl"),
        "parquet": lambda: rows.write_parquet(sftp_server.folder / "t.parquet"),
        "excel": lambda: rows.write_excel(sftp_server.folder / "t.xlsx"),
    }[kind]()
    assert plain(sftp(format=kind).read()) == [(1, "x"), (2, None)]


def test_patterns_packed_files_and_links(sftp, sftp_server, served, tmp_path):
    import gzip

    served(
        **{"in/1.csv": "a\n1\n", "in/2.csv.gz": gzip.compress(b"a\n2\n"), "in/deep/3.csv": "a\n3\n"}
    )
    (tmp_path / "outside.csv").write_text("a\n4\n")
    (sftp_server.folder / "in/link.csv").symlink_to(tmp_path / "outside.csv")
    (sftp_server.folder / "in/loop").symlink_to(sftp_server.folder)
    folder = sftp_server.folder
    assert plain(sftp(path=f"{folder}/in/*.csv*").read()) == [(1,), (2,), (4,)]
    assert plain(sftp(path=f"{folder}/**/[0-9].csv").read()) == [(1,), (3,)]
    assert plain(sftp(path=f"{folder}/in/1.csv").read()) == [(1,)]
    assert plain(sftp(file_pattern="deep/").read(table="in")) == [(3,)]


def test_only_new_and_changed_files_are_read_again(sftp, sftp_server, served):
    served(**{"t/1.csv": "a\n1\n", "t/2.csv": "a\n2\n"})
    os.utime(sftp_server.folder / "t/1.csv", (1_000_000, 1_000_000))
    rows, state = sftp().read_on(table="t", cursor=CURSOR)
    assert plain(rows) == [(1,), (2,)]
    # One arrives late with an old time, one is written anew.
    served(**{"t/0.csv": "a\n0\n", "t/1.csv": "a\n11\n"})
    os.utime(sftp_server.folder / "t/0.csv", (5000, 5000))
    rows, state = sftp().read_on(json.loads(json.dumps(state)), table="t", cursor=CURSOR)
    assert plain(rows) == [(0,), (11,)]
    assert sftp().read_on(state, table="t", cursor=CURSOR)[0].is_empty()


def test_a_server_is_known_by_any_form_of_its_key(sftp, sftp_server, served):
    from connectors.files.keys import trusted_keys

    served(**{"t.csv": "a\n1\n"})
    (shown,) = trusted_keys(sftp_server.host_key)
    line = f"# comment\n\n[127.0.0.1]:{sftp_server.port},x {sftp_server.host_key}"
    for key in (shown, f"{shown}=", line, f"{OTHER_KEY}\n{line}"):
        assert sftp(host_key=key).read().height == 1


def test_an_unknown_server_is_refused_with_its_fingerprint_and_nothing_is_sent(sftp, sftp_server):
    from connectors.files.keys import trusted_keys

    (shown,) = trusted_keys(sftp_server.host_key)
    # The key that would be sent is none; it is not even looked at.
    for key in (None, ""):
        with pytest.raises(ConfigError, match="compare it with") as caught:
            sftp(host_key=key, private_key="no key").discover()
        assert shown in caught.value.message
        assert caught.value.field == "host_key"
    with pytest.raises(ConfigError, match="not host_key: it is another server"):
        sftp(host_key=OTHER_KEY, private_key="no key").discover()
    for text in ("md5:aa:bb", "ssh-ed25519 ???", f"@revoked * {OTHER_KEY}"):
        with pytest.raises(ConfigError, match="`host_key` is a fingerprint"):
            sftp(host_key=text).discover()


def test_a_wrong_key_is_told_without_it(sftp):
    from cryptography.hazmat.primitives import serialization as forms
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    def text(lock):
        key = Ed25519PrivateKey.generate()
        form = forms.PrivateFormat.OpenSSH
        return key.private_bytes(forms.Encoding.PEM, form, lock).decode()

    with pytest.raises(
        ConfigError, match=r"refused '.*'; check username, password and private_key"
    ):
        sftp(private_key=text(forms.NoEncryption())).discover()
    locked = text(forms.BestAvailableEncryption(b"open-sesame"))
    with pytest.raises(ConfigError, match="needs its passphrase"):
        sftp(private_key=locked).discover()
    with pytest.raises(ConfigError, match="its passphrase is wrong"):
        sftp(private_key=locked, passphrase="wrong-sesame").discover()
    with pytest.raises(ConfigError, match="The server refused"):
        sftp(private_key=locked, passphrase="open-sesame").discover()
    with pytest.raises(ConfigError, match="private_key is no Ed25519, ECDSA or RSA key") as caught:
        sftp(private_key="secret-text").discover()
    assert "secret-text" not in str(caught.value)
    with pytest.raises(ConfigError, match="does not take that; it asks for: publickey"):
        sftp(private_key=None, password="hidden").discover()
    with pytest.raises(ConfigError, match="either `password` or `private_key`"):
        sftp(password="hidden").discover()


def test_a_check_says_what_is_wrong_and_what_to_do(sftp, sftp_server, served):
    def checked(system):
        began = time.perf_counter()
        with system.opened() as source:
            (found,) = source.check().checks
        assert time.perf_counter() - began < 30
        assert found.passed or (found.message and found.hint)
        return found

    served(**{"t.csv": "a\n1\n"})
    assert "a folder with 1 entries" in checked(sftp()).message
    assert not checked(sftp(path=f"{sftp_server.folder}/no")).passed
    assert not checked(sftp(port=free_port())).passed
    assert "SHA256:" in checked(sftp(host_key=None)).message
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert not checked(sftp(port=silent.getsockname()[1])).passed


def test_what_is_not_there_is_told(sftp, sftp_server, served):
    served(**{"t/1.csv": "a\n1\n"})
    with pytest.raises(ConfigError, match=r"There is no '.*/no' on 127"):
        sftp(path=f"{sftp_server.folder}/no").discover()
    with pytest.raises(ConfigError, match=r"no parquet file to read at sftp://127\.0\.0\.1"):
        sftp(format="parquet").discover()
    with pytest.raises(ConfigError, match="known: t"):
        sftp().read(table="x")
    with pytest.raises(ConfigError, match="begin with a dot"):
        sftp(path="in/.ssh").discover()
    with pytest.raises(TransientError, match=r"cannot be reached.*check host and port"):
        sftp(port=free_port()).discover()


def test_nothing_is_left_behind(sftp, served, tmp_path):
    served(**{"t.csv": "a\n1\n"})
    before = threading.active_count()
    sftp().read()
    assert not list((tmp_path / "scratch").iterdir())
    for _ in range(100):
        if threading.active_count() <= before:
            break
        time.sleep(0.05)
    assert threading.active_count() <= before


def test_a_password_lets_in_and_a_wrong_one_does_not(sftp, tmp_path):
    from connectors.tests.files.passwords import password_server

    with password_server(user="ann", password="right") as (port, key):
        here = {"port": port, "host_key": key, "username": "ann", "private_key": None, "path": "."}
        with sftp(**here, password="right").opened() as source:
            assert source.session.look(".") == "a folder with 0 entries"
        with pytest.raises(ConfigError, match="The server refused 'ann'") as caught:
            sftp(**here, password="wrong-one").discover()
        assert caught.value.field == "password"
        assert "wrong-one" not in str(caught.value)


def test_a_path_that_ends_in_a_format_says_it(sftp_server):
    said = {**sftp_server.settings, "remote_path": "in/*.jsonl.gz"}
    del said["path"]
    found = split({"type": "sftp-extractor", **said}, "source")
    assert validate(Sftp.Settings, found.settings).format == "json"
    with pytest.raises(ConfigError, match="format: Field required"):
        split({"type": "sftp", **said, "remote_path": "in"}, "source")


def test_the_example_of_the_docs_works(sftp_server, served, tmp_path):
    served(**{"orders/1.csv": "id;total\n1;2.5\n"})
    page = (Path(__file__).parents[3] / "docs/connectors/sftp.md").read_text()
    example = json.loads(page.split("```json")[1].split("```")[0])
    assert example.keys() >= sftp_server.settings.keys()
    found = split({**example, **sftp_server.settings}, "source")
    access = access_to(tmp_path)
    system = System(registry.connector(example["type"]), access, **found.settings)
    assert plain(system.read(**found.options)) == [(1, 2.5)]
