"""Bodies: JSON is taken as what it looks like, a form's texts are read."""

import pytest
from django.http import QueryDict
from rest_framework import serializers

from config.api.bodies import Body


class Order(Body):
    """One field of each kind."""

    name = serializers.CharField(required=False, allow_null=True)
    id = serializers.UUIDField(required=False)
    size = serializers.IntegerField(required=False)
    price = serializers.FloatField(required=False)
    paid = serializers.BooleanField(required=False)
    color = serializers.ChoiceField(["red", "blue"], required=False)
    extra = serializers.JSONField(required=False)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"name": 5}, "must be a text"),
        ({"name": False}, "must be a text"),
        ({"id": 5}, "must be a text"),
        ({"color": 1}, "must be a text"),
        ({"size": "5"}, "must be a whole number"),
        ({"size": 5.5}, "must be a whole number"),
        ({"size": True}, "must be a whole number"),
        ({"price": "5"}, "must be a number"),
        ({"price": False}, "must be a number"),
        ({"paid": 1}, "must be a boolean: true or false"),
        ({"paid": "yes"}, "must be a boolean: true or false"),
    ],
)
def test_a_json_value_of_another_type_is_refused(body, reason):
    order = Order(data=body)
    assert not order.is_valid()
    assert order.errors == {next(iter(body)): [reason]}


@pytest.mark.parametrize(
    "body",
    [
        {"name": "5"},
        {"name": None},
        {"size": 5},
        {"size": 5.0},
        {"price": 5},
        {"paid": True},
        {"color": "red"},
        {"extra": [1]},
    ],
)
def test_a_json_value_of_the_right_type_is_taken(body):
    order = Order(data=body)
    assert order.is_valid(), order.errors
    assert order.validated_data == body


def test_the_texts_of_a_form_are_read():
    order = Order(data=QueryDict("size=5&paid=true&price=2.5"))
    assert order.is_valid(), order.errors
    assert order.validated_data == {"size": 5, "paid": True, "price": 2.5}
