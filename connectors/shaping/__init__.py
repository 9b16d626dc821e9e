"""What transformers share: rows in and out, fields of their settings, expressions, engines."""

from connectors.shaping.fields import Names, doubled
from connectors.shaping.reshaping import Reshaping

__all__ = ["Names", "Reshaping", "doubled"]
