"""Settings as a process finds them: its own folder, its own environment."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from dietcare.settings import Settings
from dietcare.settings.load import SettingsError, load, variable_of


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder without a `.env`, and no variable of this machine."""
    monkeypatch.chdir(tmp_path)
    for variable in map(variable_of, Settings.model_fields):
        monkeypatch.delenv(variable, raising=False)
    return tmp_path


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch):
    """Load with these variables set."""

    def load_with(**environment: str) -> Settings:
        for variable, value in environment.items():
            monkeypatch.setenv(variable, value)
        return load()

    return load_with


@pytest.fixture
def wrong(loaded):
    """What is said of each variable that is wrong."""

    def said(**environment: str) -> dict[str, str]:
        with pytest.raises(SettingsError) as caught:
            loaded(**environment)
        return dict(line.split(": ", 1) for line in str(caught.value).splitlines())

    return said


def pem(key) -> str:
    return (
        key.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode()
    )


@pytest.fixture(scope="module")
def rsa_pem() -> str:
    return pem(rsa.generate_private_key(65537, 2048))
