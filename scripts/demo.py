"""Start the mock, read every provider through the library and print their holdings: `make demo`."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from onefolio.providers.registry import known


def main() -> int:
    """Return the exit code of `onefolio snapshot`."""
    onefolio = [sys.executable, "-m", "onefolio"]
    with subprocess.Popen([*onefolio, "mock", "--port", "0"], stdout=subprocess.PIPE, text=True) as mock:
        try:
            first = mock.stdout.readline() if mock.stdout else ""
            if not first:
                return mock.wait()
            urls: dict[str, str] = json.loads(first)
            for provider, url in urls.items():
                print(f"{known()[provider].title} is served at {url}", flush=True)
            servers = {known()[provider].base_url_variable: url for provider, url in urls.items()}
            keys = {name for kind in known().values() for name in kind.variables.values()}
            # The mock must not receive the user's real keys.
            environ = {name: value for name, value in os.environ.items() if name not in keys} | servers
            print(flush=True)
            return subprocess.run([*onefolio, "snapshot"], env=environ, check=False).returncode
        finally:
            mock.terminate()


if __name__ == "__main__":
    sys.exit(main())
