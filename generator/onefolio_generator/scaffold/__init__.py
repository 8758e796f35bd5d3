"""Writing of a new provider from its published OpenAPI document."""

from .packages import add_to_repository, new_package, regenerate

__all__ = ["add_to_repository", "new_package", "regenerate"]
