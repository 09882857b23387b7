"""The tree of commands."""

from __future__ import annotations

import typer

from server.cli import (
    backcheck,
    bundle,
    campaign,
    check,
    contacts,
    decrypt,
    demo,
    disclose,
    dossier,
    export,
    forms,
    handouts,
    link,
    node,
    people,
    protection,
    quarantine,
    report,
    retention,
    review,
    scanning,
    snowball,
    team,
    upkeep,
)

app = typer.Typer(
    name="taama",
    help="Taama: surveys of people on the move, offline first. Start with: taama demo",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
app.command("demo")(demo.demo)
app.command("init")(campaign.init)
app.command("serve")(campaign.serve)
app.command("sync")(node.sync)
app.command("export")(export.export)
app.command("report")(report.report)
app.command("rebuild")(upkeep.rebuild)
app.command("doctor")(upkeep.doctor)
app.command("move")(upkeep.move)
app.command("scan")(scanning.scan)
app.command("retention")(retention.retention)
app.command("purge")(retention.purge)
app.command("dossier")(dossier.dossier)
app.command("breach")(dossier.breach)
app.command("decrypt")(decrypt.decrypt)
app.command("disclose")(disclose.disclose)
app.command("snowball")(snowball.snowball)
app.command("withdraw")(protection.withdraw)
app.command("coupons")(handouts.coupons)
people.app.command("cards")(handouts.cards)
app.add_typer(check.app, name="check")
app.add_typer(review.app, name="review")
app.add_typer(forms.app, name="forms")
app.add_typer(node.app, name="node")
app.add_typer(bundle.app, name="bundle")
app.add_typer(people.app, name="people")
app.add_typer(protection.app, name="vault")
app.add_typer(quarantine.app, name="quarantine")
app.add_typer(link.app, name="link")
app.add_typer(contacts.app, name="contacts")
check.app.command("team")(team.team)
app.add_typer(team.targets, name="targets")
app.add_typer(backcheck.app, name="backcheck")
