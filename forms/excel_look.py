"""Makes a questionnaire's workbook pleasant to edit: colours by class, drop-downs, heads that stay in sight.

What is added here says nothing that the sheets do not say: reading the workbook back gives the same rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

LISTS = "_lists"  # pyxform passes over sheets whose name begins with an underscore
# One colour a class: the more personal, the warmer. All keep black text well above 7:1.
COLOURS = {
    "direct": "F8C9C4",
    "free_text": "FADCC0",
    "sensitive": "FBEBB5",
    "quasi": "E8F0C2",
    "consent": "CFE5F6",
    "operational": "E6E6E6",
    "public": "FFFFFF",
}
TYPES = (
    *("text", "integer", "decimal", "date", "time", "dateTime", "note", "calculate", "select_one LIST"),
    *("select_multiple LIST", "select_one_from_file FILE.csv", "image", "audio", "geopoint", "barcode"),
    *("begin_group", "end_group", "begin_repeat", "end_repeat", "hidden", "today", "start", "end", "audit"),
)
SCOPES = ("recontact", "audio", "photo", "quote", "share")
WIDE, NARROW = 46, 16
NARROW_COLUMNS = ("required", "read_only", "appearance", "bind::", "list_name", "version", "form_id")
SPARE_ROWS = 300  # drop-downs reach below the last row, for questions that are to come


def dress(book: Workbook) -> None:
    """Styles every sheet, and adds the drop-downs of the survey."""
    for sheet in list(book.worksheets):
        _head(sheet)
    survey = book["survey"]
    lists = book.create_sheet(LISTS)
    lists.sheet_state = "hidden"
    used = dict.fromkeys(str(cell.value) for cell in survey["A"][1:] if cell.value)
    choices = {
        "type": [*dict.fromkeys([*TYPES, *used])],
        "required": ["yes"],
        "bind::dp:class": list(COLOURS),
        "bind::dp:scope": list(SCOPES),
    }
    for number, (header, values) in enumerate(choices.items(), 1):
        _drop_down(survey, lists, number, header, values)
    _colours(survey)


def _head(sheet: Worksheet) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    sheet.freeze_panes = "A2" if sheet.title == "settings" else "C2"
    for number, cell in enumerate(sheet[1], 1):
        cell.font = Font(bold=True, color="FFFFFF")
        cell.fill = PatternFill("solid", fgColor="0B5D4E")
        narrow = str(cell.value).startswith(NARROW_COLUMNS) or number <= 2
        sheet.column_dimensions[get_column_letter(number)].width = NARROW if narrow else WIDE
    if sheet.title == "survey":
        sheet.auto_filter.ref = sheet.dimensions
        wrapped = Alignment(wrap_text=True, vertical="top")
        for row in sheet.iter_rows(min_row=2):
            for cell in row:
                cell.alignment = wrapped


def _drop_down(sheet: Worksheet, lists: Worksheet, number: int, header: str, values: Sequence[str]) -> None:
    """Offers `values` in the column `header`; for a type anything else may be typed as well."""
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    column = _column(sheet, header)
    if not column:
        return
    letter = get_column_letter(number)
    for row, value in enumerate(values, 1):
        lists[f"{letter}{row}"] = value
    offered = DataValidation(
        type="list", formula1=f"'{LISTS}'!${letter}$1:${letter}${len(values)}", allow_blank=True
    )
    offered.showErrorMessage = False  # two classes may stand together, and lists have names of their own
    sheet.add_data_validation(offered)
    offered.add(f"{column}2:{column}{sheet.max_row + SPARE_ROWS}")


def _colours(sheet: Worksheet) -> None:
    """Colours each question by its class, and goes on doing so when the class is edited."""
    from openpyxl.formatting.rule import FormulaRule
    from openpyxl.styles import Font, PatternFill

    last = sheet.max_row + SPARE_ROWS
    row = f"A2:{sheet.cell(1, sheet.max_column).column_letter}{last}"
    bold = FormulaRule(formula=['LEFT($A2,6)="begin_"'], font=Font(bold=True), stopIfTrue=False)
    sheet.conditional_formatting.add(row, bold)
    column = _column(sheet, "bind::dp:class")
    for name, colour in COLOURS.items() if column else ():
        fill = PatternFill("solid", bgColor=colour)
        found = FormulaRule(formula=[f'ISNUMBER(SEARCH("{name}",${column}2))'], fill=fill, stopIfTrue=True)
        sheet.conditional_formatting.add(row, found)


def _column(sheet: Worksheet, header: str) -> str:
    """The letter of the column called `header`; empty when there is none."""
    return next((cell.column_letter for cell in sheet[1] if cell.value == header), "")
