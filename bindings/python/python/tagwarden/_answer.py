"""What the classes of answers have in common: made once, compared by value, pickled.

The same as frozen dataclasses, to type checkers too. Those take 30 ms to import and to make, most of the time that the whole package
would need.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from typing_extensions import Self, dataclass_transform
else:

    def dataclass_transform(**_):
        return lambda cls: cls


@dataclass_transform(frozen_default=True)
class Answer:
    """A value with named parts."""

    __match_args__: tuple[str, ...] = ()

    if not TYPE_CHECKING:

        def __init_subclass__(cls) -> None:
            cls.__match_args__ = tuple(cls.__annotations__)

        def __init__(self, *values, **named) -> None:
            names = self.__match_args__
            if len(values) > len(names):
                raise TypeError(f"{type(self).__name__}() takes {len(names)} values, and {len(values)} were given")
            given = dict(zip(names, values))
            for name, value in named.items():
                if name not in names or name in given:
                    raise TypeError(f"{type(self).__name__}() got {name!r}, which it has not or has already")
                given[name] = value
            for name in names:
                if name not in given and not hasattr(type(self), name):
                    raise TypeError(f"{type(self).__name__}() lacks {name!r}")
            self.__dict__.update(given)

        def __setattr__(self, name, value) -> None:
            raise AttributeError(f"{type(self).__name__} cannot be changed")

        __delattr__ = __setattr__

    def _values(self) -> tuple[Any, ...]:
        return tuple(getattr(self, name) for name in self.__match_args__)

    def to_dict(self) -> dict[str, Any]:
        """Its parts by name; parts of parts too."""
        return {name: _plain(getattr(self, name)) for name in self.__match_args__}

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self._values() == other._values()

    def __hash__(self) -> int:
        return hash((type(self), self._values()))

    def __repr__(self) -> str:
        parts = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.__match_args__)
        return f"{type(self).__name__}({parts})"

    def __reduce__(self) -> tuple[type[Self], tuple[Any, ...]]:
        return type(self), self._values()


def _plain(value: Any) -> Any:
    if isinstance(value, Answer):
        return value.to_dict()
    if isinstance(value, tuple):
        return [_plain(part) for part in value]  # pyright: ignore[reportUnknownVariableType]
    return value
