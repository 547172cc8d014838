"""The workshop: threads that build messages ahead, so that signing uses the other cores while this one sends.

An RSA signature takes ten times as long as all the rest of a message, and `cryptography` lets other threads run
meanwhile. Jobs come out in the order they went in; never are more than `ahead` of them in here. Used by `fast`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Container, Sequence
from concurrent.futures import ThreadPoolExecutor

from digest.deliver.desk import Job, Pieces

GROUP = 8
"""Jobs that a thread takes at once: each group costs a wake-up of the event loop."""


class _Piece:
    """A job and what became of it. Written by a thread, `is_done` last; read by the loop."""

    __slots__ = ("body", "fault", "is_done", "job")

    def __init__(self, job: Job) -> None:
        self.job = job
        self.body: Pieces = ()
        self.fault: Exception | None = None
        self.is_done = False

    def build(self) -> None:
        try:
            self.body = self.job.body()
        except Exception as fault:  # told to whoever takes the body
            self.fault = fault
        self.is_done = True


class Workshop:
    """`told` is called, in a worker's thread, when a group is done."""

    def __init__(self, threads: int, ahead: int, told: Callable[[], object]) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="build")
        self._ahead = ahead
        self._group = min(GROUP, max(1, ahead // (2 * threads)))
        self._told = told
        self._pieces: deque[_Piece] = deque()
        self._bodies: dict[Job, _Piece] = {}
        self._closed = False

    def __len__(self) -> int:
        return len(self._pieces)

    @property
    def is_ready(self) -> bool:
        """Is the oldest job built?"""
        return bool(self._pieces) and self._pieces[0].is_done

    @property
    def has_room(self) -> bool:
        """For a whole group."""
        return self._ahead - len(self._pieces) - len(self._bodies) >= self._group

    def fill(self, source: Callable[[], Job | None]) -> None:
        """Take jobs in while there is room for a whole group."""
        while self.has_room:
            group: list[_Piece] = []
            while len(group) < self._group and (job := source()) is not None:
                group.append(_Piece(job))
            if not group:
                return
            self._pieces.extend(group)
            self._pool.submit(self._build, group)

    def next(self) -> Job | None:
        """The oldest job, once it is built; its body is then waiting at `body`."""
        if not self.is_ready:
            return None
        piece = self._pieces.popleft()
        self._bodies[piece.job] = piece
        return piece.job

    def body(self, job: Job) -> Pieces:
        """What was built for it, once. Raises what its builder raised."""
        piece = self._bodies.pop(job, None)
        if piece is None:
            return job.body()
        if piece.fault is not None:
            raise piece.fault
        return piece.body

    def forget(self, job: Job) -> None:
        """Nobody will want its body."""
        self._bodies.pop(job, None)

    def waiting(self) -> list[Job]:
        """Whom nobody took yet, built or not."""
        return [piece.job for piece in self._pieces]

    def dismiss(self, jobs: Container[Job]) -> None:
        """Nobody shall take these."""
        self._pieces = deque(piece for piece in self._pieces if piece.job not in jobs)

    def clear(self) -> list[Job]:
        """Everything that nobody took; what is half built is forgotten."""
        gone = self.waiting()
        self._pieces.clear()
        return gone

    def close(self) -> None:
        self._closed = True
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _build(self, group: Sequence[_Piece]) -> None:
        for piece in group:
            if self._closed:
                return
            piece.build()
        self._told()
