"""The `dietcare` command."""

import asyncio
import csv
import json
import os
import re
import sys
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import structlog
import typer
import uvloop

from dietcare.domain import calendar
from dietcare.domain.ids import UserId, is_id
from dietcare.export.files import ExportFormat
from dietcare.local.datadir import DataDirectoryError
from dietcare.local.mongod_launch import EmbeddedServerError
from dietcare.settings import Environment, Settings
from dietcare.settings import load as settings_loader
from dietcare.telemetry import logs

if TYPE_CHECKING:
    from dietcare.domain.audit import AuditEntry
    from dietcare.foods.national import Refusal

app = typer.Typer(
    help="Diet care for people with chronic kidney disease.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

foods_app = typer.Typer(help="The food composition table.", no_args_is_help=True)
app.add_typer(foods_app, name="foods")

UNITS_S = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
REFUSALS_SHOWN = 20


def main() -> None:
    """Run the command line."""
    # gRPC's core writes lines of its own, one for each handshake that a port scanner leaves.
    os.environ.setdefault("GRPC_VERBOSITY", "ERROR")
    app()


@app.command()
def serve() -> None:
    """Serve gRPC and REST until Ctrl-C or SIGTERM."""
    settings = _settings()
    from dietcare.app import App
    from dietcare.panel import panel
    from dietcare.run import run
    from dietcare.serving import Addresses

    def ready(running: App, addresses: Addresses) -> None:
        if settings.is_development:
            print(panel(running, addresses), flush=True)
        structlog.get_logger("dietcare").info(
            "ready", grpc=addresses.grpc, http=addresses.http, admin=addresses.admin
        )

    _run(run(settings, ready))


@app.command()
def token(
    user_id: Annotated[str, typer.Argument(help="24 hexadecimal digits; with a scope, any name.")],
    scope: Annotated[str, typer.Option(help="diet:read, diet:service or diet:admin.")] = "",
    time_zone: Annotated[str | None, typer.Option(help="IANA name, as `zoneinfo`.")] = None,
    ttl: Annotated[str, typer.Option(help="How long it lasts: 90s, 30m, 1h, 7d.")] = "1h",
) -> None:
    """Print a development token, and nothing else."""
    settings = _settings()
    from pydantic import SecretStr

    from dietcare.auth.caller import Scope
    from dietcare.local.datadir import DataDirectory
    from dietcare.panel import development_token

    if settings.env is Environment.PRODUCTION:
        _fail("production tokens come from your identity provider")
    if settings.has_token_key and settings.jwt_secret is None:
        _fail("public keys verify tokens here: they come from the holder of the private ones")
    unknown = set(scope.split()) - {each.value for each in Scope}
    if unknown:
        _fail(f"unknown scope: {', '.join(sorted(unknown))}")
    if not scope and not is_id(user_id):
        _fail("USER_ID must be 24 hexadecimal digits")
    if time_zone is not None and calendar.zone(time_zone) is None:
        _fail(f"unknown time zone: {time_zone}")
    if settings.jwt_secret is None:
        secret = SecretStr(DataDirectory(settings.data_dir).secret())
        settings = settings.model_copy(update={"jwt_secret": secret})
    lasting = _duration(ttl)
    print(development_token(settings, user_id, scope=scope, time_zone=time_zone, ttl=lasting))


@app.command()
def migrate(
    dry_run: Annotated[bool, typer.Option(help="Only name what is missing.")] = False,
) -> None:
    """Apply the migrations that are missing, in order."""
    settings = _settings()
    from dietcare.operations import migrate as migrate_job

    names = _run(migrate_job(settings, dry_run=dry_run))
    verb = "missing" if dry_run else "applied"
    for name in names:
        print(f"{verb} {name}")
    if not names:
        print("nothing to do: every migration is applied")


@app.command()
def audit(
    user_id: Annotated[str, typer.Argument(help="24 hexadecimal digits: whose records.")],
) -> None:
    """Print who was let at a user's records, oldest first, one JSON object a line."""
    settings = _settings()
    from dietcare.operations import audit as audit_job

    if not is_id(user_id):
        _fail("USER_ID must be 24 hexadecimal digits")

    def tell(entry: "AuditEntry") -> None:
        at = entry.at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        shown = {"at": at, "subject": entry.subject, "action": entry.action}
        shown |= {"outcome": entry.outcome.value, "request_id": entry.request_id}
        print(json.dumps(shown, ensure_ascii=False))

    _run(audit_job(settings, UserId(user_id), tell))


@app.command()
def export(
    user_id: Annotated[str, typer.Argument(help="24 hexadecimal digits: whose data.")],
    form: Annotated[ExportFormat, typer.Option("--format")] = ExportFormat.NDJSON,
    out: Annotated[Path | None, typer.Option(help="Default: standard output.")] = None,
) -> None:
    """Write everything that is kept of a user, or the meals as a file: see docs/export.md."""
    settings = _settings()
    from dietcare.operations_account import export as export_job

    if not is_id(user_id):
        _fail("USER_ID must be 24 hexadecimal digits")
    owner = UserId(user_id.lower())
    try:
        with _progress("bytes") as advanced, _written(out) as write:
            _run(export_job(settings, owner, form, write, lambda done: advanced(done, None)))
    except OSError as error:
        _fail(str(error))


@app.command()
def erase(
    user_id: Annotated[str, typer.Argument(help="24 hexadecimal digits: whose data.")],
    dry_run: Annotated[bool, typer.Option(help="Only count, and delete nothing.")] = False,
) -> None:
    """Erase everything that is kept of a user: see docs/privacy.md."""
    settings = _settings()
    from dietcare.operations_account import erase as erase_job

    if not is_id(user_id):
        _fail("USER_ID must be 24 hexadecimal digits")
    owner = UserId(user_id.lower())
    with _progress("records") as advanced:
        counts = _run(erase_job(settings, owner, dry_run=dry_run, progress=advanced))
    for name, count in counts.items():
        print(f"{'would erase' if dry_run else 'erased'} {count} {name}")


@contextmanager
def _written(out: Path | None) -> Iterator[Callable[[bytes], object]]:
    """Gives what writes; a file is there when it is whole, and not before."""
    if out is None:
        yield sys.stdout.buffer.write
        sys.stdout.buffer.flush()
        return
    partial = out.with_name(f".{out.name}.partial")
    try:
        with partial.open("wb") as file:
            yield file.write
        partial.replace(out)
    finally:
        partial.unlink(missing_ok=True)


@app.command()
def evaluate(
    folder: Annotated[Path, typer.Argument(help="Photos, and truth.csv: see docs/evaluation.md.")],
    results: Annotated[Path | None, typer.Option(help="Default: FOLDER/results.")] = None,
    at_once: Annotated[int, typer.Option(min=1, max=64, help="Photos analysed at a time.")] = 4,
) -> None:
    """Measure how right analyses are, on labelled photos; goes on where it stopped."""
    settings = _settings()
    from rich.console import Console

    from dietcare.evaluation import report
    from dietcare.evaluation.job import evaluate as evaluate_job
    from dietcare.evaluation.journal import JournalError
    from dietcare.evaluation.truth import TruthError

    results = results or folder / "results"
    try:
        with _progress("photos") as advanced:
            job = evaluate_job(settings, folder, results, at_once=at_once, advanced=advanced)
            found = _run(job)
        report.show(found, Console())
        report.save_svg(found, results / "report.svg")
    except (TruthError, JournalError, OSError) as error:
        _fail(str(error))
    if found.failures:
        _fail("some photos were not analysed: run it again to try them again")


@contextmanager
def _progress(of: str) -> Iterator[Callable[[int, int | None], None]]:
    """A progress bar for a terminal; gives what is told how much is done, of how much."""
    from rich.console import Console
    from rich.progress import MofNCompleteColumn, Progress

    columns = (*Progress.get_default_columns(), MofNCompleteColumn())
    shown = sys.stderr.isatty()
    with Progress(*columns, console=Console(stderr=True), disable=not shown) as progress:
        task = progress.add_task(of, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


@foods_app.command(name="import")
def import_foods(
    file: Annotated[Path, typer.Argument(help="CSV of data.go.kr, UTF-8 or CP949.")],
    dry_run: Annotated[bool, typer.Option(help="Only read and check the file.")] = False,
    refused: Annotated[
        Path | None, typer.Option(help="Write every refused row here, as CSV.")
    ] = None,
) -> None:
    """Load national composition rows beside the built-in table, for services started afterwards."""
    settings = _settings()
    from dietcare.foods.national import UnreadableFileError
    from dietcare.operations import NotMigratedError
    from dietcare.operations import import_foods as import_job

    try:
        content = file.read_bytes()
        if refused is not None:  # where nothing can be written, nothing is stored either
            refused.touch()
            if refused.samefile(file):
                _fail(f"--refused would overwrite {file}")
        with _progress("rows") as advanced:
            done = _run(import_job(settings, content, dry_run=dry_run, progress=advanced))
        _report(done.refused, refused)
    except OSError as error:
        _fail(str(error))
    except UnreadableFileError as error:
        _fail(f"{file}: {error}")
    except NotMigratedError:
        _fail("migrations are missing: run dietcare migrate first")
    stored = "would be stored" if dry_run else f"stored, {done.new} of them new"
    print(f"{done.rows} rows {stored}; {len(done.refused)} refused")
    if not done.rows:
        _fail(f"{file} has no row that can be used")
    if not dry_run:
        print("services that run now know them after their next start")


def _report(refusals: "Sequence[Refusal]", to: Path | None) -> None:
    """Every refusal into the file, if there is one, and the first ones to stderr."""
    for each in refusals[:REFUSALS_SHOWN]:
        print(f"line {each.line}: {each.code or 'no code'}: {each.reason}", file=sys.stderr)
    if len(refusals) > REFUSALS_SHOWN:
        print(f"... and {len(refusals) - REFUSALS_SHOWN} more", file=sys.stderr)
    if to is not None:
        with to.open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out)
            writer.writerow(("line", "code", "reason"))
            writer.writerows((each.line, each.code, each.reason) for each in refusals)


def _settings() -> Settings:
    try:
        settings = settings_loader.load()
    except settings_loader.SettingsError as error:
        print("These settings are wrong:", file=sys.stderr)
        for line in str(error).splitlines():
            print(f"  {line}", file=sys.stderr)
        raise typer.Exit(2) from None
    logs.configure(settings.log_level.value, pretty=sys.stderr.isatty())
    for line in settings_loader.unknown_variables(os.environ):
        structlog.get_logger("dietcare").warning(line)
    return settings


def _run(job: Coroutine[Any, Any, Any]) -> Any:
    """Run a job; what an operator can mend is one line, and exit code 1."""
    from dietcare.errors import DatabaseError
    from dietcare.serving import AddressInUseError
    from gateway.pem import CertificateError

    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(job)
    except (DataDirectoryError, EmbeddedServerError, AddressInUseError, CertificateError) as error:
        _fail(str(error))
    except DatabaseError as error:
        _fail(f"the database failed: {error.reason}; is DIETCARE_MONGODB_URI right?")


def _duration(text: str) -> timedelta:
    match = re.fullmatch(r"([1-9][0-9]{0,6})([smhd])", text)
    if match is None:
        _fail(f"--ttl {text}: must be a number and s, m, h or d, e.g. 1h")
    return timedelta(seconds=int(match[1]) * UNITS_S[match[2]])


def _fail(reason: str) -> NoReturn:
    print(f"dietcare: {reason}", file=sys.stderr)
    raise typer.Exit(1)
