"""gateway/README.md names all that is there, and all that has to be installed."""

import ast
import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

GATEWAY = Path(__file__).parents[2] / "gateway"
README = (GATEWAY / "README.md").read_text()
SOURCES = [path for path in GATEWAY.rglob("*.py") if not path.name.endswith("_pb2.py")]
# Of `google`, which several packages share.
GOOGLE = {"google.protobuf": "protobuf", "google.api": "googleapis-common-protos",
          "google.rpc": "googleapis-common-protos"}  # fmt: skip


def _imported() -> set[str]:
    names: set[str] = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                names.update(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                names.add(node.module or "")
    return names


def _needed() -> set[str]:
    known = packages_distributions()
    found = set()
    for name in _imported():
        top = name.partition(".")[0]
        if top == "google":
            found.add(GOOGLE[".".join(name.split(".")[:2])])
        elif top not in sys.stdlib_module_names and top != "gateway":
            found.add(known[top][0].lower().replace("_", "-"))
    return found


def test_every_module_is_in_the_table() -> None:
    table = README.partition("## Where things are")[2]
    names = {path.name for path in GATEWAY.glob("*.py")} - {"__init__.py"}
    names |= {f"{path.name}/" for path in GATEWAY.iterdir() if (path / "__init__.py").exists()}
    missing = {name for name in names - {"v1/"} if f"`{name}`" not in table}
    assert not missing


def test_what_it_imports_is_what_it_says_to_install() -> None:
    told = re.search(r"^pip install (.*?)^```", README, re.DOTALL | re.MULTILINE)
    assert told
    packages = {re.split("[<>=]", each)[0] for each in re.sub(r"[\\']", " ", told[1]).split()}
    # Named in commands, not imported: the compiler, the assets, the parser of uvicorn.
    assert packages == _needed() | {"grpcio-tools", "swagger-ui-bundle-v2", "httptools"}
