"""Rows without instances: what a serializer reads, what is done with a value, what is refused."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from django.core.exceptions import ImproperlyConfigured
from rest_framework import serializers

from accounts.models import User
from config.api.renderers import dump
from config.api.rows import columns
from config.api.statements import Asker, Listing


class Shout(serializers.CharField):
    """A field with a form of its own."""

    def to_representation(self, value):
        return value.upper()


class Person(serializers.ModelSerializer):
    """Every kind of column, and a field that is not answered."""

    user_id = serializers.UUIDField(source="uuid")
    loud = Shout(source="username")
    day = serializers.DateTimeField(source="created_at", format="%d.%m.%Y")
    key = serializers.UUIDField(source="uuid", format="hex")
    secret = serializers.CharField(write_only=True)

    class Meta:
        """The names of its columns."""

        model = User
        fields = (
            "id", "user_id", "loud", "email", "role", "is_active", "last_login", "created_at",
            "day", "key", "secret",
        )  # fmt: skip


class Owner(serializers.ModelSerializer):
    """A field that is no column."""

    label = serializers.SerializerMethodField()

    class Meta:
        """Its one name."""

        model = User
        fields = ("label",)


def people(user, *, prefix):
    return User.objects.filter(username__startswith=prefix).exclude(pk=user)


def nobody(user):
    return User.objects.none()


@pytest.fixture
def users(db):
    made = [
        User.objects.create_user(name, email) for name, email in (("ann", "a@b.c"), ("aña", ""))
    ]
    at = datetime(2026, 1, 20, 10, 30, tzinfo=UTC)
    User.objects.filter(pk=made[0].pk).update(last_login=at, uuid=UUID(int=7))
    return User.objects.order_by("-pk")


def test_rows_are_byte_for_byte_what_the_serializer_answers(users):
    wanted = columns(Person)
    rows = wanted.shaped(users.values_list(*wanted.paths))
    assert dump(rows) == dump(Person(users, many=True).data)
    assert b'"last_login":"2026-01-20T10:30:00Z"' in dump(rows)


def test_only_a_field_with_a_form_of_its_own_is_asked_for_each_value():
    assert [columns(Person).keys[place] for place, _ in columns(Person).turns] == [
        "loud",
        "day",
        "key",
    ]


def test_a_field_that_is_no_column_is_refused_and_named():
    with pytest.raises(ImproperlyConfigured, match=r"Owner\.label is no single column"):
        columns(Owner)


def test_a_list_is_compiled_once_and_filled_with_whoever_asks(users, django_assert_num_queries):
    ana, ann = users
    paths = ("username",)
    for user, found in ((ana, "ann"), (ann, "aña"), (ana, "ann")):
        with django_assert_num_queries(1) as asked:
            listing = Listing(people, paths, user, prefix="a")
            assert ([*map(tuple, listing[0:10])], listing.count()) == ([(found, 1)], 1)
        assert str(user.pk) in asked.captured_queries[0]["sql"]


def test_other_arguments_are_another_list(users):
    ana = users[0]
    assert Listing(people, ("username",), ana, prefix="b").count() == 0
    assert Listing(people, ("username",), ana, prefix="an").count() == 1


def test_a_page_beyond_the_last_row_is_counted_by_a_query_of_its_own(
    users, django_assert_num_queries
):
    listing = Listing(people, ("username",), users[0], prefix="a")
    with django_assert_num_queries(2):
        assert (listing[5:10], listing.count()) == ([], 1)


def test_a_list_that_django_knows_to_be_empty_asks_nothing(users, django_assert_num_queries):
    user = users[0]
    with django_assert_num_queries(0):
        listing = Listing(nobody, ("username",), user)
        assert (listing[0:10], listing.count()) == ([], 0)


def test_what_a_list_may_not_look_at_is_an_error_and_never_compiled_in():
    assert Asker(is_staff=True).is_staff
    for name in ("pk", "id", "username"):
        with pytest.raises(AttributeError):
            getattr(Asker(is_staff=True), name)
