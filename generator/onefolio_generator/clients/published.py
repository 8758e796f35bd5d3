"""The published document and the departures from it, as files of a client's package."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from ..document import DocumentError

PUBLISHED = "published.json"

DEPARTURES = "departures.yaml"


def write_published(specs: Path, folder: Path) -> None:
    """Copy the accepted published document beside a spec, and write the departures from it as JSON.

    A spec without these files, such as that of another package, is complete as well.

    Args:
        specs: the folder of the spec. Departures that apply to all providers are in the folder above.
        folder: the folder of the client.

    Raises:
        DocumentError: a list of departures is not valid YAML.
    """
    if (specs / PUBLISHED).exists():
        shutil.copyfile(specs / PUBLISHED, folder / PUBLISHED)
    if (specs / DEPARTURES).exists():
        common = [{**entry, "common": True} for entry in read_departures(specs.parent / DEPARTURES)]
        entries = [*read_departures(specs / DEPARTURES), *common]
        text = json.dumps(entries, indent=1, ensure_ascii=False)
        (folder / "departures.json").write_text(f"{text}\n", encoding="utf-8")


def read_departures(path: Path) -> list[dict[str, Any]]:
    """Return the entries of a list of departures; nothing if the file is missing.

    Raises:
        DocumentError: the file is not valid YAML, or has no list `departures`.
    """
    if not path.exists():
        return []
    try:
        entries = YAML(typ="safe").load(path)["departures"]
    except (YAMLError, KeyError, TypeError) as error:
        raise DocumentError(f"{path}: expected a list named departures: {error}") from None
    return list(entries)
