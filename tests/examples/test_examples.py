"""Each example runs against the mock and prints the expected results."""

import asyncio
import os
import re
import runpy
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from onefolio.pytest_plugin import RunningMock

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def run(name: str, *arguments: str, environ: dict[str, str], code: int = 0) -> str:
    done = subprocess.run(
        [sys.executable, EXAMPLES / name, *arguments],
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    assert done.stderr == ""
    return done.stdout


def test_every_example_is_listed_and_tested_here() -> None:
    listed = re.findall(r"\[`(\w+\.py)`\]", (EXAMPLES / "README.md").read_text())
    assert sorted(listed) == sorted(path.name for path in EXAMPLES.glob("*.py"))
    assert all(name in Path(__file__).read_text() for name in listed)


def test_analysis(onefolio_mock: RunningMock) -> None:
    text = run("analysis.py", environ=onefolio_mock.environ)
    assert "FAILED" not in text
    for value in ("15050.0", "17750.0", "-9000.0", "AAPL", "2025-01-17", "252086.5"):
        assert value in text, value


@pytest.mark.onefolio_mock(accounts=3)
def test_service(onefolio_mock: RunningMock, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in onefolio_mock.environ.items():
        monkeypatch.setenv(name, value)
    app = runpy.run_path(str(EXAMPLES / "service.py"))["app"]

    async def use() -> None:
        transport = httpx.ASGITransport(app)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url="http://s") as client,
        ):
            accounts = (await client.get("/accounts")).json()
            assert len(accounts) == 1 + 3 + 3
            first = next(each for each in accounts if each["provider"] == "clear_street")
            (balance,) = (await client.get(f"/accounts/{first['connection']}/{first['id']}/balances")).json()
            assert balance["cash"] == "70000.00"
            assert (await client.get("/accounts/clear_street/unknown/balances")).status_code == 404
            assert (await client.get("/snapshot")).status_code == 200
            onefolio_mock.answers.answer("getPositions", status=400)
            partial = await client.get("/snapshot")
            assert partial.status_code == 206
            assert partial.json()["failures"]
            onefolio_mock.answers.answer("getAccounts", status=500)
            assert (await client.get("/accounts")).status_code == 503

    asyncio.run(use())


def test_nightly(onefolio_mock: RunningMock, tmp_path: Path) -> None:
    first = run("nightly.py", str(tmp_path / "out"), environ=onefolio_mock.environ)
    assert "stored" in first
    second = run("nightly.py", str(tmp_path / "out"), environ=onefolio_mock.environ)
    assert "no break" in second

    def edit(body: list[dict[str, str]]) -> list[dict[str, str]]:
        body[0] |= {"qty": "7", "novelty": "yes"}
        return body

    onefolio_mock.answers.change("getPositions", edit)
    third = run("nightly.py", str(tmp_path / "out"), environ=onefolio_mock.environ, code=1)
    assert "quantity: 3 -> 7" in third
    assert "DRIFT" in third
    assert "novelty" in third


def test_test_rebalancing_py() -> None:
    options = ["-q", "-p", "no:cacheprovider", "-p", "onefolio.pytest_plugin"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, str(EXAMPLES / "test_rebalancing.py")],
        # Other plugins take seconds to import. With CI set, hypothesis does not fail because a machine is slow.
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "CI": "1"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        cwd=EXAMPLES,
    )
    assert done.returncode == 0, done.stdout
    assert "4 passed" in done.stdout
