"""The Celery application: a doorbell that says there is work; the rows say which."""

import os

from celery import Celery
from celery.signals import setup_logging, worker_init, worker_process_init
from kombu import Exchange, Queue

from config import broker
from config.processes import end_with_parent, tell_where_it_stands

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

broker.register()
app = Celery("millrace")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    # What a task did is in the rows; nobody reads a Celery result.
    task_ignore_result=True,
    # A key for each queue: with a common one both would get every message.
    task_queues=[Queue(name, Exchange("millrace"), name) for name in ("runs", "quick")],
    task_default_queue="runs",
    # A message is given back when its worker dies; a double delivery finds the part taken.
    task_acks_late=True,
    worker_prefetch_multiplier=1,
    # A lost bell is rung again by the clock, so a request never waits long for the broker.
    task_publish_retry_policy={"max_retries": 1, "interval_start": 0.1, "interval_max": 0.1},
    broker_connection_retry_on_startup=True,
    worker_cancel_long_running_tasks_on_connection_loss=False,
    worker_send_task_events=False,
    timezone="UTC",
)
app.autodiscover_tasks()


@setup_logging.connect
def keep_own_logging(**_: object) -> None:
    """Keep the logging of the settings; Celery would install handlers of its own."""


@worker_init.connect
def note_own_id(**_: object) -> None:
    """Note, before the first fork, whose children the children are."""
    app.conf.worker_pid = os.getpid()


@worker_process_init.connect
def end_with_the_worker(**_: object) -> None:
    """End a child whose worker was killed, so that no orphan goes on writing."""
    end_with_parent(app.conf.worker_pid)


@worker_process_init.connect
def tell_on_request(**_: object) -> None:
    """Let an operator see what a child waits for."""
    tell_where_it_stands()
