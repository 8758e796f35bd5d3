"""`make regenerate`: reproducible bytes, a readable check, and no loss of files when it fails."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
GENERATED = ROOT / "generated" / "onefolio_clients"


@pytest.fixture
def specs(tmp_path: Path) -> Path:
    """A copy of the specs that a test may change."""
    return Path(shutil.copytree(ROOT / "specs", tmp_path / "specs"))


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """A copy of the generated clients."""
    ignored = shutil.ignore_patterns("__pycache__")
    return Path(shutil.copytree(GENERATED, tmp_path / "onefolio_clients", ignore=ignored))


def regenerate(*arguments: object, seed: str = "0") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "onefolio_generator", *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": seed},
        capture_output=True,
        text=True,
        check=False,
    )


def digest(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def first_spec(specs: Path) -> Path:
    return sorted(specs.glob("*/openapi.yaml"))[0]


def test_two_runs_write_the_committed_bytes(tmp_path: Path) -> None:
    for seed in ("1", "2"):
        done = regenerate("--target", tmp_path / seed / "onefolio_clients", seed=seed)
        assert done.returncode == 0, done.stderr
    first, second = (digest(tmp_path / seed / "onefolio_clients") for seed in ("1", "2"))
    assert first == second == digest(GENERATED)


def test_a_changed_character_in_a_spec_fails_the_check_with_a_diff(specs: Path, target: Path) -> None:
    spec = first_spec(specs)
    spec.write_text(spec.read_text().replace("An exact amount in", "An exact amounT in", 1))
    done = regenerate("--check", "--specs", specs, "--target", target)
    assert done.returncode == 1
    assert "-" in done.stdout
    assert "amounT in" in done.stdout
    assert "run `make regenerate`" in done.stderr
    assert digest(target) == digest(GENERATED), "the check must write nothing"


@pytest.mark.parametrize("change", ["edited", "deleted", "added"])
def test_a_manually_changed_file_fails_the_check(change: str, target: Path) -> None:
    models = sorted(target.glob("*/models.py"))[0]
    if change == "edited":
        models.write_text(models.read_text() + "# mine\n")
    elif change == "deleted":
        models.unlink()
    else:
        models.with_name("mine.py").write_text("mine = 1\n")
    assert regenerate("--check", "--target", target).returncode == 1


def test_the_committed_clients_are_up_to_date(target: Path) -> None:
    done = regenerate("--check", "--target", target)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("openapi: 3.1.0", "openapi: [3.1.0", "openapi.yaml"),
        ("openapi: 3.1.0", "swagger: '2.0'", "openapi.yaml"),
        ("$ref: examples/", "$ref: nowhere/", "nowhere"),
        (
            'schema:\n                $ref: "#/components/schemas/',
            'schema:\n                $ref: "#/components/schemas/No',
            "No",
        ),
    ],
)
def test_an_unusable_spec_leaves_the_old_files(old: str, new: str, message: str, specs: Path, target: Path) -> None:
    # The last spec, so that the others have been generated when it fails.
    spec = sorted(specs.glob("*/openapi.yaml"))[-1]
    text = spec.read_text()
    assert old in text
    spec.write_text(text.replace(old, new, 1))
    done = regenerate("--specs", specs, "--target", target)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert digest(target) == digest(GENERATED)


def test_a_folder_without_specs_is_an_error(tmp_path: Path, target: Path) -> None:
    done = regenerate("--specs", tmp_path / "nowhere", "--target", target)
    assert (done.returncode, "no PROVIDER/openapi.yaml" in done.stderr) == (2, True)
    assert digest(target) == digest(GENERATED)


def test_an_unquoted_date_in_a_spec_stays_a_string(specs: Path, tmp_path: Path) -> None:
    spec = first_spec(specs)
    lines = [
        "  version: 2024-12-01" if line.startswith("  version: ") else line for line in spec.read_text().splitlines()
    ]
    spec.write_text("\n".join(lines) + "\n")
    done = regenerate("--specs", specs, "--target", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert '"version": "2024-12-01"' in (tmp_path / "out" / spec.parent.name / "openapi.json").read_text()
