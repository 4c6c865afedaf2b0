"""Reads the national food composition CSV (식품영양성분 표준데이터, as data.go.kr publishes it).

Columns are found by their names, in any order; the file is UTF-8, with or without BOM, or CP949. An
empty cell is unknown. A row that can not be trusted is refused with its reason, the rest is read.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dietcare.domain.composition import FoodRow
from dietcare.foods.national_row import (
    CODE,
    CODE_PATTERN,
    OPTIONAL,
    REQUIRED,
    RefusedRowError,
    row_of,
)

ENCODINGS = ("utf-8-sig", "cp949")


class UnreadableFileError(Exception):
    """The file is not such a table; the text says why."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that was not taken: its line, its code if it is one, and why."""

    line: int
    code: str
    reason: str


def decoded(data: bytes) -> str:
    """The text of the file.

    Raises:
        UnreadableFileError: it is in neither encoding.
    """
    for encoding in ENCODINGS:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableFileError("it is neither UTF-8 nor CP949")


def read_national(text: str) -> Iterator[FoodRow | Refusal]:
    """Each row of the table, or why it is refused.

    A line is a row: a quote that is not closed costs its own row, and none of those below it.

    Raises:
        UnreadableFileError: a column that is needed is missing, or it is no CSV.
    """
    lines = enumerate(io.StringIO(text, newline=None), 1)
    columns = _columns(lines)
    codes: set[str] = set()
    for number, line in lines:
        if not line.strip():
            continue
        written: list[str] = []
        try:
            written = _cells(line)
            yield _row(columns, written, codes)
        except RefusedRowError as error:
            yield Refusal(number, _code_as_written(columns, written), str(error))


def _columns(lines: Iterator[tuple[int, str]]) -> list[str]:
    try:
        columns = [name.strip() for name in _cells(next(lines, (1, ""))[1])]
    except RefusedRowError as error:
        raise UnreadableFileError(f"line 1: {error}") from error
    missing = [name for name in REQUIRED if name not in columns]
    if missing:
        raise UnreadableFileError(f"columns are missing: {', '.join(missing)}")
    twice = [name for name in (*REQUIRED, *OPTIONAL) if columns.count(name) > 1]
    if twice:
        raise UnreadableFileError(f"columns are there twice: {', '.join(twice)}")
    return columns


def _cells(line: str) -> list[str]:
    try:
        return next(csv.reader([line], strict=True), [])
    except csv.Error as error:
        raise RefusedRowError(f"it is no CSV: {error}") from error


def _row(columns: Sequence[str], written: Sequence[str], codes: set[str]) -> FoodRow:
    if len(written) != len(columns):
        raise RefusedRowError("it has not as many cells as there are columns")
    cells = (cell.strip() for cell in written)
    return row_of(dict(zip(columns, cells, strict=True)), codes)


def _code_as_written(columns: Sequence[str], written: Sequence[str]) -> str:
    """Nothing but a code: what else stands there is told by the reason, where it is quoted."""
    cell = dict(zip(columns, written, strict=False)).get(CODE, "").strip()
    return cell if CODE_PATTERN.fullmatch(cell) else ""
