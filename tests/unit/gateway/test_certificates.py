"""Files of certificates: which can be used, and when they are read anew."""

import errno
import logging
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from certificates import Authority, Issued

from gateway import tls
from gateway.pem import CertificateError, Files
from gateway.tls import Certificates

DAY = timedelta(days=1)
AUTHORITY = Authority()
FIRST, SECOND = (AUTHORITY.issue("127.0.0.1", ends_in=90 * DAY) for _ in range(2))


class Now:
    """A time that a test sets."""

    def __init__(self) -> None:
        self.at = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def now() -> Now:
    return Now()


@pytest.fixture
def served(tmp_path: Path, now: Now) -> Certificates:
    """The first pair, written and read."""
    return Certificates(*FIRST.written(tmp_path), now=now)


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture):
    """What was logged since the last time it was asked, and how badly."""
    caplog.set_level(logging.INFO, logger=tls.log.name)

    def lines() -> list[tuple[str, str]]:
        found = [(each.levelname, each.getMessage()) for each in caplog.records]
        caplog.clear()
        return found

    return lines


def chain_of(certificates: Certificates) -> bytes:
    return certificates._pair.chain


def test_nothing_is_read_again_while_nothing_changes(served, said):
    pair = served._pair
    served.look()

    assert served._pair is pair
    assert said() == []


def test_a_new_pair_is_read_once_both_files_are_there(served, tmp_path, said):
    (tmp_path / "tls.crt").write_bytes(SECOND.chain)
    served.look()
    served.look()

    assert chain_of(served) == FIRST.chain
    ((level, line),) = said()
    assert level == "ERROR"
    assert line.endswith(f"{tmp_path}/tls.key is not the key of {tmp_path}/tls.crt")

    (tmp_path / "tls.key").write_bytes(SECOND.key)
    served.look()

    assert chain_of(served) == SECOND.chain
    assert [level for level, _ in said()] == ["INFO"]


@pytest.mark.parametrize("name", ["tls.crt", "tls.key"])
@pytest.mark.parametrize("half", [b"", FIRST.chain[:200], FIRST.key[:60], b"\xff\xfe\x00"])
def test_a_half_written_file_leaves_the_pair_before_serving(served, tmp_path, said, name, half):
    (tmp_path / name).write_bytes(half)
    for _ in range(3):
        served.look()

    assert chain_of(served) == FIRST.chain
    ((level, line),) = said()
    assert level == "ERROR"
    assert "\n" not in line
    assert "BEGIN" not in line


def test_a_file_that_is_gone_is_said_once_and_found_again(served, tmp_path, said):
    (tmp_path / "tls.key").unlink()
    for _ in range(3):
        served.look()

    assert chain_of(served) == FIRST.chain
    ((level, line),) = said()
    assert (level, line.rpartition(": ")[2]) == ("ERROR", "no such file or directory")

    FIRST.written(tmp_path)
    served.look()
    assert [level for level, _ in said()] == ["INFO"]


def test_a_pair_that_has_ended_leaves_the_one_before_serving(served, tmp_path, said):
    AUTHORITY.issue("127.0.0.1", ends_in=-timedelta(seconds=1)).written(tmp_path)
    served.look()

    assert chain_of(served) == FIRST.chain
    assert [level for level, _ in said()] == ["ERROR"]


def test_a_pair_that_comes_before_its_time_serves_once_that_has_come(served, tmp_path, now, said):
    early = AUTHORITY.issue("127.0.0.1", begins_in=timedelta(seconds=30))
    early.written(tmp_path)
    served.look()
    assert chain_of(served) == FIRST.chain

    now.at += timedelta(seconds=29)
    served.look()
    assert chain_of(served) == FIRST.chain
    assert [level for level, _ in said()] == ["ERROR"]  # the same is said once

    now.at += tls.TRY_AGAIN_AFTER
    served.look()
    assert chain_of(served) == early.chain
    assert [level for level, _ in said()][:1] == ["INFO"]


def test_what_could_not_be_read_for_a_reason_of_the_moment_is_tried_again(
    served, tmp_path, now, said, monkeypatch
):
    def none_left(_: Path) -> bytes:
        raise OSError(errno.EMFILE, "Too many open files")

    SECOND.written(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", none_left)
        served.look()
    served.look()
    assert chain_of(served) == FIRST.chain
    assert [level for level, _ in said()] == ["ERROR"]

    now.at += tls.TRY_AGAIN_AFTER
    served.look()
    assert chain_of(served) == SECOND.chain


def test_links_swapped_as_kubernetes_does_are_seen(tmp_path, now):
    """Its files are links into `..data`, which is a link itself, and is replaced as one step."""
    folders = [tmp_path / "..2025_11_27", tmp_path / "..2025_11_28"]
    for folder, issued in zip(folders, (FIRST, SECOND), strict=True):
        folder.mkdir()
        issued.written(folder)
    data = tmp_path / "..data"
    data.symlink_to(folders[0].name)
    for name in ("tls.crt", "tls.key"):
        (tmp_path / name).symlink_to(f"..data/{name}")
    certificates = Certificates(tmp_path / "tls.crt", tmp_path / "tls.key", now=now)

    (tmp_path / "..data_tmp").symlink_to(folders[1].name)
    os.replace(tmp_path / "..data_tmp", data)
    certificates.look()

    assert chain_of(certificates) == SECOND.chain


def test_a_file_of_the_same_age_and_size_in_the_place_of_another_is_seen(served, tmp_path):
    for name, content in (("tls.crt", SECOND.chain), ("tls.key", SECOND.key)):
        old, new = tmp_path / name, tmp_path / f"new-{name}"
        new.write_bytes(content)
        times = old.stat()
        os.utime(new, ns=(times.st_atime_ns, times.st_mtime_ns))
        os.replace(new, old)
    served.look()

    assert chain_of(served) == SECOND.chain


def test_a_file_written_over_with_its_old_age_and_size_is_seen(served, tmp_path, said):
    key = tmp_path / "tls.key"
    times = key.stat()
    assert len(SECOND.key) == times.st_size
    key.write_bytes(SECOND.key)
    os.utime(key, ns=(times.st_atime_ns, times.st_mtime_ns))
    served.look()

    assert [level for level, _ in said()] == ["ERROR"]  # it is not the key of the chain


def test_the_end_is_warned_of_daily_from_fourteen_days_before(served, now, said):
    end = served.expires_at
    now.at = end - 14 * DAY - timedelta(seconds=1)
    served.look()
    assert said() == []

    warned = []
    for hours in range(0, 48, 6):
        now.at = end - 14 * DAY + timedelta(hours=hours)
        served.look()
        warned += said()
    assert warned == [("WARNING", f"the certificate ends at {end:%Y-%m-%dT%H:%M:%SZ}")] * 2

    now.at = end + DAY
    served.look()
    assert said() == [("WARNING", f"the certificate ended at {end:%Y-%m-%dT%H:%M:%SZ}")]


def test_a_new_pair_ends_the_warnings(tmp_path, said):
    near = Certificates(*AUTHORITY.issue("127.0.0.1", ends_in=3 * DAY).written(tmp_path))
    near.look()
    assert [level for level, _ in said()] == ["WARNING"]

    FIRST.written(tmp_path)
    near.look()
    assert [level for level, _ in said()] == ["INFO"]


OTHER = Authority("another authority").issue("127.0.0.1")


@pytest.mark.parametrize(
    ("chain", "key", "file", "reason"),
    [
        (None, FIRST.key, "tls.crt", "can not be read: no such file or directory"),
        (FIRST.chain, None, "tls.key", "can not be read: no such file or directory"),
        (b"", FIRST.key, "tls.crt", "holds no certificate in PEM"),
        (FIRST.key, FIRST.key, "tls.crt", "holds no certificate in PEM"),
        (FIRST.chain, b"", "tls.key", "holds no private key in PEM"),
        (FIRST.chain, FIRST.chain, "tls.key", "holds no private key in PEM"),
        (FIRST.chain, OTHER.key, "tls.key", "is not the key of "),
    ],
)
def test_what_can_not_be_used_is_said_in_one_line(tmp_path, chain, key, file, reason):
    for name, content in (("tls.crt", chain), ("tls.key", key)):
        if content is not None:
            (tmp_path / name).write_bytes(content)

    with pytest.raises(CertificateError) as caught:
        Certificates(tmp_path / "tls.crt", tmp_path / "tls.key")

    assert caught.value.file == tmp_path / file
    assert str(caught.value).startswith(f"{tmp_path / file} {reason}")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("issued", "file", "reason"),
    [
        (AUTHORITY.issue("a", ends_in=-DAY, begins_in=-2 * DAY), "tls.crt", "ended at "),
        (AUTHORITY.issue("a", begins_in=DAY, ends_in=2 * DAY), "tls.crt", "does not hold before "),
        (AUTHORITY.issue("a", password=b"hush"), "tls.key", "is encrypted"),
    ],
)
def test_a_pair_out_of_its_time_or_under_a_password_is_refused(
    tmp_path, issued: Issued, file, reason
):
    with pytest.raises(CertificateError, match=reason) as caught:
        Certificates(*issued.written(tmp_path))

    assert caught.value.file == tmp_path / file


def test_a_folder_is_no_file(tmp_path):
    chain, _ = FIRST.written(tmp_path)
    with pytest.raises(CertificateError, match="can not be read: is a directory"):
        Certificates(chain, tmp_path)


def test_authorities_must_be_certificates(tmp_path):
    chain, key = FIRST.written(tmp_path)
    with pytest.raises(CertificateError, match="holds no certificate in PEM") as caught:
        Certificates(chain, key, key)
    assert caught.value.file == key


def test_files_that_change_while_they_are_read_are_not_used(tmp_path, monkeypatch):
    chain, key = FIRST.written(tmp_path)
    context = Files._context

    def meanwhile(self):
        SECOND.written(tmp_path)
        return context(self)

    monkeypatch.setattr(Files, "_context", meanwhile)
    with pytest.raises(CertificateError, match="changed while it was read"):
        Files(chain, key).read(datetime.now(UTC))
