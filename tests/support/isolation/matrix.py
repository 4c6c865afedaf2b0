"""The cells of the matrix, and what is to be complained about in each."""

from dataclasses import dataclass

from refusals.requests import METHODS

from isolation.table import (
    CALLERS,
    IDS,
    KINDS,
    OK,
    Expected,
    expected,
    id_paths,
    takes_keys,
    valid_request,
    with_id,
)
from isolation.world import KEY, PICTURE, TRANSPORTS, Answer, Owner, World, nothing

LIMITS = {"rate_limits", "diet_sessions"}
"""What a refused call may ask the database for: what is left to its caller."""
AUDIT = "audit_log"


@dataclass(frozen=True)
class Cell:
    """A valid request about the owner by one caller."""

    rpc: str
    caller: str
    over: str

    def __str__(self) -> str:
        return f"{self.rpc}: {self.caller} over {self.over}"

    async def complaints(self, world: World, victim: Owner) -> list[str]:
        """What is wrong with the answer, with what it left behind, and with the audit log.

        `victim` is the owner wherever the call must be refused.
        """
        want = expected(self.rpc, self.caller)
        owner = await world.new_owner() if want is OK else victim
        token = world.token(self.caller, owner.id)
        user_id = None if self.caller == "own, unsaid" and not _must_say(self.rpc) else owner.id
        request = valid_request(self.rpc, _owned(owner), user_id)
        stored, audited = world.stored(owner), await world.audited(owner)

        answer = await world.send(self.over, self.rpc, request, token)

        wrong = _wrong(answer, want)
        if want is not OK:
            if owner.secret in str(answer.whole):
                wrong.append("tells what it must not")
            if world.stored(owner) != stored:
                wrong.append("changes what is stored")
            if {collection for _, collection in answer.commands} - LIMITS:
                wrong.append(f"asks the database: {answer.commands}")
        challenge = answer.headers.get("www-authenticate", "")
        if (want.status, self.over) == (401, "REST") and not challenge.startswith("Bearer"):
            wrong.append("has no WWW-Authenticate")
        new = (await world.audited(owner))[len(audited) :]
        if new != self.to_be_audited(owner):
            wrong.append(f"is audited as {new}")
        if not new and AUDIT in {collection for _, collection in answer.commands}:
            wrong.append("asks the audit log, which it has nothing to do with")
        return [f"{self} {each}" for each in wrong]

    def to_be_audited(self, owner: Owner) -> list[tuple[str, str, str]]:
        """What the audit log has to say of it."""
        want = expected(self.rpc, self.caller)
        kind, is_other = KINDS[self.rpc], self.caller.startswith("diet:")
        if want is not OK or kind == "nobody's" or not (is_other or kind == "account"):
            return []
        outcomes = ("granted", "done") if kind == "account" else ("granted",)
        return [("clinic" if is_other else owner.id, self.rpc, each) for each in outcomes]


@dataclass(frozen=True)
class IdCell:
    """The id of a stranger's, and one of nothing, in a request that is valid otherwise."""

    rpc: str
    path: str
    caller: str
    over: str

    def __str__(self) -> str:
        return f"{self.rpc}.{self.path}: {self.caller} over {self.over}"

    async def complaints(self, world: World, me: Owner, stranger: Owner) -> list[str]:
        """What is wrong with either answer, and what tells the two apart."""
        want, token = IDS[self.path], world.token(self.caller, me.id)
        assert want is not None
        request = valid_request(self.rpc, _owned(me), me.id)
        stored = world.stored(stranger)

        theirs, nobodys = [
            await world.send(self.over, self.rpc, with_id(request, self.path, each), token)
            for each in (stranger.ids[self.path], nothing(self.path))
        ]

        wrong = [*_wrong(theirs, want), *_wrong(nobodys, want)]
        if theirs.whole != nobodys.whole:
            wrong.append(f"differs:\n{theirs.whole}\n{nobodys.whole}")
        if theirs.commands != nobodys.commands:
            wrong.append(f"asks differently:\n{theirs.commands}\n{nobodys.commands}")
        if stranger.secret in str(theirs.whole) or world.stored(stranger) != stored:
            wrong.append("reaches what is the stranger's")
        return [f"{self} {each}" for each in wrong]


@dataclass(frozen=True)
class KeyCell:
    """An idempotency key that somebody else has used, for the same request."""

    rpc: str
    over: str

    def __str__(self) -> str:
        return f"{self.rpc}: a used key over {self.over}"

    async def complaints(self, world: World, stranger: Owner) -> list[str]:
        """What tells it from a key that nobody has used."""
        stored, answers = world.stored(stranger), []
        for key in (KEY, "another"):
            me = await world.new_owner(key=None)
            request = valid_request(self.rpc, _owned(me), None)
            token = world.token("own", me.id)
            answers.append(await world.send(self.over, self.rpc, request, token, key=key))
        theirs, nobodys = answers

        wrong = [*_wrong(theirs, OK), *_wrong(nobodys, OK)]
        if "idempotent-replayed" in theirs.headers:
            wrong.append("replays the answer of somebody else")
        if theirs.commands != nobodys.commands:
            wrong.append(f"asks differently:\n{theirs.commands}\n{nobodys.commands}")
        if world.stored(stranger) != stored:
            wrong.append("changes what is the stranger's")
        return [f"{self} {each}" for each in wrong]


def _owned(owner: Owner) -> dict[str, str]:
    """What of a valid request is the owner's: everything that can be named."""
    return {"image_data": PICTURE, **owner.ids}


def _must_say(rpc: str) -> bool:
    """Whether a request has to say whose records it is about."""
    field = METHODS[rpc].input_type.fields_by_name.get("user_id")
    return field is not None and not field.has_presence


def _wrong(answer: Answer, want: Expected) -> list[str]:
    status = answer.status
    if isinstance(status, int):
        is_it = status // 100 == 2 if want is OK else status == want.status
    else:
        is_it = status == want.code
    if is_it and answer.reason == want.reason:
        return []
    return [f"gets {status} {answer.reason}, not {want.status} {want.code} {want.reason}"]


def cells() -> list[Cell]:
    """Every method × every caller × both ways."""
    return [Cell(rpc, caller, over) for rpc in KINDS for caller in CALLERS for over in TRANSPORTS]


def id_cells() -> list[IdCell]:
    """Every method × every id in its request × whoever may send it × both ways."""
    return [
        IdCell(rpc, path, caller, over)
        for rpc in KINDS
        for path in id_paths(rpc)
        if IDS.get(path) is not None
        for caller in ("own", "diet:admin")
        for over in TRANSPORTS
    ]


def key_cells() -> list[KeyCell]:
    """Every method that takes idempotency keys × both ways."""
    return [KeyCell(rpc, over) for rpc in KINDS if takes_keys(rpc) for over in TRANSPORTS]
