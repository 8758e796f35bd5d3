"""A mock server that implements every provider's API according to its spec.

Start it with `onefolio mock` on the command line, or run it inside a process with `running` or `app`. The data starts
with the examples of the specs, followed by variations of them that are generated on demand and depend only on the
seed. The mock accepts the key `demo-key` and the secret `demo-secret`.
"""

from .._core.listeners import PortTakenError
from .asgi_app import app
from .chosen_answers import ChosenAnswers
from .server import running, serve

__all__ = ["ChosenAnswers", "PortTakenError", "app", "running", "serve"]
