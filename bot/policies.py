"""Policies by operator and version, kept in memory: a renewal in flight keeps the version it began with."""

from __future__ import annotations

from dialogs.policy import Policy


class Policies:
    """The default policy until an operator publishes another one."""

    def __init__(self, published: dict[tuple[str, int], Policy] | None = None, default: Policy | None = None) -> None:
        self._published = published or {}
        self._default = default or Policy()

    def get(self, operator: str, version: int) -> Policy:
        """Raises LookupError for a version nobody published: refusing beats guessing about money."""
        found = self._published.get((operator, version))
        if found is not None:
            return found
        if version == self._default.version:
            return self._default
        raise LookupError(f"operator {operator!r} has no policy version {version}")

    def current(self, operator: str) -> Policy:
        mine = [policy for (owner, _), policy in self._published.items() if owner == operator]
        return max(mine, key=lambda policy: policy.version, default=self._default)
