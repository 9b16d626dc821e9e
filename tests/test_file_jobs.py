"""File jobs on the whole platform: with curl as the contract has it, and with all that goes wrong.

One platform has nothing but its data folder, the other PostgreSQL, Redis and an S3 store.
"""

import json
import os
import re
import signal
import socket
import subprocess
import threading
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import httpx2
import polars as pl
import pytest

from config.api.examples import FOLDER
from tests.servers.platform import embedded_platform, service_platform
from tests.servers.s3 import fresh_bucket

pytestmark = pytest.mark.slow

PEOPLE = "name,city,age\nAlice,New York,30\nBob,London,25\nCharlie,New York,35\n"
FILTER = {"type": "filter", "params": {"column": "city", "operator": "eq", "value": "New York"}}
ENDED = {"COMPLETED", "FAILED", "CANCELLED"}
SHORT = {"LEASE_SECONDS": "3", "WORKER_PROCESSES": "2", "DEBUG": "0"}


@pytest.fixture(scope="module", params=["embedded", "services"])
def platform(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    if request.param == "embedded":
        with embedded_platform(folder, **SHORT) as running:
            yield running
        return
    with fresh_bucket(request.getfixturevalue("s3_server")) as store:
        keys = f"{store.access_key}:{store.secret_key}"
        url = f"s3://{keys}@{store.bucket}?endpoint={store.endpoint}&region={store.region}"
        server = request.getfixturevalue("postgres_server")
        with service_platform(folder, server, **SHORT, OBJECT_STORE_URL=url) as running:
            yield running


@pytest.fixture
def api(platform):
    who = {"email": f"{uuid4().hex}@example.com", "password": "correct horse"}
    with httpx2.Client(base_url=f"{platform.url}/api/v1", timeout=60) as client:
        client.post("/auth/register", json=who).raise_for_status()
        log_in = {"username": who["email"], "password": who["password"]}
        token = client.post("/auth/login", data=log_in).raise_for_status().json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        yield client


def made(api, *steps, name="people.csv", size=0, **more):
    body = {"file_name": name, "original_file_size_bytes": size, "processing_steps": steps, **more}
    answer = api.post("/jobs", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


def send(api, job, content=PEOPLE, name="people.csv"):
    """Upload a file and say so; returns the answer to that."""
    url = api.post(f"/jobs/{job}/upload-url", json={}).raise_for_status().json()["upload_url"]
    answer = httpx2.put(url, content=content.encode() if isinstance(content, str) else content)
    assert answer.is_success, answer.text
    return mark(api, job, name)


def mark(api, job, name="people.csv"):
    return api.post(f"/jobs/{job}/mark-uploaded", json={"object_key": f"input/{job}/{name}"})


def until(api, job, condition, *, seconds=180.0):
    """Return the job when the condition holds for it; it is asked often."""
    pause = threading.Event()
    for _ in range(int(seconds / 0.05)):
        state = api.get(f"/jobs/{job}").raise_for_status().json()
        if condition(state):
            return state
        pause.wait(0.05)
    raise AssertionError(f"it did not come about in time: {state}")


def ended(state):
    return state["status"] in ENDED


def fetched(api, job, **asked):
    answer = api.post(f"/jobs/{job}/download-url", json=asked).raise_for_status().json()
    return httpx2.get(answer["download_url"]).raise_for_status().content


class Walk:
    """Runs the contract's curl commands as they are printed, with its stand-ins made real."""

    def __init__(self, url: str, folder: Path) -> None:
        text = (FOLDER / "karyaksham.md").read_text()
        found = re.findall(r"### Step (\d).*?```bash\n(.*?)```", text, re.DOTALL)
        self.commands = {int(number): command for number, command in found}
        self.stands_for = {"http://localhost:8000": url}
        self.folder = folder

    def step(self, number: int) -> str:
        command = self.commands[number]
        for printed, real in self.stands_for.items():
            command = command.replace(printed, real)
        command = command.replace("curl ", "curl --fail-with-body --silent --show-error ", 1)
        done = subprocess.run(
            ["bash", "-c", command], check=False, cwd=self.folder, capture_output=True, text=True
        )
        assert done.returncode == 0, (command, done.stdout, done.stderr)
        return done.stdout


def test_the_contracts_nine_steps_run_as_they_are_printed(platform, tmp_path):
    walk = Walk(platform.url, tmp_path)
    assert sorted(walk.commands) == list(range(1, 10))
    (tmp_path / "sample_data.csv").write_text(PEOPLE)
    assert set(json.loads(walk.step(1))) >= {"id", "email"}
    walk.stands_for["YOUR_JWT_TOKEN"] = json.loads(walk.step(2))["access_token"]
    job = json.loads(walk.step(3))
    assert job["status"] == "PENDING"
    walk.stands_for["abcde123-f456-7890-1234-abcdefghijkl"] = job["id"]
    given = json.loads(walk.step(4))
    place = f"https://minio:9000/karyaksham-data/input/{job['id']}/sample_data.csv"
    # A shell's own quotes stand around it.
    walk.stands_for[f"{place}?X-Amz-Algorithm=..."] = given["upload_url"]
    assert walk.step(5) == ""
    assert json.loads(walk.step(6))["status"] == "QUEUED"
    while (state := json.loads(walk.step(7)))["status"] not in ENDED:
        continue
    assert state["status"] == "COMPLETED", state
    assert state["output_object_key"] == f"output/{job['id']}/sample_data_processed.csv"
    given = json.loads(walk.step(8))
    place = f"https://minio:9000/karyaksham-data/{state['output_object_key']}"
    walk.stands_for[f"{place}?X-Amz-Algorithm=..."] = given["download_url"]
    walk.step(9)
    kept = [line for line in PEOPLE.splitlines() if "London" not in line]
    assert (tmp_path / "processed_data.csv").read_text().splitlines() == kept


# A hundred digests for each row: half a millisecond that no machine saves.
SLOW = [{"type": "hash_column", "params": {"columns": ["n"], "salt": "pepper"}}] * 99
PARQUET = {"type": "convert_format", "params": {"to_format": "parquet"}}


def numbers(rows):
    return "n\n" + "".join(f"{number}\n" for number in range(rows))


def test_a_job_whose_worker_is_killed_finishes_by_itself(platform, api):
    job = made(api, *SLOW, PARQUET)
    send(api, job, numbers(20_000)).raise_for_status()
    until(api, job, lambda state: state["status"] == "RUNNING")
    for pid in platform.worker_children():
        os.kill(pid, signal.SIGKILL)
    state = until(api, job, ended)
    assert state["status"] == "COMPLETED", state
    assert pl.read_parquet(fetched(api, job)).height == 20_000
    messages = [event["message"] for event in api.get(f"/jobs/{job}/events").json()]
    assert any(message.startswith("The worker was lost") for message in messages)


def test_a_cancel_ends_a_job_in_the_middle_and_leaves_no_result(platform, api):
    sort = {"type": "sort", "params": {"by": ["n"]}}
    job = made(api, *SLOW, sort)
    send(api, job, numbers(1_000_000)).raise_for_status()
    until(api, job, lambda state: state["status"] == "RUNNING")
    told = api.post(f"/jobs/{job}/cancel", json={}).raise_for_status().json()
    assert told["status"] in ("CANCELLATION_REQUESTED", "CANCELLED")
    state = until(api, job, ended, seconds=60)
    assert (state["status"], state["output_object_key"]) == ("CANCELLED", None)
    assert api.post(f"/jobs/{job}/download-url", json={}).status_code == 400
    # The workers have gone on.
    after = made(api, FILTER)
    send(api, after).raise_for_status()
    assert until(api, after, ended)["status"] == "COMPLETED"


def test_twenty_jobs_at_once_all_finish_with_their_own_rows(platform, api):
    jobs = [made(api, name=f"{number}.csv") for number in range(20)]
    for number, job in enumerate(jobs):
        send(api, job, f"n\n{number}\n", f"{number}.csv").raise_for_status()
    states = [until(api, job, ended)["status"] for job in jobs]
    assert Counter(states) == {"COMPLETED": 20}
    assert [fetched(api, job).decode() for job in jobs] == [f"n\n{n}\n" for n in range(20)]


def test_a_file_may_come_in_parts(platform, api):
    job = made(api)
    rows = "".join(f"{n}\n" for n in range(1_000_000))
    content = f"n\n{rows}".encode()
    # A store takes no part but the last of less than 5 MiB.
    pieces = [content[: 5 << 20], content[5 << 20 :]]
    told = api.post(f"/jobs/{job}/upload-url", json={"parts": 2}).raise_for_status().json()
    first, second = told["upload_urls"]
    assert httpx2.put(second, content=pieces[1]).is_success
    early = mark(api, job)
    assert early.status_code == 400
    assert "missing" in early.json()["detail"]
    assert httpx2.put(first, content=pieces[0]).is_success
    mark(api, job).raise_for_status()
    assert until(api, job, ended)["status"] == "COMPLETED"
    assert fetched(api, job) == content


def test_an_upload_that_breaks_off_leaves_nothing_to_work_on(platform, api):
    job = made(api)
    given = api.post(f"/jobs/{job}/upload-url", json={}).raise_for_status().json()["upload_url"]
    url = urlsplit(given)
    with socket.create_connection((url.hostname, url.port)) as line:
        head = f"PUT {url.path}?{url.query} HTTP/1.1\r\nHost: {url.netloc}\r\n"
        line.sendall(f"{head}Content-Length: 1000\r\n\r\nname\nAl".encode())
    answer = mark(api, job)
    assert answer.status_code == 400
    assert "no object" in answer.json()["detail"]
    assert httpx2.put(given, content=PEOPLE.encode()).is_success
    assert mark(api, job).json()["status"] == "QUEUED"


def test_a_preview_shows_first_rows_before_and_after_the_steps(platform, api):
    job = made(api, FILTER)
    early = api.post(f"/jobs/{job}/preview", json={})
    assert early.status_code == 400
    given = api.post(f"/jobs/{job}/upload-url", json={}).raise_for_status().json()["upload_url"]
    httpx2.put(given, content=(PEOPLE + "Dan,Paris,1\n" * 3_000_000).encode())
    told = api.post(f"/jobs/{job}/preview", json={"rows": 2}).raise_for_status().json()
    assert [row["name"] for row in told["before"]["rows"]] == ["Alice", "Bob"]
    assert [row["name"] for row in told["after"]["rows"]] == ["Alice", "Charlie"]
    assert told["before"]["columns"][2] == {"name": "age", "type": "Int64"}
    other = {"processing_steps": [{"type": "drop", "params": {"columns": ["nix"]}}]}
    wrong = api.post(f"/jobs/{job}/preview", json=other)
    assert wrong.status_code == 400
    assert "name, city, age" in wrong.json()["detail"]
    assert api.get(f"/jobs/{job}").json()["status"] == "PENDING"


@pytest.mark.parametrize("name", ["größe 東京.csv", "a b+c&d=e%20#f.csv", "q[1]*?.csv"])
def test_a_name_is_any_name_on_either_store(platform, api, name):
    job = made(api, FILTER, name=name)
    assert send(api, job, PEOPLE, name).json()["input_object_key"] == f"input/{job}/{name}"
    state = until(api, job, ended)
    assert state["status"] == "COMPLETED", state
    assert fetched(api, job).startswith(b"name,city,age\nAlice")
    assert api.delete(f"/jobs/{job}").status_code == 204


def test_a_job_is_of_who_made_it_and_a_column_that_is_not_there_is_told(platform, api):
    job = made(api, FILTER)
    send(api, job, "id,price\n1,2\n").raise_for_status()
    state = until(api, job, ended)
    assert state["status"] == "FAILED"
    assert "id, price" in state["error_message"]
    assert httpx2.get(f"{platform.url}/api/v1/jobs/{job}").status_code == 401


def test_broken_lines_are_fetched_beside_the_result(platform, api):
    job = made(api, FILTER)
    send(api, job, f"{PEOPLE}Dan,Paris\n").raise_for_status()
    state = until(api, job, ended)
    assert state["report"] == {"rows_in": 4, "rows_out": 2, "rows_rejected": 1}, state
    header, line = fetched(api, job, rejected=True).decode().splitlines()
    assert header == "file,line,reason,text"
    assert line.endswith('"Dan,Paris"')
