"""The adapters, one module a provider, and the registry that finds them.

A module of this package that defines a `Connection` is a provider; nothing else has to name it. A provider of another
package registers an entry point of the group `onefolio.providers`, `NAME = "package.module:Class"`.
"""

from .registry import ProviderWarning, known, own, problems, provider

__all__ = ["ProviderWarning", "known", "own", "problems", "provider"]
