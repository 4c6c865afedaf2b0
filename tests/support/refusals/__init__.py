"""The requests that section 1 to 4 of the contract refuse, one table a noun."""

from refusals import bodies, callers, changes, goals, lists, meals, pictures, reading
from refusals.case import Case

CASES: list[Case] = [
    case
    for table in (meals, changes, lists, goals, reading, callers, bodies, pictures)
    for case in table.CASES
]
