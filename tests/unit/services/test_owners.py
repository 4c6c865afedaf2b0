"""What is known of a process by its name; asked of real processes."""

import subprocess
import sys

import pytest

from dietcare.services.owners import ProcessOwners

PRINT_OWNER = """
import sys
from dietcare.services.owners import ProcessOwners
print(ProcessOwners().new(), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def owners():
    return ProcessOwners()


@pytest.fixture
def other():
    """A process, and what it calls its work."""
    command = [sys.executable, "-c", PRINT_OWNER]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    process = subprocess.Popen(command, **pipes, text=True)
    with process:
        yield process, process.stdout.readline().strip()
        process.kill()


def test_no_two_names_are_the_same(owners):
    assert len({owners.new() for _ in range(100)} | {ProcessOwners().new()}) == 101


def test_its_own_work_is_its_own_and_not_gone(owners):
    name = owners.new()
    assert owners.is_mine(name)
    assert not owners.is_gone(name)


def test_another_service_in_this_process_is_neither_its_own_nor_gone(owners):
    name = ProcessOwners().new()
    assert not owners.is_mine(name)
    assert not owners.is_gone(name)


def test_a_process_is_gone_once_it_was_killed_and_not_before(owners, other):
    process, name = other
    assert not owners.is_mine(name)
    assert not owners.is_gone(name)
    process.kill()
    process.wait()
    assert owners.is_gone(name)


def test_a_killed_process_that_nobody_has_waited_for_is_gone(owners, other):
    process, name = other
    process.kill()
    assert process.stdout.read() == ""  # it is closed when the process is over
    while not owners.is_gone(name):
        assert process.returncode is None


def test_a_process_that_has_the_id_of_an_earlier_one_is_not_that_one(owners):
    here, pid, started, *rest = owners.new().split("/")
    assert owners.is_gone("/".join((here, pid, str(int(started) - 1), *rest)))


@pytest.mark.parametrize("name", ["", "elsewhere/1/2/3/4", "unknown/1/unknown/3/4", "a/b/c"])
def test_of_other_machines_nothing_is_known(owners, name):
    assert not owners.is_gone(name)


def test_without_proc_nothing_is_known(tmp_path):
    blind = ProcessOwners(tmp_path)
    assert not blind.is_gone(blind.new())
    assert not blind.is_gone("unknown/999999/unknown/1/2")
