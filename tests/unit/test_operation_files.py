"""What stands in `configs/` for those who run the server, held against what the server does."""

from __future__ import annotations

import http.server
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
import yaml

from heatwall.edge_metrics import EdgeFigures
from heatwall.metrics import Metrics
from heatwall.refusals import Refusals
from support.sessions import NoSessions
from support.wall import FakeWall

ROOT = Path(__file__).parents[2]
CONFIGS = ROOT / "configs"
DASHBOARD: dict[str, Any] = json.loads((CONFIGS / "grafana.json").read_text())
DOCKERFILE = (CONFIGS / "Dockerfile").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load((CONFIGS / "compose.yaml").read_text())
UNIT = CONFIGS / "heatwall.service"

_NAME = re.compile(r"\b(?:heatwall|process)_[a-z_]+")


def exposition() -> str:
    """Return all that a server tells that has cameras, a certificate and who is refused."""
    wall = FakeWall("door", "till")
    refused = Refusals()
    edge = EdgeFigures(refused.counts, lambda: 1.8e9)
    metrics = Metrics(wall, NoSessions(), more=(edge,))
    _, body = metrics.exposition()
    return body.decode()


def program(name: str) -> str:
    """Return a program's path: `make test` has installed it."""
    found = shutil.which(name, path="/usr/bin:/usr/sbin:/usr/local/bin:/bin:/sbin")
    assert found is not None, f"{name} is missing: .ci/system-packages test"
    return found


def run(*words: str, given: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        words, input=given, capture_output=True, text=True, timeout=60, check=False
    )


def known_metrics() -> set[str]:
    return set(re.findall(r"^# TYPE (\S+)", exposition(), re.MULTILINE))


def queries() -> list[str]:
    return [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]


def test_prometheus_takes_the_metrics_without_a_complaint() -> None:
    ended = run(program("promtool"), "check", "metrics", given=exposition())
    assert (ended.returncode, ended.stdout + ended.stderr) == (0, "")


def test_prometheus_takes_the_alert_rules() -> None:
    ended = run(program("promtool"), "check", "rules", str(CONFIGS / "alerts.yaml"))
    assert ended.returncode == 0, ended.stderr


def test_prometheus_takes_the_job(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("x")
    text = (CONFIGS / "prometheus.yaml").read_text()
    (tmp_path / "prometheus.yaml").write_text(
        text.replace("/etc/prometheus/heatwall.token", str(tmp_path / "token"))
    )
    shutil.copy(CONFIGS / "alerts.yaml", tmp_path)
    ended = run(program("promtool"), "check", "config", str(tmp_path / "prometheus.yaml"))
    assert ended.returncode == 0, ended.stdout + ended.stderr


@pytest.mark.parametrize("query", queries())
def test_the_dashboard_asks_for_metrics_that_there_are(query: str) -> None:
    names = set(_NAME.findall(query))
    assert names
    assert names <= known_metrics()


def test_the_alert_rules_ask_for_metrics_that_there_are() -> None:
    groups = yaml.safe_load((CONFIGS / "alerts.yaml").read_text())["groups"]
    rules = [rule["expr"] for group in groups for rule in group["rules"]]
    assert len(rules) >= 8
    for rule in rules:
        assert set(_NAME.findall(rule)) <= known_metrics(), rule


def test_every_panel_has_a_place_of_its_own() -> None:
    places = [panel["gridPos"] for panel in DASHBOARD["panels"]]
    taken = [
        (x, y)
        for place in places
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(taken) == len(set(taken))
    assert max(x for x, _ in taken) < 24
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(places)


def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    text = UNIT.read_text().replace("/usr/local/bin/heatwall", "/bin/true")
    unit = tmp_path / "heatwall.service"
    unit.write_text(text)
    ended = run(program("systemd-analyze"), "verify", "--man=no", str(unit))
    complaints = [line for line in ended.stderr.splitlines() if "heatwall.service" in line]
    assert (ended.returncode, complaints) == (0, [])


def test_the_unit_says_what_the_server_does() -> None:
    lines = set(UNIT.read_text().splitlines())
    assert {"Type=notify", "Restart=always", "KillMode=mixed", "NoNewPrivileges=yes"} <= lines
    assert "ExecStart=/usr/local/bin/heatwall serve /etc/heatwall/store.yaml" in lines


def test_the_container_runs_without_rights_and_holds_no_secret() -> None:
    steps = DOCKERFILE.splitlines()
    last_user = max(index for index, step in enumerate(steps) if step.startswith("USER "))
    assert steps[last_user] == "USER 10001"
    assert last_user < steps.index('ENTRYPOINT ["heatwall"]')
    assert not re.search(r"(?i)password|token|secret", DOCKERFILE)
    assert "HEALTHCHECK" in DOCKERFILE


class _Health(http.server.BaseHTTPRequestHandler):
    """Is well at `/well` only."""

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/well" else 503)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Print nothing."""


def test_the_container_knows_whether_the_server_is_well() -> None:
    command = json.loads(DOCKERFILE.partition("HEALTHCHECK")[2].partition("CMD ")[2].split("\n")[0])
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Health) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        codes = []
        for path in ("well", "stuck"):
            url = f"http://127.0.0.1:{server.server_address[1]}/{path}"
            environ = os.environ | {"HEALTH_URL": url}
            ended = subprocess.run(
                [sys.executable, *command[1:]],
                env=environ,
                capture_output=True,
                timeout=60,
                check=False,
            )
            codes.append(ended.returncode)
        server.shutdown()
        thread.join(10)
    assert codes == [0, 1]


def test_what_the_container_copies_is_there_and_is_not_ignored() -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    sources = [
        word
        for line in DOCKERFILE.splitlines()
        if line.startswith("COPY ") and "--from" not in line
        for word in line.split()[1:-1]
    ]
    assert {"server", "web", "pyproject.toml", "constraints.txt"} <= set(sources)
    for source in sources:
        assert (ROOT / source).exists()
        assert f"!{source}" in ignored


def test_the_config_is_mounted_as_a_folder_since_editors_put_new_files_in_its_place() -> None:
    mounts = [volume.split(":")[1] for volume in COMPOSE["services"]["heatwall"]["volumes"]]
    assert mounts == ["/etc/heatwall", "/var/lib/heatwall"]
    assert 'CMD ["serve", "/etc/heatwall/store.yaml"]' in DOCKERFILE


def test_the_composition_publishes_what_the_container_exposes() -> None:
    service = COMPOSE["services"]["heatwall"]
    assert "EXPOSE 8080/tcp 50000-50100/udp" in DOCKERFILE
    assert service["ports"] == ["8080:8080/tcp", "50000-50100:50000-50100/udp"]
    assert service["init"] is True
    assert service["build"]["dockerfile"] == "configs/Dockerfile"
