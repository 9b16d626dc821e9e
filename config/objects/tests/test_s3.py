"""The same store where a real S3 server keeps the objects, and how its address is told."""

import httpx2
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command

from config.objects import ObjectsError, embedded_store, object_store
from config.objects.addresses import Address, checked
from config.objects.s3 import S3Store
from config.objects.tests.conftest import BASE

MB = 1 << 20
AWS = {"AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "secret"}


@pytest.fixture
def bucket(s3_store):
    return S3Store(
        Address(
            s3_store.bucket, s3_store.access_key, s3_store.secret_key, endpoint=s3_store.endpoint
        )
    )


def send(url, data):
    return httpx2.put(url, content=data, timeout=60).raise_for_status()


def test_what_is_sent_to_a_url_is_fetched_from_another(bucket):
    key = "input/1/größe a+b.csv"
    assert bucket.head(key) is None
    reply = send(bucket.upload_url(key, seconds=60, base=BASE, max_bytes=9), b"one,two\n")
    found = bucket.head(key)
    assert (found.key, found.size) == (key, 8)
    assert reply.headers["etag"] == f'"{found.etag}"'
    url = bucket.download_url(key, seconds=60, base=BASE, file_name="größe.csv")
    fetched = httpx2.get(url, timeout=60)
    assert fetched.content == b"one,two\n"
    assert "filename*=UTF-8''gr%C3%B6%C3%9Fe.csv" in fetched.headers["content-disposition"]
    assert "X-Amz-Algorithm=AWS4-HMAC-SHA256" in url


def test_parts_are_joined_and_missing_ones_named(bucket):
    begun = bucket.begin_multipart("a.csv", parts=3, seconds=60, base=BASE)
    send(begun.urls[2], b"end")
    with pytest.raises(ObjectsError, match=r"Parts are missing: 1–2 \(of 3\)"):
        bucket.complete_multipart("a.csv", begun.upload_id)
    for url in (begun.urls[0], begun.urls[1], begun.urls[0]):
        send(url, bytes(5 * MB))
    bucket.complete_multipart("a.csv", begun.upload_id)
    assert bucket.head("a.csv").size == 10 * MB + 3
    with pytest.raises(ObjectsError, match="no such upload"):
        bucket.complete_multipart("a.csv", begun.upload_id)


def test_an_aborted_upload_is_forgotten(bucket):
    begun = bucket.begin_multipart("a.csv", parts=1, seconds=60, base=BASE)
    for _ in range(2):
        bucket.abort_multipart("a.csv", begun.upload_id)
    with pytest.raises(ObjectsError, match="no such upload"):
        bucket.complete_multipart("a.csv", begun.upload_id)
    with pytest.raises(ObjectsError, match="no such upload"):
        bucket.complete_multipart("a.csv", "unknown")


def test_a_prefix_is_listed_and_deleted_with_its_uploads(bucket, tmp_path):
    file = tmp_path / "file"
    file.write_bytes(b"text")
    for key in ("in/1/b", "in/1/a", "in/2/c"):
        bucket.put(key, file)
    begun = bucket.begin_multipart("in/1/d", parts=1, seconds=60, base=BASE)
    assert [(found.key, found.size) for found in bucket.listed("in/1/")] == [
        ("in/1/a", 4),
        ("in/1/b", 4),
    ]
    bucket.delete("in/1/")
    assert [found.key for found in bucket.listed("")] == ["in/2/c"]
    with pytest.raises(ObjectsError, match="no such upload"):
        bucket.complete_multipart("in/1/d", begun.upload_id)
    with pytest.raises(ObjectsError, match="everything"):
        bucket.delete("")


def test_a_file_is_brought_to_this_machine(bucket, tmp_path):
    (tmp_path / "source").write_bytes(b"text")
    bucket.put("a.csv", tmp_path / "source")
    bucket.fetch("a.csv", tmp_path / "target")
    assert (tmp_path / "target").read_bytes() == b"text"
    with pytest.raises(ObjectsError, match=r"no object 'b\.csv'"):
        bucket.fetch("b.csv", tmp_path / "target")


def test_a_connector_is_told_how_to_get_in(bucket, s3_store):
    assert bucket.location("a/b.csv") == {
        "path": f"s3://{s3_store.bucket}/a/b.csv",
        "endpoint_url": s3_store.endpoint,
        "region": "us-east-1",
        "access_key_id": s3_store.access_key,
        "secret_access_key": s3_store.secret_key,
    }
    assert bucket.root is None


def test_a_bucket_that_is_not_there_is_told(bucket, s3_store):
    bucket.check()
    other = S3Store(Address("no-such-bucket", "id", "secret", endpoint=s3_store.endpoint))
    with pytest.raises(ObjectsError, match="no bucket 'no-such-bucket'"):
        other.check()


def test_the_bucket_is_made_once(s3_store, settings, capsys):
    settings.OBJECT_STORE = Address(
        "made-by-a-test", s3_store.access_key, s3_store.secret_key, endpoint=s3_store.endpoint
    )
    try:
        call_command("ensure_bucket")
        call_command("ensure_bucket")
        object_store().check()
        assert capsys.readouterr().out == "Made the bucket made-by-a-test.\n"
    finally:
        s3_store.client().delete_bucket(Bucket="made-by-a-test")
    settings.OBJECT_STORE = None
    call_command("ensure_bucket")
    assert capsys.readouterr().out == ""


def test_browsers_may_reach_the_store_by_another_name():
    address = checked(
        "s3://bucket", "https://files.example.org/", AWS | {"AWS_ENDPOINT_URL": "http://s3:8333"}
    )
    store = S3Store(address)
    url = store.upload_url("a.csv", seconds=60, base=BASE)
    assert url.startswith("https://files.example.org/bucket/a.csv?")
    assert store.location("a.csv")["endpoint_url"] == "http://s3:8333"


def test_an_address_is_told_by_its_url_or_the_environment():
    url = "s3://my%2Fid:my%2Fsecret@bucket?endpoint=https://s3.example.org&region=eu-central-1"
    assert checked(url, "", {}) == Address(
        "bucket", "my/id", "my/secret", "eu-central-1", "https://s3.example.org"
    )
    told = AWS | {"AWS_REGION": "eu-west-1", "AWS_ENDPOINT_URL": "http://s3:8333"}
    assert checked("s3://bucket", "", told) == Address(
        "bucket", "id", "secret", "eu-west-1", "http://s3:8333"
    )
    assert checked("", "", told) is None
    assert "secret" not in repr(checked("s3://bucket", "", told))


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("s3://bucket", "needs keys"),
        ("https://id:hidden@bucket", "must look like"),
        ("s3://id:hidden@host:9000/bucket", "must look like"),
        ("s3://id:hidden@bucket?endpont=x", "must look like"),
        ("s3://id:hidden@Bucket", "no name of a bucket"),
        ("s3://id:hidden@bucket?endpoint=s3.example.org", "AWS_ENDPOINT_URL must look like"),
    ],
)
def test_an_address_that_makes_no_sense_is_refused_without_its_secret(url, text):
    with pytest.raises(ImproperlyConfigured, match=text) as error:
        checked(url, "", {})
    assert "hidden" not in str(error.value)


def test_the_settings_say_which_store_it_is(settings):
    settings.OBJECT_STORE = Address("bucket", "id", "secret")
    assert isinstance(object_store(), S3Store)
    assert object_store() is object_store()
    assert embedded_store() is None
