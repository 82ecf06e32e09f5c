"""What config.json says, and what of it our models cannot do."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from transformer_course.pretrained.errors import PretrainedError

# Their names for the feed-forward layers' bend, and ours.
BENDS = {
    "relu": "relu",
    "gelu": "gelu",
    "gelu_new": "gelu_tanh",
    "gelu_pytorch_tanh": "gelu_tanh",
}


class Settings:
    """One config.json, read with care for types.

    Args:
        values: Its content.
    """

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values = values

    @classmethod
    def read(cls, folder: Path) -> Settings:
        """Read a folder's config.json.

        Args:
            folder: Where it is.

        Returns:
            The settings.

        Raises:
            PretrainedError: There is no such folder or file, or the file is
                not JSON or no object.
        """
        path = folder / "config.json"
        if not folder.is_dir():
            raise PretrainedError(f"folder {folder} does not exist")
        if not path.is_file():
            raise PretrainedError(f"{folder} has no config.json")
        return cls(read_object(path))

    def integer(self, name: str, default: int | None = None) -> int:
        """Give a whole number.

        Args:
            name: Of the setting.
            default: Where the file does not have it; None where it must.

        Returns:
            The number.

        Raises:
            PretrainedError: It is missing or something else.
        """
        value = self._value(name, default)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self._wrong(name, "a whole number")
        if abs(value) >= 2**31:
            raise self._wrong(name, "a whole number below 2**31")
        return value

    def number(self, name: str, default: float) -> float:
        """Give a number, as ``integer`` gives a whole one."""
        value = self._value(name, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self._wrong(name, "a number")
        if not math.isfinite(value):
            raise self._wrong(name, "a finite number")
        return float(value)

    def flag(self, name: str, default: bool) -> bool:
        """Give true or false, as ``integer`` gives a whole number."""
        value = self._value(name, default)
        if not isinstance(value, bool):
            raise self._wrong(name, "true or false")
        return value

    def text(self, name: str, default: str | None = None) -> str:
        """Give a string, as ``integer`` gives a whole number."""
        value = self._value(name, default)
        if not isinstance(value, str):
            raise self._wrong(name, "a string")
        return value

    def choice(
        self, name: str, default: str, choices: Mapping[str, str]
    ) -> str:
        """Give what one of several strings stands for.

        Args:
            name: Of the setting.
            default: Where the file does not have it.
            choices: What each string that may come stands for.

        Returns:
            The value of ``choices``.

        Raises:
            PretrainedError: It is none of them.
        """
        value = self._value(name, default)
        if not isinstance(value, str) or value not in choices:
            raise self._wrong(name, f"one of {sorted(choices)}")
        return choices[value]

    def require(self, **wanted: Any) -> None:
        """Refuse settings that would change what a model computes.

        Args:
            wanted: Name and the one value that our models have; a setting
                that is missing or null is as good.

        Raises:
            PretrainedError: A setting has another value.
        """
        for name, only in wanted.items():
            if self.values.get(name) not in (None, only):
                raise self._wrong(name, f"{json.dumps(only)}: our model has")

    def renamed(self, **names: str) -> Settings:
        """Understand settings by the names that all families share.

        Args:
            names: Shared name, and the family's own.

        Returns:
            The settings under the family's names.

        Raises:
            PretrainedError: Both names are there and disagree.
        """
        values = dict(self.values)
        for shared, own in names.items():
            came, known = values.get(shared), values.get(own)
            if None not in (came, known) and came != known:
                raise self._wrong(shared, f"{known!r}, as {own} says")
            values[own] = came if known is None else known
        return Settings(values)

    def one_dropout(self, *names: str) -> float:
        """Give the dropout that several settings agree on.

        Args:
            names: Of the settings; each is 0.1 where the file has it not.

        Returns:
            The share.

        Raises:
            PretrainedError: They differ: our models have one for all.
        """
        shares = {name: self.number(name, 0.1) for name in names}
        if len(set(shares.values())) > 1:
            raise PretrainedError(
                f"config.json has {shares}, wanted one value for all: our "
                "models have one dropout"
            )
        return shares[names[0]]

    def architecture(self, default: str, *known: str) -> str:
        """Give the class that the weights were saved from.

        Args:
            default: Where the file does not say.
            known: Names that may come.

        Returns:
            One of them.

        Raises:
            PretrainedError: It is another.
        """
        named = self.values.get("architectures") or [default]
        if not isinstance(named, list):
            raise self._wrong("architectures", "a list of one name")
        if named[0] not in known:
            raise PretrainedError(
                f"config.json has architectures {named}, wanted one of "
                f"{list(known)}"
            )
        return str(named[0])

    def _value(self, name: str, default: Any) -> Any:
        value = self.values.get(name)
        value = default if value is None else value
        if value is None:
            raise PretrainedError(f"config.json has no {name}")
        return value

    def _wrong(self, name: str, wanted: str) -> PretrainedError:
        came = json.dumps(self.values.get(name))
        return PretrainedError(
            f"config.json has {name} {came}, wanted {wanted}"
        )


def read_object(path: Path) -> dict[str, Any]:
    """Read a JSON file that holds one object.

    Args:
        path: The file.

    Returns:
        The object.

    Raises:
        PretrainedError: It is no JSON, or another kind of value.
    """
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise PretrainedError(f"{path} is not JSON: {error}") from error
    if not isinstance(values, dict):
        raise PretrainedError(f"{path} holds no JSON object")
    return values
