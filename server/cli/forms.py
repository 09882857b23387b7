"""`taama forms`: build questionnaires, check them, publish them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from server.cli.speak import DEFAULT_HOME, Home, Json, now, say

if TYPE_CHECKING:
    from forms.findings import Finding
    from forms.reading import Module

app = typer.Typer(help="Build, check and publish questionnaires.", no_args_is_help=True)
Sources = Annotated[
    list[str] | None,
    typer.Argument(help="Names of shipped forms, or files (.xlsx, .md, .xml). All without it."),
]


@app.command("build")
def build(
    sources: Sources = None,
    out: Annotated[Path, typer.Option("--out", help="The folder to write into.")] = Path("build"),
    as_json: Json = False,
) -> None:
    """Compile questionnaires into XForms for ODK Collect, each with its dictionary of variables (.html).

    Example: taama forms build returnee --out build
    """
    from forms import catalog
    from forms.codebook_page import codebook_html
    from forms.compile import build as compile_form
    from forms.compile import sheets_of
    from forms.excel import to_excel
    from forms.reader import read_form

    made = []
    out.mkdir(parents=True, exist_ok=True)
    for source in sources or catalog.names():
        built = compile_form(source)
        file = out / f"{built.form_id}.xml"
        file.write_bytes(built.xform)
        sheets = sheets_of(source)
        if sheets is not None:
            (out / f"{built.form_id}.xlsx").write_bytes(to_excel(sheets))
        for name, data in built.media.items():
            (out / f"{built.form_id}-media").mkdir(exist_ok=True)
            (out / f"{built.form_id}-media" / name).write_bytes(data)
        page = codebook_html(read_form(built.xform, built.media), catalog.feeds(built.form_id))
        book = out / f"{built.form_id}.codebook.html"
        book.write_text(page, encoding="utf-8", newline="\n")
        made.append(
            {
                "form_id": built.form_id,
                "version": built.version,
                "file": str(file),
                "codebook": str(book),
            }
        )
    lines = "\n".join(f"{one['form_id']} {one['version']}: {one['file']}" for one in made)
    say({"forms": made}, lines, as_json=as_json)


@app.command("paper")
def paper(
    sources: Sources = None,
    lang: Annotated[str, typer.Option("--lang", help="The language, by its code.")] = "fr",
    out: Annotated[Path, typer.Option("--out", help="The folder to write into.")] = Path("build"),
    as_json: Json = False,
) -> None:
    """Print questionnaires on paper (A4 PDF), for when the phones die; identities stand on a sheet apart.

    Example: taama forms paper returnee --lang fr --out build
    """
    from forms import catalog
    from forms.compile import build as compile_form
    from forms.paper import TEMPLATE
    from forms.paper import paper as on_paper
    from forms.reader import read_form
    from forms.typeset import pdf

    made = []
    out.mkdir(parents=True, exist_ok=True)
    for source in sources or catalog.names():
        built = compile_form(source)
        file = out / f"{built.form_id}.paper.{lang}.pdf"
        file.write_bytes(pdf(TEMPLATE, on_paper(read_form(built.xform, built.media), lang)))
        made.append({"form_id": built.form_id, "version": built.version, "file": str(file)})
    lines = "\n".join(f"{one['form_id']} {one['version']}: {one['file']}" for one in made)
    say({"papers": made}, lines, as_json=as_json)


@app.command("check")
def check(
    sources: Sources = None,
    no_validate: Annotated[bool, typer.Option("--no-validate", help="Leave ODK Validate out.")] = False,
    as_json: Json = False,
) -> None:
    """Look for mistakes, each with its sheet, row and remedy, and estimate the time that each module takes.

    Ends with 1 when there is an error. Example: taama forms check returnee
    """
    from forms import catalog
    from forms.compile import validate
    from forms.lint import check as check_form

    found: list[dict[str, Any]] = []
    modules: list[dict[str, Any]] = []
    for source in sources or catalog.names():
        said = check_form(source, lang="en", validator=None if no_validate else validate)
        found += [{"form": source, **_columns(finding)} for finding in said]
        modules += [{"form": source, **asdict(module)} for module in _modules(source)]
    errors = sum(finding["severity"] == "error" for finding in found)
    lines = [
        f"{row['severity']}: {row['form']}, {row['sheet']} {row['row']} {row['column']}: "
        f"{row['message']} {row['remedy']}"
        for row in found
    ] or ["Nothing to mend."]
    data = {"errors": errors, "findings": found, "modules": modules}
    say(data, "\n".join([*lines, *_timetable(modules)]), as_json=as_json)
    if errors:
        raise typer.Exit(1)


def _columns(finding: Finding) -> dict[str, str | int]:
    return {key: value for key, value in asdict(finding).items() if key != "code"}


def _modules(source: str) -> list[Module]:
    """The modules of a form; none when it does not compile, which its findings say."""
    from forms.compile import build as compile_form
    from forms.problems import FormError
    from forms.reader import read_form
    from forms.reading import modules

    try:
        built = compile_form(source)
    except FormError:
        return []
    return modules(read_form(built.xform, built.media))


def _timetable(modules: list[dict[str, Any]]) -> Iterator[str]:
    """A table for each form: what an interview takes if everything is asked once."""
    for form in dict.fromkeys(module["form"] for module in modules):
        mine = [module for module in modules if module["form"] == form]
        yield from ("", f"{form:<44} questions  words  minutes  ease")
        for module in mine:
            yield (
                f"  {module['title'][:42]:<42} {module['questions']:>9}  {module['words']:>5}"
                f"  {module['minutes']:>7.1f}  {module['ease']:>4.0f}"
            )
        total = [sum(module[key] for module in mine) for key in ("questions", "words", "minutes")]
        yield f"  {'everything, once':<42} {total[0]:>9}  {total[1]:>5}  {total[2]:>7.1f}"


@app.command("diff")
def difference(
    old: Annotated[str, typer.Argument(help="Name of a shipped form, or a file (.xlsx, .md, .xml).")],
    new: Annotated[str, typer.Argument(help="The same, as it is to be.")],
    as_json: Json = False,
) -> None:
    """Tell what changes from one version to another: for enumerators, then for analysts.

    Example: taama forms diff returnee returnee-edited.xlsx
    """
    from forms.compile import build as compile_form
    from forms.diff import diff, told
    from forms.reader import read_form

    before, after = (compile_form(source) for source in (old, new))
    changes = diff(read_form(before.xform, before.media), read_form(after.xform, after.media))
    say({"changes": [asdict(change) for change in changes]}, "\n".join(told(changes)), as_json=as_json)


@app.command("import")
def import_workbook(
    file: Annotated[Path, typer.Argument(help="The workbook (.xlsx) that came back from its editor.")],
    name: Annotated[str, typer.Argument(help="The questionnaire whose sheets it replaces.")],
    into: Annotated[Path | None, typer.Option("--into", help="The folder of the definitions.")] = None,
    as_json: Json = False,
) -> None:
    """Bring an edited workbook back into the CSV sheets; shared parts that did not change stay shared.

    Example: taama forms import returnee.xlsx returnee
    """
    from forms import catalog
    from forms.excel import to_csv
    from forms.workbook import read_workbook, sheets_in

    definitions = into or catalog.DEFINITIONS
    shared = to_csv(sheets_in(read_workbook(file)), definitions / name, definitions / "shared")
    say(
        {"folder": str(definitions / name), "shared": shared},
        f"The sheets are in {definitions / name}; shared parts: {', '.join(shared) or 'none'}.",
        as_json=as_json,
    )


@app.command("walk")
def walk_through(
    source: Annotated[str, typer.Argument(help="Name of a shipped form, or a file (.xlsx, .md, .xml).")],
    lang: Annotated[str, typer.Option("--lang", help="Code of the language: fr, en…")] = "fr",
    seed: Annotated[int, typer.Option("--seed", help="Another number, another person.")] = 1,
    kind: Annotated[
        str, typer.Option("--kind", help="interview, refused, unreached or minor_waits.")
    ] = "interview",
    as_json: Json = False,
) -> None:
    """Print a whole made-up interview as the enumerator reads it, question by question.

    Example: taama forms walk returnee --lang fr --seed 3
    """
    from forms.compile import build as compile_form
    from forms.walk import lines, walk

    found = walk(compile_form(source), lang, seed, kind)
    screens = [
        {
            "kind": screen.kind,
            "name": screen.name,
            "turns": screen.turns,
            "text": screen.labels.get(found.language, ""),
            "hint": screen.hints.get(found.language, ""),
            "answer": screen.said,
        }
        for screen in found.screens
    ]
    data = {"form_id": found.form_id, "version": found.version, "language": found.language}
    say(data | {"screens": screens}, "\n".join(lines(found)), as_json=as_json)


@app.command("publish")
def publish(
    source: Annotated[str, typer.Argument(help="Name of a shipped form, or a file (.xlsx, .md, .xml).")],
    home: Home = DEFAULT_HOME,
    media: Annotated[
        Path | None, typer.Option("--media", help="Folder of the files that go with it.")
    ] = None,
    without_consent: Annotated[
        str, typer.Option("--without-consent", help="Why this form asks nobody's consent (a site visit).")
    ] = "",
    as_json: Json = False,
) -> None:
    """Put a form into use on this server; phones see it at their next update.

    Example: taama forms publish returnee --home kayes-2026
    """
    from forms.catalog import WITHOUT_CONSENT
    from forms.compile import build as compile_form
    from server.store.forms import NewForm, publish
    from server.store.home import open_campaign

    campaign = open_campaign(home)
    built = compile_form(source)
    files = dict(built.media)
    if media:
        files |= {path.name: path.read_bytes() for path in sorted(media.iterdir()) if path.is_file()}
    new = NewForm(built.xform, files, without_consent or WITHOUT_CONSENT.get(source, ""))
    published = publish(campaign, new, by="", at=now())
    campaign.close()
    word = "was published already" if published.again else "is published"
    say(
        {"form_id": published.form, "version": published.version, "again": published.again},
        f"{published.form} {published.version} {word}.",
        as_json=as_json,
    )
