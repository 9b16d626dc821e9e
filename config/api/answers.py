"""An answer that is there already and becomes an error."""

from django.http import HttpResponse

from config.api.problems import Problem, envelope
from config.api.renderers import dump


def turn_into(problem: Problem, response: HttpResponse, *, path: str) -> None:
    """Give an answer the status, body and headers of an error; it keeps its other headers.

    A new answer would lose what others gave this one, such as CORS headers and cookies.
    """
    response.status_code = problem.status
    response.content = dump(envelope(problem, path=path))
    length = str(len(response.content))
    own = {"Content-Type": "application/json", "Content-Length": length}
    for name, value in {**problem.headers, **own}.items():
        response.headers[name] = value
