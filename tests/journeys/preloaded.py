"""The command with its modules loaded already: one process that forks for each command it is asked for.

Loading the modules takes most of the time of a short command. Each command still is a process of its own, with its
own folder, environment, output and exit code, and enters where the installed `digest` enters.

Reads one JSON request a line (words, cwd, env, out, err) and answers with the exit code.
"""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import sys

from digest import cli
from digest.cli import main


def serve() -> None:
    for module in pkgutil.iter_modules(cli.__path__, f"{cli.__name__}."):
        importlib.import_module(module.name)
    while line := sys.stdin.buffer.readline():
        child = os.fork()
        if child == 0:
            _become(**json.loads(line))
        _, status = os.waitpid(child, 0)
        os.write(1, f"{os.waitstatus_to_exitcode(status)}\n".encode())


def _become(words: list[str], cwd: str, env: dict[str, str], out: str, err: str) -> None:
    """Be the command; does not return."""
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 1)
    os.dup2(os.open(err, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 2)
    main(words)


if __name__ == "__main__":
    serve()
