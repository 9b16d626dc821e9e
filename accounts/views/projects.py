"""The routes of projects and their members."""

from typing import Any

from django.db.models import Case, CharField, F, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, NullIf
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import NotFound, PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import services
from accounts.models import Membership, Project, Role, Scope, User
from accounts.serializers.projects import (
    OWNER,
    MemberInput,
    MemberRow,
    ProjectInput,
    ProjectRow,
    RoleInput,
)
from accounts.views.doors import judged
from config.api import schema
from config.api.errors import Conflict
from config.api.lists import ListView
from config.api.paging import LimitOffset
from config.api.parsers import JSONParser
from config.api.routing import identity

OWNS = "The owner of a project has every right in it: they have no role and cannot leave"


def called(user: str) -> Coalesce:
    """Return what the user at this path is called: a name, or else what they log in with."""
    name = NullIf(F(f"{user}__name"), Value(""))
    return Coalesce(name, f"{user}__username", f"{user}__email", output_field=CharField())


class ProjectView(ListView):
    """A route about projects that the caller may see."""

    serializer_class = ProjectRow
    pagination_class = LimitOffset
    parser_classes = (JSONParser,)

    def get_queryset(self) -> QuerySet[Project]:
        """Return the caller's projects, and what the caller is in each."""
        user = self.request.user
        joined = Membership.objects.filter(project=OuterRef("pk"), user=user).values("role")
        # Whoever sees a project without owning or having joined it is an admin of the platform.
        role = Coalesce(Subquery(joined), Value(Role.ADMIN.value))
        return Project.objects.visible_to(user).annotate(
            role=Case(When(owner=user, then=Value(OWNER)), default=role),
            owner_name=called("owner"),
        )

    def project(self, *, is_managed: bool = False) -> Project:
        """Return the project that the path names; 404 if it is not seen, 403 if not managed."""
        named = identity(self.kwargs["project"])
        found = self.get_queryset().select_related("owner").filter(**named).first()
        if found is None:
            raise Http404
        if is_managed and not self.manages(found):
            raise PermissionDenied
        return found

    def manages(self, project: Project) -> bool:
        """Return whether the caller may rename, delete and invite."""
        return Project.objects.manageable_by(self.request.user).filter(pk=project.pk).exists()

    def told(self, project: Project) -> dict[str, Any]:
        """Return a project as it stands now."""
        return ProjectRow(self.get_queryset().select_related("owner").get(pk=project.pk)).data


class Projects(ProjectView):
    """All projects, and new ones."""

    @extend_schema(
        operation_id="listProjects", tags=[schema.MILLRACE], responses=ProjectRow(many=True)
    )
    def get(self, request: Request) -> Response:
        """List the projects that one owns or takes part in, newest first; an admin sees all."""
        return self.page(self.get_queryset(), ProjectRow)

    @extend_schema(
        operation_id="createProject",
        tags=[schema.MILLRACE],
        request=ProjectInput,
        responses={201: ProjectRow},
    )
    def post(self, request: Request) -> Response:
        """Make a project that others can be invited to."""
        made = services.create_project(**judged(ProjectInput, request), owner=request.user)
        return Response(self.told(made), status=status.HTTP_201_CREATED)


class ProjectDetail(ProjectView):
    """One project."""

    @extend_schema(operation_id="getProject", tags=[schema.MILLRACE])
    def get(self, request: Request, project: str) -> Response:
        """Tell of a project, and of one's role in it."""
        return Response(ProjectRow(self.project()).data)

    @extend_schema(
        operation_id="renameProject", tags=[schema.MILLRACE], request=ProjectInput(partial=True)
    )
    def patch(self, request: Request, project: str) -> Response:
        """Give a project another name; its managers may."""
        found = self.project(is_managed=True)
        if changes := judged(ProjectInput, request, partial=True):
            services.rename_project(project=found, **changes, by=request.user)
        return Response(self.told(found))

    @schema.errors(409)
    @extend_schema(operation_id="deleteProject", tags=[schema.MILLRACE], responses={204: None})
    def delete(self, request: Request, project: str) -> Response:
        """Take a project away; 409 while something belongs to it, or if it is a personal one."""
        services.delete_project(project=self.project(is_managed=True), by=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)


class MemberView(ProjectView):
    """A route about who takes part in a project."""

    serializer_class = MemberRow
    scope = Scope.ACCOUNT

    def members(self, project: Project) -> QuerySet[Membership]:
        """Return who takes part in a project."""
        members = Membership.objects.filter(project=project).select_related("user")
        return members.annotate(name=called("user"))

    def member(self, project: Project) -> Membership:
        """Return the member that the path names; Conflict if it is the owner, 404 if nobody."""
        if project.owner.uuid == self.kwargs["user"]:
            raise Conflict(OWNS)
        found = self.members(project).filter(user__uuid=self.kwargs["user"]).first()
        if found is None:
            raise NotFound("There is no such member in this project")
        return found

    def set(self, project: Project, user: User, role: Role) -> dict[str, Any]:
        """Give somebody a role; returns the member as it stands now."""
        services.set_member(project=project, user=user, role=role, by=self.request.user)
        return MemberRow(self.members(project).get(user=user)).data


class Members(MemberView):
    """Who takes part in a project."""

    @extend_schema(
        operation_id="listMembers", tags=[schema.MILLRACE], responses=MemberRow(many=True)
    )
    def get(self, request: Request, project: str) -> Response:
        """List the members, newest first; the owner stands in the project itself."""
        return self.page(self.members(self.project()), MemberRow)

    @schema.errors(409)
    @extend_schema(
        operation_id="addMember",
        tags=[schema.MILLRACE],
        request=MemberInput,
        responses={201: MemberRow},
    )
    def post(self, request: Request, project: str) -> Response:
        """Let somebody take part in a project; 409 if they do already."""
        found = self.project(is_managed=True)
        asked = judged(MemberInput, request)
        user = services.find_person(asked["user"])
        if user is None:
            raise NotFound("There is no such user; name one by uuid, username or e-mail")
        if user == found.owner or self.members(found).filter(user=user).exists():
            raise Conflict("They take part in this project already; PUT changes their role")
        return Response(self.set(found, user, asked["role"]), status=status.HTTP_201_CREATED)


class MemberDetail(MemberView):
    """One member of a project."""

    @schema.errors(409)
    @extend_schema(operation_id="changeMember", tags=[schema.MILLRACE], request=RoleInput)
    def put(self, request: Request, project: str, user: str) -> Response:
        """Give a member another role."""
        found = self.project(is_managed=True)
        member = self.member(found)
        return Response(self.set(found, member.user, judged(RoleInput, request)["role"]))

    @schema.errors(409)
    @extend_schema(operation_id="removeMember", tags=[schema.MILLRACE], responses={204: None})
    def delete(self, request: Request, project: str, user: str) -> Response:
        """End somebody's part in a project; one's own may be ended by everybody but the owner."""
        is_self = self.kwargs["user"] == request.user.uuid
        found = self.project(is_managed=not is_self)
        member = self.member(found)
        services.remove_member(project=found, user=member.user, by=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)
