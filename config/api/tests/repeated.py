"""A route that does work, which shows as rows, and answers or fails as the body says."""

from types import SimpleNamespace

from django.db import transaction
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response
from rest_framework.views import APIView

from config.api.idempotency import idempotent
from config.api.routing import both
from config.models import Counter

told = []


class Named(BaseAuthentication):
    """Knows a user by a number in a header."""

    def authenticate(self, request):
        """Return the user."""
        return SimpleNamespace(pk=int(request.headers["X-User"]), is_authenticated=True), None


class Work(APIView):
    """Makes a row for each time that it works."""

    authentication_classes = (Named,)

    @idempotent
    def post(self, request):
        """Work, then answer or fail."""
        number = Counter.objects.count() + 1
        Counter.objects.create(key=f"work-{number}", number=number, ends_at=0)
        transaction.on_commit(lambda: told.append(number))
        how = request.data.get("how")
        if how == "invalid":
            raise ValidationError("That is wrong")
        if how == "bug":
            raise RuntimeError("broken")
        if how == "refuse":
            return Response({"refused": True}, status=409)
        return Response({"number": number}, status=201, headers={"Location": f"/work/{number}"})


urlpatterns = [*both("work", Work.as_view())]
