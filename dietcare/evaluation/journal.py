"""What was seen in each photo, kept in a file so that an evaluation can go on where it stopped."""

import errno
import fcntl
import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from dietcare.domain.food import Food
from dietcare.domain.nutrients import Nutrient, Nutrients


class JournalError(Exception):
    """The file can not be used; the text says why."""


class Journal:
    """One line of JSON for each photo: the hash of its file, and the foods that were seen.

    A photo is known again by its bytes alone. A last line that was cut off by a crash is dropped.

    Raises:
        JournalError: there is a file which is no journal, or which another run writes.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: dict[str, tuple[Food, ...]] = {}
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("ab", buffering=0)
        except OSError as error:
            raise JournalError(f"{path}: {error.strerror}") from None
        try:
            self._lock()
            self._file.truncate(self._read())
        except BaseException:
            self._file.close()
            raise

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def seen(self, picture: bytes) -> tuple[Food, ...] | None:
        """The foods that were seen in this picture; None where nobody looked at it yet."""
        return self._seen.get(_key(picture))

    def note(self, picture: bytes, foods: Sequence[Food]) -> None:
        """Keep what was seen; on the disk by the time that this returns.

        Raises:
            JournalError: it can not be written.
        """
        key = _key(picture)
        line = {"sha256": key, "foods": [_record(food) for food in foods]}
        content = json.dumps(line, ensure_ascii=False).encode() + b"\n"
        try:
            if self._file.write(content) < len(content):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.fsync(self._file.fileno())
        except OSError as error:
            raise JournalError(f"{self._path}: {error.strerror}") from None
        self._seen[key] = tuple(foods)

    def _lock(self) -> None:
        """Hold the file alone until it is closed: another run would cut off what this writes."""
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise JournalError(f"{self._path}: another evaluation is writing it") from None

    def _read(self) -> int:
        """Take in what is there; the length of its whole lines in bytes."""
        try:
            content = self._path.read_bytes()
        except OSError as error:
            raise JournalError(f"{self._path}: {error.strerror}") from None
        whole = content[: content.rfind(b"\n") + 1]
        for number, line in enumerate(whole.splitlines(), 1):
            try:
                entry = json.loads(line)
                self._seen[entry["sha256"]] = tuple(_food(each) for each in entry["foods"])
            except (ValueError, KeyError, TypeError):
                raise JournalError(f"{self._path}, line {number}: not a journal's") from None
        return len(whole)


def _key(picture: bytes) -> str:
    return hashlib.sha256(picture).hexdigest()


def _record(food: Food) -> dict[str, Any]:
    amounts = {nutrient.value: amount for nutrient, amount in food.nutrients.known()}
    return {"name": food.name, "portion_g": food.portion_g, **amounts}


def _food(record: dict[str, Any]) -> Food:
    def amount(nutrient: Nutrient) -> float | None:
        return float(record[nutrient.value]) if nutrient.value in record else None

    return Food(str(record["name"]), float(record["portion_g"]), Nutrients.each(amount))
