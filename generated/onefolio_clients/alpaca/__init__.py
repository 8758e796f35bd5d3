"""Alpaca Trading API, accounts and positions: typed models and requests, generated from its spec. Do not edit."""

from onefolio_runtime import AsyncClient, Client

from . import models, operations
from .credentials import Credentials
from .models import CONTRACT

SERVERS = {
    "paper": "https://paper-api.alpaca.markets",
    "live": "https://api.alpaca.markets",
}
"""Base URLs by the name of the environment."""

__all__ = ["CONTRACT", "SERVERS", "AsyncClient", "Client", "Credentials", "models", "operations"]
