"""Accounts, balances and positions of several brokers and custodians as one typed model with exact money."""

TYPE_CHECKING = False  # `typing` takes time to import
if TYPE_CHECKING:
    from ._public import *  # noqa: F403  # `__all__` lists the names
    from ._public import __all__ as __all__

__version__ = "0.1.0"

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        """Return a public name.

        All of them are imported at the first use of one: `python -m onefolio` runs this module first, and nothing can
        handle Ctrl-C while it does.
        """
        if name.startswith("_") and name != "__all__":
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from . import _public

        if name != "__all__" and name not in _public.__all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        globals().update({each: getattr(_public, each) for each in ("__all__", *_public.__all__)})
        return globals()[name]

    def __dir__() -> list[str]:
        return sorted({*globals(), *__getattr__("__all__")})
