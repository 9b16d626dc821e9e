"""Browsers that are logged in to the admin, through its own door."""

from django.test import Client

from accounts.models import User

PASSWORD = "mypassword"


def log_in(name, password=PASSWORD, **headers):
    """Return a browser, and the answer to its log-in at the admin."""
    client = Client(headers=headers)
    return client, client.post("/admin/login/", {"username": name, "password": password})


def admin_browser():
    """Return the browser of an admin named root."""
    User.objects.create_superuser("root", "root@example.org", PASSWORD)
    client, answer = log_in("root")
    assert (answer.status_code, answer["Location"]) == (302, "/admin/")
    return client
