"""Spreadsheets as Excel and LibreOffice write them, as far as a table needs: for tests to read."""

import zipfile
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_STYLES = (
    f'<styleSheet xmlns="{_MAIN}"><cellXfs>'
    + "".join(f'<xf numFmtId="{number}"/>' for number in (0, 14, 22, 21, 46))
    + "</cellXfs></styleSheet>"
)
"""Styles 1 to 4: a date, a date with its time, a time of day, a duration."""
_FIRST_DAY = datetime.fromisoformat("1899-12-30")
_OASIS = "urn:oasis:names:tc:opendocument:xmlns"


class Formula(NamedTuple):
    """A cell computed from others."""

    text: str
    value: float


def write_spreadsheet(path, sheets):
    """Write sheets, rows by name, as the path's ending says: .xlsx or .ods."""
    files = {".xlsx": _xlsx, ".ods": _ods}[path.suffix](sheets)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)


def _xlsx(sheets):
    names = list(enumerate(sheets, 1))
    listed = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{n}" r:id="rId{n}"/>' for n, name in names
    )
    related = "".join(
        f'<Relationship Id="rId{n}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n, _ in names
    )
    styles = f'<Relationship Id="rId0" Type="{_OFFICE}/styles" Target="styles.xml"/>'
    relationships = f'<Relationships xmlns="{_PACKAGE}/relationships">'
    types = f'<Types xmlns="{_PACKAGE}/content-types"/>'
    return {
        "[Content_Types].xml": types,
        "_rels/.rels": f'{relationships}<Relationship Id="a" Type="{_OFFICE}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">'
        f"<sheets>{listed}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f"{relationships}{related}{styles}</Relationships>",
        "xl/styles.xml": _STYLES,
    } | {
        f"xl/worksheets/sheet{n}.xml": f'<worksheet xmlns="{_MAIN}"><sheetData>'
        + "".join(_xlsx_row(number, row) for number, row in enumerate(sheets[name], 1))
        + "</sheetData></worksheet>"
        for n, name in names
    }


def _xlsx_row(number, row):
    cells = (_xlsx_cell(f"{chr(65 + n)}{number}", v) for n, v in enumerate(row) if v is not None)
    return f'<row r="{number}">{"".join(cells)}</row>'


def _xlsx_cell(place, value):
    if isinstance(value, str):
        text = f'<is><t xml:space="preserve">{escape(value)}</t></is>'
        return f'<c r="{place}" t="inlineStr">{text}</c>'
    if isinstance(value, bool):
        return f'<c r="{place}" t="b"><v>{int(value)}</v></c>'
    if isinstance(value, Formula):
        return f'<c r="{place}"><f>{value.text}</f><v>{value.value}</v></c>'
    style, number = 0, value
    if isinstance(value, datetime):
        style, number = 2, (value - _FIRST_DAY) / timedelta(days=1)
    elif isinstance(value, date):
        style, number = 1, (value - date(1899, 12, 30)).days
    elif isinstance(value, time):
        style, number = 3, (value.hour * 3600 + value.minute * 60 + value.second) / 86400
    elif isinstance(value, timedelta):
        style, number = 4, value / timedelta(days=1)
    return f'<c r="{place}" s="{style}"><v>{number!r}</v></c>'


def _ods(sheets):
    tables = "".join(
        f"<table:table table:name={quoteattr(name)}>"
        + "".join(
            f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in rows
        )
        + "</table:table>"
        for name, rows in sheets.items()
    )
    spaces = " ".join(f'xmlns:{name}="{_OASIS}:{name}:1.0"' for name in ("office", "table", "text"))
    return {
        "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
        "content.xml": f"<office:document-content {spaces}><office:body><office:spreadsheet>"
        f"{tables}</office:spreadsheet></office:body></office:document-content>",
        "META-INF/manifest.xml": "<manifest/>",
    }


def _ods_cell(value):
    if value is None:
        return "<table:table-cell/>"
    formula = ""
    if isinstance(value, Formula):
        formula, value = f' table:formula="of:={value.text}"', value.value
    kind, named, shown = _ods_value(value)
    content = f"<text:p>{escape(str(value))}</text:p>"
    attributes = f'office:value-type="{kind}"' + (f' office:{named}="{shown}"' if named else "")
    return f"<table:table-cell {attributes}{formula}>{content}</table:table-cell>"


def _ods_value(value):
    if isinstance(value, str):
        return "string", "", ""
    if isinstance(value, bool):
        return "boolean", "boolean-value", str(value).lower()
    if isinstance(value, date):
        return "date", "date-value", value.isoformat()
    if isinstance(value, time | timedelta):
        seconds = value.seconds if isinstance(value, timedelta) else value.hour * 3600
        minutes = value.minute if isinstance(value, time) else 0
        return "time", "time-value", f"PT{seconds // 3600}H{minutes}M0S"
    return "float", "value", repr(value)
