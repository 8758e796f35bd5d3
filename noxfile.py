"""Run the tests with every supported Python of this machine: `make pythons`."""

import os

import nox

nox.options.default_venv_backend = "uv"
nox.options.download_python = "never"
nox.options.error_on_missing_interpreters = False


@nox.session(python=["3.11", "3.12", "3.13"])
def tests(session: nox.Session) -> None:
    """Install the pinned requirements and run pytest with the arguments after `--`."""
    session.install("--require-hashes", "-r", "requirements/run.txt", "-r", "requirements/dev.txt")
    session.install("--no-deps", "--no-build-isolation", "--editable", ".")
    workers = (os.cpu_count() or 1) + 2  # many tests wait for servers
    session.run("pytest", "-n", str(workers), *session.posargs)
