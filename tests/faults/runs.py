"""Starting runs and waiting for their ends over the public API."""

import time

import httpx2

ENDED = {"success", "failed"}
LONGEST = 300.0


def start(http: httpx2.Client, jobs: list[str]) -> list[str]:
    """Start a run of each job and return the run ids."""
    answers = [http.post(f"/jobs/{job}/run") for job in jobs]
    assert {answer.status_code for answer in answers} == {200}, answers[0].text
    return [answer.json()["run_id"] for answer in answers]


def finish(http: httpx2.Client, runs: list[str]) -> int:
    """Wait until every run has succeeded; return the attempts that the hardest of them took."""
    deadline, most = time.monotonic() + LONGEST, 0
    for run in runs:
        while (state := http.get(f"/runs/{run}").json())["status"] not in ENDED:
            assert time.monotonic() < deadline, state
            time.sleep(0.05)
        assert state["status"] == "success", state["error_message"]
        most = max(most, state["attempt"])
    return most
