"""Formatting of generated code, whatever folder and project it is in."""

from pathlib import Path

import pytest

from onefolio_generator.document import DocumentError
from onefolio_generator.format_code import format_code

CODE = 'import sys\nimport os\n\n\ndef show() -> None:\n    """show it.\n\n    More."""\n    print( sys.argv )\n'
FORMATTED = 'import sys\n\n\ndef show() -> None:\n    """Show it.\n\n    More.\n    """\n    print(sys.argv)\n'


@pytest.mark.parametrize("place", ["client", "build/client", "venv/client", ".hidden/client"])
def test_the_project_around_the_code_has_no_effect(place: str, tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".gitignore").write_text("*\n")
    (tmp_path / "pyproject.toml").write_text("[tool.ruff]\nline-length = 20\nrequired-version = '==0.0.1'\n")
    folder = tmp_path / place
    folder.mkdir(parents=True)
    (folder / "models.py").write_text(CODE)
    format_code(folder)
    assert (folder / "models.py").read_text() == FORMATTED


def test_invalid_python_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "models.py").write_text("def\n")
    with pytest.raises(DocumentError, match="ruff cannot format the generated code"):
        format_code(tmp_path)
