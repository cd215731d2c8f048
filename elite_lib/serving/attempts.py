"""Wrong passwords cost time, more with each one; who comes from elsewhere, or came before, does not wait.

Counted per address and name, so that somebody who guesses keeps nobody else out; and per address, whatever
the names. A browser that has logged in before is counted by itself (a "device cookie"): behind a proxy, where
all come from one address, its person still gets in. Kept in memory: a reload of the page changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

FREE = 3  # wrong passwords of one person in a row that cost nothing: everybody mistypes
FREE_ADDRESS = 12  # the same for an address, whatever the names
LONGEST = 30.0  # seconds: the right person who mistyped is not kept out for long
FORGOTTEN = 900.0  # seconds without an attempt
MOST = 10_000  # counters kept, so that invented names do not fill the memory


@dataclass(slots=True)
class _Counter:
    failures: int = 0
    last: float = 0.0  # instant of the newest attempt


class Attempts:
    """Count attempts. ``now`` is given, in seconds: any clock that never goes back."""

    def __init__(self) -> None:
        self._counters: dict[str, _Counter] = {}

    def wait(self, keys: Iterable[str], now: float) -> float:
        """Say how many seconds it takes until the next attempt is looked at; 0: now."""
        return max((self._wait(key, now) for key in keys), default=0.0)

    def begin(self, keys: Iterable[str], now: float) -> None:
        """Count an attempt as failed before the password is looked at: many at once gain nothing."""
        self._forget(now)
        for key in keys:
            counter = self._counters.setdefault(key, _Counter())
            counter.failures, counter.last = counter.failures + 1, now

    def succeeded(self, keys: Iterable[str]) -> None:
        """Forget the failures of who got in; those of others at the same address stay."""
        for key in keys:
            counter = self._counters.get(key)
            if counter is not None and key.startswith("address:"):
                counter.failures -= 1
            else:
                self._counters.pop(key, None)

    def _wait(self, key: str, now: float) -> float:
        counter = self._counters.get(key)
        if counter is None or now - counter.last > FORGOTTEN:
            return 0.0
        above = counter.failures - (FREE_ADDRESS if key.startswith("address:") else FREE)
        if above < 0:
            return 0.0
        return max(0.0, counter.last + min(2.0 ** min(above, 10), LONGEST) - now)

    def _forget(self, now: float) -> None:
        if len(self._counters) < MOST:
            return
        fresh = {key: one for key, one in self._counters.items() if now - one.last <= FORGOTTEN}
        newest = sorted(fresh, key=lambda key: fresh[key].last)[-MOST // 2 :]
        self._counters = {key: fresh[key] for key in newest}


def keys(address: str, name: str, device: str = "") -> tuple[str, ...]:
    """Name the counters of one attempt; ``device``: the id of a browser that this person logged in with."""
    return (f"device:{device}",) if device else (f"person:{address} {name}", f"address:{address}")
