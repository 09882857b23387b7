"""What is printed of referral chains: estimates only under conditions, the sample's share always."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from support.command import taama, told

from server.core.chains.forest import Respondent, build
from server.core.chains.report import LABEL, Asked, report
from server.core.chains.table import Columns, respondents
from server.core.problem import Malformed

COLUMNS = Columns("id", "by", "known", "work")
OPTIONS = ("--id", "id", "--recruiter", "by", "--size", "known", "--outcome", "work")


def chains(count: int = 120) -> list[Respondent]:
    """Four seeds, each with recruits two by two; those who work know more people."""
    return [
        Respondent(
            f"r{n}",
            f"r{(n - 4) // 2}" if n >= 4 else "",
            float(10 + n % 7 if n % 3 else 4 + n % 5),
            "yes" if n % 3 else "no",
            coupons=2,
        )
        for n in range(count)
    ]


def made(people: list[Respondent], **asked: Any) -> dict[str, Any]:
    found = report(build(people), Asked(**asked), np.random.default_rng(1))
    json.dumps(found, allow_nan=False)
    return found


def failing(people: list[Respondent], **asked: Any) -> dict[str, Any]:
    found = made(people, **asked)
    assert "estimates" not in found
    assert found["diagnostics"]["weights"] == "none"
    assert found["diagnostics"]["size_sensitivity"] is None
    assert found["shares"]["label"] == LABEL
    return {each["condition"]: each["found"] for each in found["refused"]}


def test_with_all_conditions_met_the_estimates_stand_beside_the_samples_share() -> None:
    found = made(chains(), population=600)
    assert "refused" not in found
    assert found["shares"]["values"]["yes"] == {"n": 80, "share": pytest.approx(2 / 3)}
    both = found["estimates"]
    for method in ("sample", "rds_i", "rds_ii", "ss"):
        assert both["yes"][method] + both["no"][method] == pytest.approx(1)
    yes = both["yes"]
    assert yes["rds_ii"] < yes["ss"] < yes["sample"] == pytest.approx(2 / 3)
    for method in ("rds_i", "rds_ii", "ss"):
        assert yes["errors"][method]["low"] < yes[method] < yes["errors"][method]["high"]


def test_without_a_population_there_is_no_ss() -> None:
    found = made(chains())
    assert found["estimates"]["yes"]["ss"] is None
    assert len(found["strobe"]["estimators"]) == 2


def test_each_condition_that_fails_is_named_with_its_number() -> None:
    people = chains()
    assert failing([*people, Respondent("x", "nobody", 5, "yes", coupons=0)]) == {"recruiter_known": 1}
    unsized = [replace(person, size=None) if n % 8 == 0 else person for n, person in enumerate(people)]
    assert failing(unsized) == {"size_measured": 0.875}
    uncounted = [replace(person, coupons=None) for person in people]
    assert failing(uncounted) == {"coupons_limited": None}
    assert failing(uncounted, coupon_limit=25) == {"coupons_limited": 25}
    assert failing(uncounted, coupon_limit=1) == {"coupons_kept": 58}
    assert failing(people[:28]) == {"waves": 2}
    assert "refused" not in made(uncounted, coupon_limit=2)


def test_a_tenth_without_size_is_still_enough() -> None:
    people = [replace(person, size=0) if n % 10 == 0 else person for n, person in enumerate(chains())]
    assert "estimates" in made(people)


def test_what_fails_is_printed_as_a_sensitivity_analysis_only_when_asked() -> None:
    found = made(chains(28), sensitivity=True)
    assert "estimates" not in found
    assert found["refused"][0]["condition"] == "waves"
    assert found["sensitivity_analysis"]["label"].startswith("sensitivity analysis")
    assert set(found["sensitivity_analysis"]["estimates"]) == {"yes", "no"}


def test_seeds_may_be_left_out() -> None:
    people = [replace(person, outcome="yes") if n < 4 else person for n, person in enumerate(chains())]
    line = made(people, without_seeds=True, population=600)["estimates"]["yes"]
    rest = people[4:]
    assert line["n"] == sum(person.outcome == "yes" for person in rest)
    assert line["sample"] == line["n"] / 116
    inverse = {value: sum(1 / (p.size or 0) for p in rest if p.outcome == value) for value in ("yes", "no")}
    assert line["rds_ii"] == pytest.approx(inverse["yes"] / sum(inverse.values()))


def test_odd_samples_are_told_without_falling_over() -> None:
    assert made([Respondent("a", "", 5, "x")], sensitivity=True)["waves"] == 0
    assert made([Respondent("a", "", None, "x"), Respondent("b", "a", None, "")], sensitivity=True)["n"] == 2
    apart = [Respondent("a", "", 5, "x"), Respondent("b", "", 5, "y"), Respondent("c", "a", 5, "x")]
    alone = made([*apart, Respondent("d", "b", 3, "y")], sensitivity=True, population=4)
    assert alone["sensitivity_analysis"]["estimates"]["x"]["rds_i"] is None
    only_seeds = made(apart[:2], sensitivity=True, without_seeds=True)
    assert only_seeds["sensitivity_analysis"]["estimates"]["x"]["sample"] == 0.5
    with pytest.raises(Malformed, match="snowball_no_outcome"):
        made([Respondent("a")])
    with pytest.raises(Malformed, match="snowball_population"):
        made(apart, population=2)


@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(
            st.integers(-2, 9), st.sampled_from([None, 0, 1, 7, 400]), st.sampled_from(["x", "y", "z", ""])
        ),
        min_size=1,
        max_size=10,
    ),
    st.sampled_from([None, 10, 40]),
    st.booleans(),
)
def test_whatever_the_chains_the_document_holds_numbers_between_their_bounds(
    drawn: list[tuple[int, float | None, str]], population: int | None, without_seeds: bool
) -> None:
    people = [
        Respondent(str(n), str(by) if by >= 0 else "", size, value)
        for n, (by, size, value) in enumerate(drawn)
    ]
    try:
        found = made(people, sensitivity=True, population=population, without_seeds=without_seeds)
    except Malformed:
        reject()
    worked = found["sensitivity_analysis"]["estimates"]
    for method in ("sample", "rds_i", "rds_ii", "ss"):
        shares = [line[method] for line in worked.values()]
        assert None in shares or sum(shares) == pytest.approx(1)
    for line in worked.values():
        for method, errors in line["errors"].items():
            assert errors["low"] is None or 0 <= errors["low"] <= line[method] <= errors["high"] <= 1


def test_the_line_over_time_ends_at_the_estimate() -> None:
    found = made(chains())
    line = found["diagnostics"]["convergence"]
    assert line["after"][-1] == 120
    assert line["shares"]["yes"][-1] == pytest.approx(found["estimates"]["yes"]["rds_ii"])
    assert [each["seed"] for each in found["diagnostics"]["by_seed"]] == [1, 2, 3, 4]


def test_heaped_sizes_are_shown() -> None:
    people = [replace(person, size=20.0 + 5 * (n % 2)) for n, person in enumerate(chains())]
    seen = made(people)["diagnostics"]["network_size"]
    assert (seen["above_15"], seen["multiples_of_5"], seen["multiples_of_10"]) == (120, 1.0, 0.5)


ROWS = ["id,by,known,work", "a,,12,yes", "b,a,NA,no", "c,a,-98,", "", "d,b,7,yes"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_a_table_is_read_however_it_was_saved(encoding: str, separator: str) -> None:
    text = "\r\n".join(ROWS).replace("yes", "formé").replace(",", separator)
    people = respondents(text.encode(encoding), COLUMNS)
    assert [(person.id, person.recruiter, person.size, person.outcome) for person in people] == [
        ("a", "", 12, "formé"),
        ("b", "a", None, "no"),
        ("c", "a", None, ""),
        ("d", "b", 7, "formé"),
    ]


def test_dates_and_coupons_are_read() -> None:
    table = "id,by,known,work,day,c1,c2\na,,5,x,02/11/2026,11,12\nb,12,5,x,2026-11-03T10:00:00+01:00,,\n"
    first, second = respondents(table.encode(), replace(COLUMNS, date="day", coupons=("c1", "c2")))
    assert (first.coupons, second.coupons) == (("11", "12"), ())
    assert first.when is not None
    assert second.when is not None
    assert (second.when - first.when).days == 1
    counted = "id,by,known,work,given\na,,5,x,3\nb,a,5,x,\n"
    assert [p.coupons for p in respondents(counted.encode(), replace(COLUMNS, coupons=("given",)))] == [3, 0]
    listed = "id,by,known,work,given\na,,5,x,1000001; 1000002\n"
    assert respondents(listed.encode(), replace(COLUMNS, coupons=("given",)))[0].coupons == (
        "1000001",
        "1000002",
    )


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "snowball_empty"),
        (b"id,by,known,work\n", "snowball_empty"),
        (b"id,by,known\na,,5\n", "snowball_column"),
        (b"id,by,known,work,id\na,,5,x,b\n", "snowball_column_twice"),
        (b"id,by,known,work\n,a,5,x\n", "snowball_no_id"),
        (b"id,by,known,work\na,,many,x\n", "snowball_size"),
        (b"id,by,known,work\na,,inf,x\n", "snowball_size"),
        (b"id,by,known,work\na,,5,x,y\n", "snowball_row"),
        (b'id,by,known,work\na,,5,"x\n', "snowball_csv"),
        (b"PK\x03\x04\x00\x00", "snowball_csv"),
        (b"\xff\xfe\x00", "snowball_csv"),
        (b"id,by,known,work\n" + b"".join(b"%d,,5,%d\n" % (n, n) for n in range(40)), "snowball_values"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(Malformed) as trouble:
        respondents(data, COLUMNS)
    assert trouble.value.code == code


def written(path: Path, people: list[Respondent]) -> Path:
    lines = ["id;by;known;work;given"]
    lines += [f"{p.id};{p.recruiter};{p.size or ''};{p.outcome};{p.coupons}" for p in people]
    path.write_text("\n".join(lines), encoding="utf-8-sig")
    return path


def test_the_command_prints_one_document_and_draws_the_chains(tmp_path: Path) -> None:
    table, picture = written(tmp_path / "chains.csv", chains()), tmp_path / "chains.svg"
    words = ("snowball", str(table), *OPTIONS, "--coupons", "given", "--population", "600")
    found = told(*words, "--tree", str(picture))
    assert found["estimates"]["yes"]["rds_ii"] == made(chains(), population=600)["estimates"]["yes"]["rds_ii"]
    assert (found["strobe"]["seeds"], found["strobe"]["coupons_out"], found["strobe"]["coupons_back"]) == (
        4,
        240,
        116,
    )
    assert found["strobe"]["software"].startswith("taama")
    assert picture.read_text(encoding="utf-8").startswith("<svg ")
    assert picture.with_suffix(".txt").read_text(encoding="utf-8").startswith("- 1 (seed)\n")
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".csv", ".svg", ".txt"]
    assert json.loads(taama(*words).stdout) == {key: value for key, value in found.items() if key != "tree"}


def test_the_command_names_what_is_wrong_and_never_an_answer(tmp_path: Path) -> None:
    table = tmp_path / "chains.csv"
    table.write_text("id,by,known,work\na,,76451289,x\nb,a,Bakary,x\n", encoding="utf-8")
    failed = taama("snowball", str(table), *OPTIONS)
    assert failed.returncode == 1
    assert failed.stderr == "taama: Line 3 has no number in column known. Correct it, or leave it empty.\n"
    assert failed.stdout == ""


def test_a_file_that_is_not_there_is_told_in_a_sentence(tmp_path: Path) -> None:
    gone = taama("snowball", str(tmp_path / "nothing.csv"), *OPTIONS)
    assert gone.returncode == 1
    assert "Traceback" not in gone.stderr
