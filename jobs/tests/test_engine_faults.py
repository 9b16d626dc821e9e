"""Errors of the system in our words: who must act, and whether waiting helps."""

import errno
import os

import pytest

from connectors.errors import ConfigError, TransientError
from jobs.engine.faults import translate


@pytest.mark.parametrize("number", [errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG, errno.EROFS])
def test_a_path_that_waiting_does_not_mend_is_for_a_person(number):
    told = translate(OSError(number, os.strerror(number), "/data/people.csv/x.csv"))
    assert isinstance(told, ConfigError)
    assert "/data/people.csv/x.csv" in told.message
    assert "choose another" in told.message


@pytest.mark.parametrize("number", [errno.EIO, errno.EBUSY, errno.ENOSPC, errno.EDQUOT])
def test_what_may_pass_is_tried_again(number):
    assert isinstance(translate(OSError(number, os.strerror(number))), TransientError)
