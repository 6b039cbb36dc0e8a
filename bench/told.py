"""A process that is told what to do by lines of JSON and answers each with one: its parent's end."""

from __future__ import annotations

import json
import subprocess
import sys
from types import TracebackType
from typing import Any


class Told:
    """`python -m module arguments…`. What it prints unasked, once it is ready, is `ready`."""

    def __init__(self, module: str, *arguments: object, is_ready: bool = True) -> None:
        """`is_ready`: it says nothing before it is asked."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.ready: dict[str, Any] = {} if is_ready else self.hear()

    def tell(self, name: str, *arguments: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps([name, *arguments]) + "\n")
        self._process.stdin.flush()

    def hear(self) -> dict[str, Any]:
        """The next answer. Raises EOFError when the process has ended."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise EOFError(f"{self._process.args!r} has ended")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def ask(self, name: str, *arguments: object) -> dict[str, Any]:
        self.tell(name, *arguments)
        return self.hear()

    def __enter__(self) -> Told:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
