"""A workbook whose numbers keep all of their digits and whose texts are never markup."""

from typing import Any

from xlsxwriter.workbook import Workbook as _Workbook
from xlsxwriter.worksheet import Worksheet as _Worksheet


class Worksheet(_Worksheet):  # type: ignore[misc]
    """A sheet that writes floats as they are; the library's own rounds them to 16 digits."""

    def _xml_number_element(self, number: float, attributes: Any = ()) -> None:
        said = "".join(f' {key}="{value}"' for key, value in attributes)
        self.fh.write(f"<c{said}><v>{number!r}</v></c>")

    def _escape_control_characters(self, data: Any) -> Any:
        found = super()._escape_control_characters(data)
        # A text that looks like formatted runs would be written as such, without being escaped.
        is_markup = isinstance(found, str) and found.startswith("<r>")
        return f"_x003C_{found[1:]}" if is_markup else found


class Workbook(_Workbook):  # type: ignore[misc]
    """A workbook of such sheets."""

    worksheet_class = Worksheet
