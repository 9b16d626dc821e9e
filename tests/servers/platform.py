"""The real product, all of its processes, on a fresh data folder and a free port."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from config.launching import Platform, running_platform
from tests.servers import postgres, redis


@contextmanager
def embedded_platform(data_dir: Path, **environment: str) -> Iterator[Platform]:
    """Run the platform with nothing but its data folder."""
    with running_platform(data_dir, environment=environment) as platform:
        yield platform


@contextmanager
def service_platform(
    data_dir: Path, postgres_server: str, **environment: str
) -> Iterator[Platform]:
    """Run the platform on a fresh database of this PostgreSQL server and a Redis of its own."""
    with ExitStack() as stack:
        services = {
            "DATABASE_URL": stack.enter_context(postgres.fresh_database(postgres_server)),
            "REDIS_URL": stack.enter_context(redis.private_redis()),
        }
        variables = {**services, **environment}
        yield stack.enter_context(running_platform(data_dir, environment=variables))
