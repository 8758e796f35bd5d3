"""A mock of every provider's API, as its spec says: `onefolio mock` on the command line, or in process.

The data begins with the specs' own examples and goes on with variations of them, made as they are asked for,
the same for the same seed. Its credentials are the key `demo-key` and the secret `demo-secret`.
"""

from .asgi_app import app
from .chosen_answers import ChosenAnswers
from .server import PortTakenError, running, serve

__all__ = ["ChosenAnswers", "PortTakenError", "app", "running", "serve"]
