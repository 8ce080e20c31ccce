"""The fault table: which cells there are, playing them, and what was counted."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from itertools import compress
from typing import Any

from django.conf import settings

from tests.faults.death import POINTS
from tests.faults.run import Verdict, play
from tests.faults.stage import Stage, publish_an_edition
from tests.faults.troubles import NOT_THERE, TROUBLES
from tests.faults.worlds import OnBluesky, OnMastodon, OnX, World
from tests.pds import Pds

Row = dict[str, Any]
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
    mentions: int = 0
    wrong: list[str] = field(default_factory=list)

    def add(self, verdict: Verdict, seed: int) -> None:
        if not verdict.struck:
            self.missed += 1
        else:
            self.runs += 1
        self.doubles += verdict.doubles
        self.losses += verdict.losses
        self.persons += verdict.person
        self.mentions += verdict.mentions
        if verdict.wrong or verdict.doubles or verdict.losses or verdict.mentions:
            found = f"{verdict.doubles} doubles, {verdict.losses} losses, {verdict.mentions} doubled mentions"
            self.wrong.append(f"seed {seed}: {found} {verdict.wrong}")


class Table:
    """All cells of some networks."""

    def __init__(
        self, pds: Pds, *, networks: list[str], seed: int, real_kills: bool = False, one_point: bool = False
    ) -> None:
        self.seed, self._pds, self._real_kills = seed, pds, real_kills
        self.cells = [Cell(fault, network, point) for fault in TROUBLES for network in networks for point in POINTS]
        if one_point:  # the points take turns, so that each network sees all of them
            turns = (divmod(number, len(POINTS)) for number in range(len(self.cells)))
            mine = [turn % len(POINTS) == point for turn, point in turns]
            self.cells = list(compress(self.cells, mine))
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
    def rows(self) -> list[Row]:
        """One for each cell, plain: they are printed, and added up with those of other processes."""
        return [
            {"fault": cell.fault, "network": cell.network, "point": cell.point, "n/a": cell.not_there}
            | (vars(self.counts[cell]) if cell in self.counts else vars(Count()))
            for cell in self.cells
        ]


def added(tables: list[list[Row]]) -> list[Row]:
    """The same cells, played in several processes: their counts added up."""
    return [
        {name: value if isinstance(value, str) else sum((each[name] for each in rows[1:]), value)
         for name, value in rows[0].items() if name != "wrong"}
        | {"wrong": [said for row in rows for said in row["wrong"]]}
        for rows in zip(*tables, strict=True)
    ]  # fmt: skip


def is_clean(rows: list[Row]) -> bool:
    """No double anywhere, no loss where none may be, nothing else that is wrong, and no cell that proved nothing."""
    return all(row["n/a"] or (row["runs"] and not row["wrong"]) for row in rows)


def drawn(rows: list[Row]) -> str:
    """Faults down, networks across: runs at the five points; then the sums, and what was wrong."""
    networks = list(dict.fromkeys(row["network"] for row in rows))
    lines = [f"{'fault':34}" + "".join(f"{network:>26}" for network in networks)]
    for fault in dict.fromkeys(row["fault"] for row in rows):
        line = f"{fault:34}"
        for network in networks:
            cells = [row for row in rows if (row["fault"], row["network"]) == (fault, network)]
            line += f"{' '.join('n/a' if cell['n/a'] else str(cell['runs']) for cell in cells):>26}"
        lines.append(line)
    sums = {name: sum(row[name] for row in rows) for name in ("runs", "doubles", "losses", "mentions", "persons")}
    lines.append(f"(each: {', '.join(POINTS)})")
    said = (
        "{runs} runs: {doubles} doubles, {losses} losses, {mentions} doubled mentions; a curator was asked in {persons}"
    )
    lines.append(said.format(**sums))
    for row in rows:
        where = f"WRONG {row['fault']}, {row['network']}, {row['point']}"
        lines += [f"{where}, {said}" for said in row["wrong"]]
        if not row["n/a"] and not row["runs"]:
            lines.append(f"{where}: no run struck")
    return "\n".join(lines)
