"""What /openapi.json says about who may ask."""

from django.urls import path
from drf_spectacular.generators import SchemaGenerator

from accounts.tests.test_tokens import OpenWhoami, Whoami

WAYS = [{"token": []}, {"apiKey": []}, {"apiKeyAsToken": []}]


def test_a_route_says_whether_it_needs_a_token():
    routes = [path("closed", Whoami.as_view()), path("open", OpenWhoami.as_view())]
    schema = SchemaGenerator(patterns=routes).get_schema(public=True)
    assert schema["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    assert schema["paths"]["/closed"]["get"]["security"] == WAYS
    # Open mode is told in words: that a route needs nothing would be untrue where it is off.
    assert schema["paths"]["/open"]["get"]["security"] == WAYS
    assert "open mode" in schema["paths"]["/open"]["get"]["description"]
