"""A user's Verilog in the place of a core: the core's bench, with what the module can be tried on."""

from __future__ import annotations

import dataclasses
import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from spikelock.models.cache import key_of
from spikelock.models.core import Core, find_core
from spikelock.models.errors import BadInput
from spikelock.models.plain_data import from_plain, to_plain
from spikelock.testbenches.bench import Bench, Case, find_bench
from spikelock.testbenches.lockstep.verilog import Verilog
from spikelock.testbenches.regression_cases import RegressionCase

from .handshakes import needs_queue
from .mapping import ModuleMap, read_map
from .parameters import settable_fields
from .sources import read_sources
from .wrapper import UNKNOWN_LATENCY, wrap


@dataclass(frozen=True)
class OwnVerilog:
    """Everything about a module that is to be judged, as text, so that any process can do it.

    source: Verilog, as `read_sources` gives it. core: the name of the core whose place it takes. map: the
    text of the map. map_name, files: where it was read, for messages and commands.
    """

    source: str
    core: str
    map: str
    map_name: str = "map.toml"
    files: tuple[str, ...] = ()

    @staticmethod
    def from_files(
        files: Sequence[str | Path], top: str | None, core: str, map_file: str | Path
    ) -> OwnVerilog:
        """Reads the files. Raises BadInput where one cannot be read, or the map is of another module."""
        try:
            text = Path(map_file).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise BadInput(f"{map_file} cannot be read: {error}; --draft-map writes a first one") from error
        names = tuple(map(str, files))
        own = OwnVerilog(read_sources(files), find_core(core).name, text, str(map_file), names)
        if top not in (None, own.found.top):
            raise BadInput(f'--top {top}: {map_file} is about top = "{own.found.top}"')
        return own

    def to_json(self) -> dict[str, Any]:
        """As JSON values; `from_json` is the inverse."""
        return {**dataclasses.asdict(self), "files": list(self.files)}

    @staticmethod
    def from_json(values: Mapping[str, Any]) -> OwnVerilog:
        """From JSON values; equal ones give the same object, so that a module is read once in a process."""
        return _known(OwnVerilog(**{**values, "files": tuple(values["files"])}))

    @property
    def key(self) -> str:
        """Hash of the module and its map."""
        return key_of(self.source, self.map)

    @property
    def options(self) -> str:
        """What names it on the command line."""
        words = ["--verilog", *self.files, "--as", self.core, "--map", self.map_name]
        return shlex.join(words)

    @property
    def says(self) -> str:
        """What is judged, in some lines: the module, its handshakes, the cases left out, and why."""
        queued = needs_queue(self.found, self.spec, self.params)
        how = "a queue makes streams of its ports" if queued else "its streams have valid and ready"
        groups: dict[str, list[str]] = {}
        for name, why in self.left_out.items():
            groups.setdefault(why, []).append(name)
        return "\n".join(
            [
                f"{self.found.top} in the place of {self.core}: {how}; {len(self.bench.cases)} cases",
                *(f"  left out, as {why}: {', '.join(names)}" for why, names in groups.items()),
            ]
        )

    @cached_property
    def found(self) -> ModuleMap:
        """The map."""
        return read_map(self.map, self.map_name)

    @cached_property
    def spec(self) -> Core:
        """The core."""
        return find_core(self.core)

    @cached_property
    def params(self) -> Any:
        """Those for which the module was made."""
        return from_plain(self.spec.params, self.found.params, f"{self.map_name}: [params]")

    def component_for(self, case: RegressionCase) -> Verilog:
        """The module for a kept case. Raises BadInput where the case is of another core, or is impossible."""
        if case.core.name != self.core:
            raise BadInput(f"the case is of {case.core.name}, and the module takes the place of {self.core}")
        if obstacle := self.obstacle(case):
            raise BadInput(f"the case is impossible with {self.found.top}, as {obstacle}")
        return self.component(case.params)

    def component(self, params: Any) -> Verilog:
        """The module in the place of the core with these parameters. Raises BadInput if it does not fit."""
        return _wrapped(self.source, self.map, self.map_name, self.core, params)

    @cached_property
    def bench(self) -> Bench:
        """The bench of the core, with this hardware, and the cases that are possible with it.

        Raises BadInput where module, map and core do not fit, or no case is possible.
        """
        bench = find_bench(self.core)
        self.component(self.params)  # what does not fit is said before anything runs
        cases = [case for case in self._candidates(bench) if not self.obstacle(case)]
        if not cases:
            raise BadInput(
                f"{self.map_name}: [params] no case of {self.core} is possible with these: "
                + "; ".join(f"{name}: {why}" for name, why in self.left_out.items())
            )
        busy = (UNKNOWN_LATENCY if self.found.latency is None else self.found.latency) + (
            self.found.interval or 1
        )
        return replace(bench, cases=cases, component=self.component, silence=max(bench.silence, 4 * busy))

    @cached_property
    def left_out(self) -> Mapping[str, str]:
        """Cases of the core that are impossible with this module, and why."""
        bench = find_bench(self.core)
        return {case.name: why for case in self._candidates(bench) if (why := self.obstacle(case))}

    def _candidates(self, bench: Bench) -> list[Case]:
        made = bench.cases_for(self.params) if bench.cases_for else []
        return [*made, *bench.cases]

    def obstacle(self, case: Case | RegressionCase) -> str:
        """Why the module cannot be tried on a case; empty where it can."""
        free = settable_fields(self.found)
        for field in dataclasses.fields(case.params):
            wanted, has = getattr(case.params, field.name), getattr(self.params, field.name)
            if wanted != has and field.name not in free:
                return f"{field.name} is {_plain(wanted)} there and {_plain(has)} in the module"
        ports = self.found.levels.get("registers", {})
        fixed = [name for name in case.registers if name not in ports]
        return f"register {fixed[0]} has no port" if fixed else ""


def _plain(value: Any) -> str:
    """As in a map."""
    return json.dumps(to_plain(value))


@lru_cache(maxsize=16)
def _known(own: OwnVerilog) -> OwnVerilog:
    return own


@lru_cache(maxsize=64)
def _wrapped(source: str, text: str, name: str, core: str, params: Any) -> Verilog:
    return wrap(source, read_map(text, name), find_core(core), params)
