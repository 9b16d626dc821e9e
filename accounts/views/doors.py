"""What the doors of all contracts share: they are there for those who have no token yet."""

from rest_framework.request import Request
from rest_framework.views import APIView


class DoorView(APIView):
    """A route that needs no token; one that is sent is not looked at."""

    authentication_classes = ()
    permission_classes = ()

    def get_authenticate_header(self, request: Request) -> str:
        """Return what makes a wrong password a 401; DRF answers 403 where nobody authenticates."""
        return "Bearer"
