"""The floors of the architecture: a module imports only from floors below its own."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2] / "server" / "heatwall"

FLOORS: dict[int, tuple[str, ...]] = {
    # words
    0: (
        "errors",
        "redaction",
        "values",
        "clock",
        "ntp",
        "roles",
        "status",
        "states",
        "colormaps",
        "shapes",
    ),
    # settings
    1: ("config.*",),
    # pure: numbers in, numbers out
    2: (
        "access.grants",
        "access.sign_ins",
        "access.throttle",
        "analysis.allowance",
        "alarms.book",
        "alarms.delivering",
        "alarms.events",
        "alarms.outbox",
        "alarms.retry",
        "alarms.rules",
        "alarms.signature",
        "alarms.watch",
        "analysis.model_words",
        "analysis.letterbox",
        "analysis.reading",
        "analysis.shortage",
        "analysis.spec",
        "analysis.trails",
        "backoff",
        "buckets",
        "camera.claims",
        "camera.lateness",
        "camera.link",
        "camera.reasons",
        "counting.*",
        "counts_table",
        "decay",
        "delivery.annexb",
        "delivery.fragments",
        "delivery.gapless",
        "delivery.ice_servers",
        "delivery.ice_way",
        "delivery.mp4",
        "delivery.network_words",
        "delivery.offer",
        "delivery.packets",
        "delivery.quality",
        "delivery.refusing",
        "delivery.payloads",
        "delivery.rtp",
        "delivery.sps",
        "feet",
        "footprint",
        "forwarded",
        "geometry",
        "heat",
        "heat_sheet",
        "heat_state",
        "heat_words",
        "history",
        "kernel",
        "last_seen",
        "lettering",
        "load",
        "marks",
        "notices",
        "overlay",
        "pacing",
        "palette",
        "placing",
        "plates",
        "rates",
        "refusals",
        "regions",
        "rhythm",
        "rtsp.*",
        "scale",
        "stance",
        "stationary",
        "stretch",
        "timeline",
    ),
    # adapters, one library or one device of the system each
    3: (
        "access.keeping",
        "access.passwords",
        "alarms.memory",
        "alarms.mqtt",
        "alarms.webhook",
        "analysis.detector",
        "analysis.exporter",
        "analysis.replay",
        "analysis.runtime",
        "analysis.suppression",
        "analysis.tracker",
        "analysis.tracker_choice",
        "camera.appetite",
        "camera.decoder",
        "camera.encoder",
        "camera.hardware",
        "camera.knock",
        "camera.scaling",
        "camera.libav",
        "camera.rtsp_client",
        "camera.rtsp_demuxer",
        "camera.rtsp_dialogue",
        "camera.rtsp_link",
        "camera.shared",
        "camera.source",
        "camera.still",
        "delivery.hooks",
        "delivery.ice",
        "delivery.ice_ports",
        "delivery.known_aiortc",
        "delivery.hearing",
        "delivery.lean",
        "delivery.peer",
        "machine",
        "sd_notify",
        "delivery.slot",
        "delivery.wire",
        "side_thread",
        "side_work",
        "analysis.memory",  # pure too, and made of what stands below, as the next two
        "camera.tally",
        "painting",
        "process_metrics",
        "versions",
    ),
    # runtime
    4: (
        "alarms.courier",
        "analysis.analyst",
        "analysis.counts",
        "analysis.heats",
        "analysis.inbox",
        "analysis.ledger",
        "analysis.per_camera",
        "analysis.roster",
        "analysis.shift",
        "camera.large_tier",
        "camera.main_stream",
        "camera.outbox",
        "camera.probing",
        "camera.process",
        "camera.renditions",
        "camera.supervisor",
        "camera.tiers",
        "camera.waiting",
        "camera.worker",
        "delivery.fanout",
        "delivery.film",
        "delivery.network",
        "delivery.screen",
        "delivery.session",
        "delivery.viewing",
        "keeping_pace",
        "log_lines",
        "log_limit",
        "snapshots",
    ),
    # edge
    5: (
        "access.door",
        "specs",
        "alarms.eyes",
        "alarms.keeping",
        "alarms.alarms",
        "alarms.command",
        "render.*",
        "solution.*",
        "",  # the public names, each loaded when it is asked for
        "saving",
        "config_file",
        "export.*",
        "desk",
        "analyst_watch",
        "wall",
        "reloader",
        "probe",
        "loop_lag",
        "edge_metrics",
        "metrics",
        "api.*",
        "doors",
        "tls",
        "ending",
        "web_server",
        "app",
        "demo",
        "access.command",
        "capacity.*",
        "logs",
        "last_words",
        "crash",
        "native_crash",
        "crash_hooks",
        "cli",
    ),
}
"""Every module of heatwall on its floor; `x.*` is the whole package x."""

EMPTY_PACKAGES = ("access", "alarms", "analysis", "camera", "delivery")
"""Packages whose modules stand on several floors, so that they themselves may hold nothing."""

BESIDE = "simulator"
MAY_SIMULATE = (
    "capacity.cameras",
    "capacity.clips",
    "capacity.settings",
    "capacity.viewer",
    "cli",
    "demo",
    "export.*",
    "render.settings",
)
"""Cameras that do not exist: used by the demo, the commands and the tests alone."""

LIBRARIES: dict[str, tuple[str, ...]] = {
    "aiohttp": ("alarms.webhook", "api.*", "app", "doors", "capacity.viewer", "web_server"),
    "aiomqtt": ("alarms.mqtt",),
    "aioice": ("delivery.ice", "delivery.known_aiortc"),
    "aiortc": (
        "capacity.viewer",
        "delivery.hearing",
        "delivery.hooks",
        "delivery.known_aiortc",
        "delivery.peer",
    ),
    "argon2": ("access.passwords",),
    "av": (
        "camera.decoder",
        "camera.hardware",
        "camera.encoder",
        "camera.scaling",
        "camera.libav",
        "camera.rtsp_demuxer",
        "camera.source",
        "camera.still",
        "capacity.clips",
        "capacity.viewer",
        "render.faststart",
        "render.reader",
        "render.writer",
        "simulator.*",
        "versions",
    ),
    "cryptography": ("tls",),
    "cv2": (
        "camera.scaling",
        "camera.still",
        "analysis.letterbox",
        "analysis.suppression",
        "camera.worker",
        "export.pictures",
        "heat_sheet",
        "kernel",
        "lettering",
        "marks",
        "overlay",
        "palette",
        "plates",
        "regions",
        "render.*",
        "scale",
        "simulator.*",
        "solution.picture",
        "stretch",
    ),
    "msgspec": (
        "access.keeping",
        "alarms.*",
        "api.*",
        "camera.link",
        "camera.probing",
        "probe",
        "capacity.trying",
        "capacity.messages",
        "capacity.watch",
        "simulator.truth",
        "snapshots",
        "status",
    ),
    "numpy": ("*",),
    "onnxruntime": ("analysis.runtime",),
    "prometheus_client": ("capacity.server", "edge_metrics", "metrics", "process_metrics"),
    "pydantic": ("config.*",),
    "pydantic_core": ("config.*",),
    "pylibsrtp": ("delivery.known_aiortc", "delivery.wire"),
    "rich": ("capacity.*", "cli", "export.command", "render.*", "simulator.*"),
    "torch": ("analysis.detector", "simulator.train"),
    "typer": (
        "access.command",
        "alarms.command",
        "capacity.command",
        "cli",
        "export.command",
        "render.command",
        "render.options",
        "simulator.train",
        "solution.model",
    ),
    "ultralytics": (
        "analysis.detector",
        "analysis.exporter",
        "analysis.replay",
        "analysis.runtime",
        "analysis.tracker_choice",
        "simulator.train",
    ),
    "yaml": ("config.document", "config.outline", "simulator.train"),
    "watchfiles": ("reloader",),
}
"""Every third-party library with the only modules that may import it."""

IMPURE = {
    "asyncio",
    "datetime",
    "multiprocessing",
    "os",
    "pathlib",
    "random",
    "shutil",
    "socket",
    "subprocess",
    "tempfile",
    "threading",
    "time",
}
"""What words and pure modules do without: loops, files, processes, chance and clocks."""

MAY_BE_IMPURE = {
    "clock": {"time"},  # the one place where clocks come from
    "config.edge": {"pathlib"},  # carries the paths of the certificate
    "config.loader": {"os", "pathlib"},  # reads the file and the environment
    "config.substitute": {"pathlib"},  # reads secrets
    "config.kinds": {"pathlib"},  # looks whether a tracker's file is there
    "config.overrides": {"pathlib"},  # reads a config beside options
    "config.rewrite": {"pathlib"},  # carries the file's path
    "config.rules": {"pathlib"},  # carries the folder of the file
}

HEAVY = ("aiohttp", "aiortc", "av", "torch", "ultralytics")


@dataclass(frozen=True, slots=True)
class Import:
    module: str
    target: str
    line: int

    @property
    def library(self) -> str:
        return self.target.partition(".")[0]

    @property
    def inner(self) -> str | None:
        """The module of heatwall that is imported, None for one of somebody else."""
        if self.library != "heatwall":
            return None
        return self.target.removeprefix("heatwall").removeprefix(".")

    def __str__(self) -> str:
        return f"heatwall/{self.module.replace('.', '/')}.py:{self.line} imports {self.target}"


@cache
def modules() -> dict[str, Path]:
    """Every module's dotted name below heatwall; a package is its __init__."""
    found: dict[str, Path] = {}
    for path in sorted(ROOT.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(part for part in parts if part != "__init__")] = path
    return found


@cache
def imports() -> tuple[Import, ...]:
    return tuple(one for module, path in modules().items() for one in imports_of(module, path))


def imports_of(module: str, path: Path) -> Iterator[Import]:
    """Every import, those inside of functions and of `if TYPE_CHECKING` too."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(module, alias.name, node.lineno)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: write imports out in full"
            source = node.module or ""
            for alias in node.names:
                inner = f"{source}.{alias.name}".removeprefix("heatwall.")
                is_module = source.startswith("heatwall") and inner in modules()
                yield Import(module, f"heatwall.{inner}" if is_module else source, node.lineno)


def fits(module: str, pattern: str) -> bool:
    package = pattern.removesuffix(".*")
    if package != pattern:
        return module == package or module.startswith(f"{package}.")
    return pattern in ("*", module)


def place_of(module: str) -> tuple[int, int] | None:
    """The floor of a module, and how far along it stands there."""
    for floor, patterns in FLOORS.items():
        for position, pattern in enumerate(patterns):
            if fits(module, pattern):
                return floor, position
    return None


def is_beside(module: str) -> bool:
    return fits(module, f"{BESIDE}.*")


def may_import(module: str, inner: str) -> bool:
    if inner in EMPTY_PACKAGES or inner == "":
        return True
    if is_beside(inner):
        return is_beside(module) or any(fits(module, one) for one in MAY_SIMULATE)
    target = place_of(inner)
    if target is None:
        return False
    if is_beside(module):
        return target[0] <= 3
    own = place_of(module)
    if own is None:
        return False
    if own[0] == 5 and target[0] == 5:
        return target[1] <= own[1]  # the edge is a stair: each stands on those named before it
    same_package = module.rpartition(".")[0] == inner.rpartition(".")[0]
    return target[0] < own[0] or (target[0] == own[0] and (own[0] == 1 or same_package))


def test_every_module_has_its_place() -> None:
    placed = {name for name in modules() if place_of(name) or is_beside(name)}
    strangers = sorted(set(modules()) - placed - set(EMPTY_PACKAGES))
    assert not strangers, (
        f"{strangers} stand on no floor. Put each into FLOORS of {Path(__file__).name}: "
        "0 words, 1 settings, 2 pure, 3 adapters, 4 runtime, 5 edge."
    )


def test_a_module_imports_only_from_floors_below() -> None:
    wrong = [
        str(one)
        for one in imports()
        if one.inner is not None and not may_import(one.module, one.inner)
    ]
    assert not wrong, "\n".join(wrong)


def test_packages_on_several_floors_hold_nothing_themselves() -> None:
    for package in EMPTY_PACKAGES:
        body = ast.parse(modules()[package].read_text()).body
        assert [type(node) for node in body] == [ast.Expr], f"{package}/__init__.py"


def test_each_library_is_imported_by_its_adapters_only() -> None:
    wrong = []
    for one in imports():
        if one.library == "heatwall" or one.library in sys.stdlib_module_names:
            continue
        allowed = LIBRARIES.get(one.library)
        if allowed is None:
            wrong.append(f"{one}, which is in no line of LIBRARIES")
        elif not any(fits(one.module, pattern) for pattern in allowed):
            wrong.append(f"{one}, which only {', '.join(allowed)} may")
    assert not wrong, "\n".join(wrong)


def test_words_settings_and_pure_modules_touch_neither_loops_nor_files_nor_clocks() -> None:
    wrong = [
        str(one)
        for one in imports()
        if (place := place_of(one.module))
        and place[0] <= 2
        and one.library in IMPURE - MAY_BE_IMPURE.get(one.module, set())
    ]
    assert not wrong, "\n".join(wrong)


def loaded_by(*names: str) -> dict[str, list[str]]:
    """What of HEAVY is loaded when each module is imported alone, in an interpreter of its own.

    One interpreter is started and split for each module: it has loaded nothing itself.
    """
    script = """
import importlib, json, os, sys
heavy, names = json.loads(sys.argv[1])
loaded = {}
for name in names:
    reader, writer = os.pipe()
    if os.fork() == 0:
        importlib.import_module(name)
        os.write(writer, json.dumps([one for one in heavy if one in sys.modules]).encode())
        os._exit(0)
    os.close(writer)
    loaded[name] = json.loads(os.read(reader, 10_000) or b'["nothing: it does not import"]')
    os.wait()
print(json.dumps(loaded))
"""
    argument = json.dumps([HEAVY, [f"heatwall.{name}".rstrip(".") for name in names]])
    done = subprocess.run(
        [sys.executable, "-c", script, argument],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert done.stderr == ""
    loaded: dict[str, list[str]] = json.loads(done.stdout)
    return loaded


def test_every_light_module_can_be_imported_alone_and_loads_nothing_heavy() -> None:
    light = ["", *(name for name in modules() if (place := place_of(name)) and place[0] <= 2)]
    assert len(light) > 20
    assert {name: heavy for name, heavy in loaded_by(*light).items() if heavy} == {}


@pytest.mark.parametrize("name", ["camera.worker", "camera.source", "camera.encoder"])
def test_a_worker_loads_pyav_and_neither_the_model_nor_the_web(name: str) -> None:
    assert loaded_by(name) == {f"heatwall.{name}": ["av"]}


@pytest.mark.parametrize(
    ("module", "inner", "is_allowed"),
    [
        ("heat", "values", True),
        ("values", "heat", False),
        ("palette", "config.model", True),
        ("config.model", "palette", False),
        ("config.loader", "config.model", True),
        ("marks", "overlay", True),
        ("camera.worker", "camera.link", True),
        ("camera.worker", "analysis.analyst", False),
        ("camera.encoder", "camera.source", True),
        ("camera.source", "analysis.detector", False),
        ("camera.source", "camera.worker", False),
        ("api.whep", "wall", True),
        ("wall", "api.whep", False),
        ("app", "api", True),
        ("api.page", "app", False),
        ("demo", "simulator.store", True),
        ("app", "simulator.store", False),
        ("simulator.store", "values", True),
        ("simulator.store", "app", False),
        ("heat", "nowhere", False),
    ],
)
def test_the_rule_itself_tells_right_from_wrong(module: str, inner: str, is_allowed: bool) -> None:
    assert may_import(module, inner) is is_allowed
