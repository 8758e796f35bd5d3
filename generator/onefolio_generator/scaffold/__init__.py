"""Writing of a new provider from its published OpenAPI document.

The document passes through these steps: `published_spec` reads it, `select_operations` selects its operations (with
`normalize`, `rows`, `paging` and `field_matching`), `curate` makes the spec, `adapter_code` the adapter.
"""

from .regeneration import regenerate
from .repository import add_to_repository
from .standalone import new_package

__all__ = ["add_to_repository", "new_package", "regenerate"]
