from __future__ import annotations

import pytest

from heatwall.config.document import Document, dotted, parse_document
from heatwall.errors import ConfigError, ConfigFault


def read(text: str) -> Document:
    return parse_document(text, "wall.yaml")


def fault_of(text: str) -> ConfigFault:
    with pytest.raises(ConfigError) as caught:
        read(text)
    (fault,) = caught.value.faults
    return fault


def test_values_are_plain_and_know_their_lines() -> None:
    document = read("a: 1\nb:\n  - x\n  - {c: true}\n")
    assert document.tree == {"a": 1, "b": ["x", {"c": True}]}
    assert document.line_of(("a",)) == 1
    assert document.line_of(("b",)) == 2
    assert document.line_of(("b", 1, "c")) == 4
    assert document.faults == []


def test_a_value_that_is_not_there_has_the_line_of_what_would_hold_it() -> None:
    document = read("x: 1\ncameras:\n  door:\n    name: Door\n")
    assert document.line_of(("cameras", "door", "url")) == 3
    assert document.line_of(("cameras", "gate", "url")) == 2
    assert document.line_of(("nowhere",)) == 1


def test_an_empty_document_is_none() -> None:
    assert read("").tree is None
    assert read("# only a comment\n").tree is None


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("8080", 8080),
        ("-3", -3),
        ("0.25", 0.25),
        ("yes", True),
        ("off", False),
        ("~", None),
        ("null", None),
        ("'8080'", "8080"),
        ("1:30", "1:30"),  # 90 in YAML 1.1
        ("0777", "0777"),  # 511 in YAML 1.1
        ("2026-11-20", "2026-11-20"),  # a date in YAML 1.1
        ("1:30.5", "1:30.5"),
        ("30s", "30s"),
    ],
)
def test_scalars_are_read_as_people_mean_them(written: str, value: object) -> None:
    read_value = read(f"a: {written}").tree["a"]
    assert read_value == value
    assert type(read_value) is type(value)


def test_a_camera_may_be_called_by_a_number_or_a_truth() -> None:
    assert read("7: a\non: b\n").tree == {"7": "a", "on": "b"}


def test_a_number_of_many_digits_stays_text() -> None:
    # int() of a million digits would take minutes.
    assert read(f"a: {'9' * 100_000}").tree == {"a": "9" * 100_000}


def test_a_key_given_twice_is_a_fault_that_names_both_lines() -> None:
    document = read("a: 1\nb: 2\na: 3\n")
    (fault,) = document.faults
    assert (fault.line, fault.key) == (3, "a")
    assert "line 1" in fault.message
    assert document.tree == {"a": 1, "b": 2}


def test_a_key_that_is_no_word_is_a_fault() -> None:
    (fault,) = read("[a, b]: 1\n").faults
    assert fault.line == 1


def test_a_tag_is_a_fault_and_runs_nothing() -> None:
    (fault,) = read("a: !!python/object/apply:os.getcwd []\nb: !x y\n").faults[:1]
    assert fault.line is not None
    assert "tag" in fault.message


def test_tabs_are_told_plainly() -> None:
    fault = fault_of("cameras:\n  door:\n\turl: x\n")
    assert (fault.line, fault.found, fault.allowed) == (3, "a tab", "spaces")


def test_a_syntax_error_has_its_line_and_shows_nothing_of_the_file() -> None:
    fault = fault_of("a: 1\nurl: 'rtsp://admin:hunter2@h/\n")
    assert fault.line is not None
    assert "not valid YAML" in fault.message
    assert "hunter2" not in str(fault)


def test_two_documents_in_one_file_are_refused() -> None:
    assert "document" in fault_of("a: 1\n---\nb: 2\n").message


def test_a_control_character_is_refused_with_its_line() -> None:
    assert fault_of("a: 1\nb: \x00\n").line == 2


def test_anchors_and_merge_keys_work_and_what_is_written_out_wins() -> None:
    text = (
        "low: &low {fps: 5, w: 1}\nhigh: &high {fps: 9, h: 2}\ncam:\n  w: 3\n  <<: [*low, *high]\n"
    )
    document = read(text)
    assert document.tree["cam"] == {"fps": 5, "w": 3, "h": 2}
    assert document.line_of(("cam", "w")) == 4
    assert document.faults == []


def test_a_merge_of_what_is_no_map_is_a_fault() -> None:
    (fault,) = read("a: 1\nb:\n  <<: word\n").faults
    assert fault.line == 3


def test_an_alias_that_holds_itself_is_refused() -> None:
    assert "itself" in fault_of("a: &a [*a]\n").message
    assert "itself" in fault_of("a: &a\n  <<: *a\n").message


def test_aliases_that_multiply_are_refused_before_they_fill_the_memory() -> None:
    rows = ["x0: &x0 [a, a, a, a, a, a, a, a, a, a]"]
    rows += [f"x{n}: &x{n} [{', '.join([f'*x{n - 1}'] * 10)}]" for n in range(1, 12)]
    assert "too many values" in fault_of("\n".join(rows)).message


@pytest.mark.parametrize("opening", ["[", "{a: ", "- "])
def test_a_document_nested_without_end_is_refused(opening: str) -> None:
    assert "too deep" in fault_of(opening * 5000).message


def test_a_path_is_written_with_dots_and_brackets() -> None:
    assert dotted(("cameras", "door", "classes", 0)) == "cameras.door.classes[0]"
    assert dotted(()) == ""


@pytest.mark.parametrize("key", ["rtsp://viewer:geheim@192.0.2.11/stream1", "viewer:geheim@host"])
def test_a_url_that_stands_where_a_key_belongs_keeps_its_password(key: str) -> None:
    assert "geheim" not in dotted(("cameras", key, "url"))
    fault = fault_of_document(f"cameras:\n  '{key}': 1\n  '{key}': 2\n")
    assert "***@" in fault.key
    assert "geheim" not in str(fault)


def test_a_key_of_any_length_leaves_the_line_readable() -> None:
    assert len(dotted(("cameras", "x" * 10_000))) < 100


def fault_of_document(text: str) -> ConfigFault:
    (fault,) = read(text).faults
    return fault
