"""Who may do what in a workspace: one table, for REST and sockets alike (decision 120)."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from accounts.models import User
from modelling.models import AccessLevel, Participant, Workspace


class Standing(StrEnum):
    """What somebody is in a workspace; the last one beside one of the others."""

    OWNER = "owner"
    EDIT = "edit"
    READ = "read"
    CANVAS = "canvas"


class Action(StrEnum):
    """What is done in a workspace."""

    VIEW = "view"
    """Read anything of it, export it, watch it and be seen there."""
    RENAME = "rename"
    MANAGE = "manage"
    """Delete it, share it or not, invite and remove others, see who is invited."""
    ADD_DOMAIN = "add_domain"
    CHANGE_DOMAIN = "change_domain"
    DRAW = "draw"
    """Make, change and delete a table or relationship of one canvas."""
    DRAW_DIAGRAM = "draw_diagram"
    """Make, change and delete a diagram, which belongs to no canvas."""
    IMPORT = "import"


TABLE = """
#               owner  edit  read  canvas
view            yes    yes   yes   yes
rename          yes    yes   no    no
manage          yes    no    no    no
add_domain      yes    yes   no    no
change_domain   yes    no    no    yes
draw            yes    yes   no    yes
draw_diagram    yes    yes   no    no
import          yes    yes   no    no
"""


def _read(table: str) -> dict[Action, frozenset[Standing]]:
    head, *lines = (line.split() for line in table.strip().splitlines())
    standings = [Standing(name) for name in head[1:]]
    return {
        Action(action): frozenset(
            standing for standing, word in zip(standings, words, strict=True) if word == "yes"
        )
        for action, *words in lines
    }


ALLOWED = _read(TABLE)
LEVELS = {AccessLevel.EDIT.value: Standing.EDIT, AccessLevel.READ.value: Standing.READ}


@dataclass(frozen=True)
class Access:
    """What somebody is in a workspace, and which of its domains are theirs to edit."""

    standing: Standing
    canvases: frozenset[str] = frozenset()

    def may(self, action: Action, *, domains: Iterable[UUID] = ()) -> bool:
        """Return whether they may do this, where one of these domains is what it is done to."""
        held = {self.standing}
        if any(str(domain) in self.canvases for domain in domains):
            held.add(Standing.CANVAS)
        return bool(held & ALLOWED[action])


def access_of(user: User, workspace: Workspace) -> Access | None:
    """Return what the user is in a workspace; None for a stranger, who learns nothing of it."""
    if workspace.owner_id == user.pk or user.is_staff:
        return Access(Standing.OWNER)
    part = Participant.objects.filter(workspace=workspace, user=user).first()
    if part is None:
        return None
    return Access(LEVELS[part.access_level], frozenset(part.canvas_ownership))
