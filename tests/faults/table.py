"""The fault table: which cells there are, playing them, and what was counted."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.conf import settings

from tests.faults.death import POINTS
from tests.faults.run import Verdict, play
from tests.faults.stage import Stage, publish_an_edition
from tests.faults.troubles import NOT_THERE, TROUBLES
from tests.faults.worlds import OnBluesky, OnMastodon, OnX, World
from tests.pds import Pds

ROUNDS = 1_000


@dataclass(frozen=True)
class Cell:
    """One fault on one network, with a death at one point."""

    fault: str
    network: str
    point: str

    @property
    def not_there(self) -> str:
        """Why it has no meaning, if it has none."""
        return NOT_THERE.get((self.fault, self.network), "")


@dataclass
class Count:
    """What was found in a cell's runs; `missed`: the death found nothing to strike, so it proves nothing."""

    runs: int = 0
    missed: int = 0
    doubles: int = 0
    losses: int = 0
    persons: int = 0
    wrong: list[str] = field(default_factory=list)

    def add(self, verdict: Verdict, seed: int) -> None:
        if not verdict.struck:
            self.missed += 1
        else:
            self.runs += 1
        self.doubles += verdict.doubles
        self.losses += verdict.losses
        self.persons += verdict.person
        if verdict.wrong or verdict.doubles or verdict.losses:
            self.wrong.append(f"seed {seed}: {verdict.doubles} doubles, {verdict.losses} losses {verdict.wrong}")


class Table:
    """All cells of some networks."""

    def __init__(self, pds: Pds, *, networks: list[str], seed: int, real_kills: bool = False) -> None:
        self.seed, self._pds, self._real_kills = seed, pds, real_kills
        self.cells = [Cell(fault, network, point) for fault in TROUBLES for network in networks for point in POINTS]
        self.counts = {cell: Count() for cell in self.cells if not cell.not_there}

    @cached_property
    def _edition(self) -> Any:
        return publish_an_edition()

    @cached_property
    def _stages(self) -> dict[str, Stage]:
        worlds: dict[str, Callable[[], World]] = {
            "mastodon": OnMastodon,
            "bluesky": lambda: OnBluesky(self._pds),
            "x": OnX,
        }
        stages = {}
        settings.FF_PLC_URL, settings.FF_BLUESKY_RESOLVER = self._pds.plc_url, self._pds.url
        for network in {cell.network for cell in self.cells}:
            world = worlds[network]()
            settings.FF_OPEN_HOSTS = [*settings.FF_OPEN_HOSTS, *world.hosts]
            for name, value in world.settings.items():
                setattr(settings, name, value)
            stages[network] = Stage(self._edition, world)
        return stages

    def play(self, runs: int, say: Callable[[int, int], None] | None = None) -> None:
        """Each cell again and again, until so many runs have struck in all, and each cell's at least once."""
        chance = random.Random(self.seed)
        for _ in range(ROUNDS):
            played = sum(count.runs for count in self.counts.values())
            if say:
                say(played, runs)
            cells = [cell for cell, count in self.counts.items() if played < runs or not count.runs]
            for cell in cells:
                seed = chance.randrange(10**9)
                self.counts[cell].add(self.play_one(cell, seed), seed)
            if not cells:
                return

    def play_one(self, cell: Cell, seed: int) -> Verdict:
        """One run of one cell."""
        return play(self._stages[cell.network], cell.fault, cell.point, seed, real_kills=self._real_kills)

    @property
    def is_clean(self) -> bool:
        """No double anywhere, no loss where none may be, nothing else that is wrong, and no cell that proved nothing."""
        return all(count.runs and not count.wrong for count in self.counts.values())

    @property
    def as_json(self) -> list[dict[str, Any]]:
        """A row for each cell."""
        return [
            {"fault": cell.fault, "network": cell.network, "point": cell.point, "n/a": cell.not_there}
            | (vars(self.counts[cell]) if cell in self.counts else {})
            for cell in self.cells
        ]

    @property
    def as_text(self) -> str:
        """Faults down, networks across: runs at the five points, and what was wrong."""
        networks = list(dict.fromkeys(cell.network for cell in self.cells))
        lines = [f"{'fault':34}" + "".join(f"{network:>24}" for network in networks)]
        for fault in TROUBLES:
            row = f"{fault:34}"
            for network in networks:
                counts = [self.counts.get(Cell(fault, network, point)) for point in POINTS]
                row += f"{' '.join('n/a' if count is None else str(count.runs) for count in counts):>24}"
            lines.append(row)
        sums: Counter[str] = Counter()
        for count in self.counts.values():
            sums.update(runs=count.runs, doubles=count.doubles, losses=count.losses, persons=count.persons)
        lines.append(f"({', '.join(POINTS)})")
        lines.append(
            f"{sums['runs']} runs, seed {self.seed}: {sums['doubles']} doubles, {sums['losses']} losses; "
            f"a curator was asked in {sums['persons']}"
        )
        for cell, count in self.counts.items():
            lines += [f"WRONG {cell.fault}, {cell.network}, {cell.point}, {said}" for said in count.wrong]
            if not count.runs:
                lines.append(f"WRONG {cell.fault}, {cell.network}, {cell.point}: no run struck")
        return "\n".join(lines)
