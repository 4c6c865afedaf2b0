"""What was seen is kept, known again by the photo's bytes, and survives a crash."""

from contextlib import closing

import pytest

from dietcare.domain.food import Food
from dietcare.domain.nutrients import Nutrients
from dietcare.evaluation.journal import Journal, JournalError

FOODS = (Food("된장찌개", 200, Nutrients(636, 6.76, None, 110)), Food("밥", 210))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "results" / "model.jsonl"


def test_what_was_seen_is_there_for_the_next_run(path):
    with closing(Journal(path)) as journal:
        journal.note(b"one", FOODS)
        journal.note(b"two", ())
    with closing(Journal(path)) as journal:
        assert [journal.seen(each) for each in (b"one", b"two", b"three")] == [FOODS, (), None]


def test_a_line_that_was_cut_off_is_dropped_and_written_anew(path):
    with closing(Journal(path)) as journal:
        journal.note(b"one", FOODS)
        journal.note(b"two", FOODS)
    path.write_bytes(path.read_bytes()[:-9])
    with closing(Journal(path)) as journal:
        assert (journal.seen(b"one"), journal.seen(b"two")) == (FOODS, None)
        journal.note(b"two", ())
    with closing(Journal(path)) as journal:
        assert (journal.seen(b"one"), journal.seen(b"two")) == (FOODS, ())


@pytest.mark.parametrize(
    "line",
    [
        "a diary",
        "[]",
        '{"sha256": "1"}',
        '{"sha256": "1", "foods": [{"name": "밥", "portion_g": "much"}]}',
        '{"sha256": "1", "foods": [{"name": "밥", "portion_g": 1, "sodium_mg": null}]}',
    ],
)
def test_a_file_that_is_no_journal_is_left_alone(path, line):
    path.parent.mkdir()
    path.write_text(f"{line}\n", encoding="utf-8")
    with pytest.raises(JournalError, match="line 1"):
        Journal(path)
    assert path.read_text(encoding="utf-8") == f"{line}\n"


def test_two_runs_do_not_write_one_journal(path):
    with closing(Journal(path)) as journal:
        with pytest.raises(JournalError, match="another evaluation is writing it"):
            Journal(path)
        journal.note(b"one", FOODS)
    with closing(Journal(path)) as journal:
        assert journal.seen(b"one") == FOODS


def test_a_folder_that_can_not_be_made_is_said(tmp_path):
    (tmp_path / "results").touch()
    with pytest.raises(JournalError, match="results"):
        Journal(tmp_path / "results" / "model.jsonl")
