"""The one engine: a part of a plan becomes one lazy query, staged, counted and committed.

It knows no Django: whatever it needs of the world it asks its Host.
"""

from jobs.engine.execution import Execution, Outcome
from jobs.engine.host import Host
from jobs.engine.meters import Measure
from jobs.engine.standings import Standing

__all__ = ["Execution", "Host", "Measure", "Outcome", "Standing"]
