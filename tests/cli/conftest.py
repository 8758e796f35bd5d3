"""Share a mock between the tests of a module."""

from collections.abc import Iterator

import pytest

from onefolio import mock
from onefolio.providers.registry import known


@pytest.fixture(scope="module")
def servers() -> Iterator[dict[str, str]]:
    """Run a mock; the environment variables with its base URLs."""
    with mock.running() as urls:
        yield {known()[provider].base_url_variable: url for provider, url in urls.items()}
