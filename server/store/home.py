"""A campaign is a folder: its database, its sealed files, its keys and its settings, and nothing elsewhere.

The protection officer's private key is the one thing that is never in it: it is written beside the folder
once, for her to take away.
"""

from __future__ import annotations

import json
import os
import shutil
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import Engine, insert, select, update
from sqlalchemy.exc import DatabaseError

from server.store.database import TABLES, check_new, engine_of
from server.store.matching import MatchingKey, new_matching_key, read_matching_key, write_matching_key
from server.store.migrate import migrate
from server.store.passwords import passphrase
from server.store.problems import HomeProblem
from server.store.tables import VIEWS
from sync.blobs import Blobs
from sync.db import DatabaseGone, connect, reading, sqlite_url, writing
from sync.hear import enrol
from sync.keys import (
    KeyProblem,
    NodeKeys,
    OfficerKey,
    new_node_keys,
    new_officer_pair,
    read_node_keys,
    read_officer_public,
    write_node_keys,
    write_officer_private,
    write_officer_public,
    write_private,
)
from sync.tables import SCHEMA, KeyBox, Node, table_of

__all__ = ["HomeProblem"]
NODE = table_of(Node)
Role = Literal["hub", "central"]


class Settings(BaseModel):
    """What `campaign.json` says of a campaign."""

    model_config = ConfigDict(frozen=True)

    name: str
    role: Role = "hub"
    database: str = Field(default="", repr=False)  # there may be a password in it
    officer_file: str = ""
    demo: bool = False
    # How long what is kept (`server.core.retention`), and the day on which the project ends.
    retention: dict[str, str] = {}
    ends: str = ""
    # For how many days a referral coupon is valid.
    coupon_days: int = Field(default=21, ge=1)
    # Withdrawal codes are digested with it: the same on every node, whatever key the officer has.
    code_salt: str = ""
    # Where a hub finds the centre, and what it shows at its door.
    centre: str = ""
    token: str = ""


@dataclass(frozen=True)
class Campaign:
    """An open campaign: where things are, and the keys that this node holds."""

    folder: Path
    settings: Settings
    keys: NodeKeys
    officer: OfficerKey
    matching: MatchingKey
    engine: Engine
    vault: Engine
    blobs: Blobs

    def close(self) -> None:
        """Lets go of the databases."""
        self.engine.dispose()
        self.vault.dispose()


@dataclass(frozen=True, slots=True)
class Made:
    """What is shown once: where the officer's private key lies, and the passphrase of the matching key."""

    officer_file: Path
    passphrase: str = field(repr=False)


def create(folder: Path, name: str, *, role: Role = "hub", database: str = "", demo: bool = False) -> Made:
    """Makes a new campaign in `folder`; returns the secrets that are to leave this machine."""
    if (folder / "campaign.json").exists():
        raise HomeProblem(f"There is a campaign in {folder} already. Choose another folder with --home.")
    if folder.exists() and any(folder.iterdir()):
        raise HomeProblem(f"The folder {folder} is not empty. Choose an empty one with --home.")
    check_new(database, role)
    private_file = folder.absolute().with_name(f"{folder.absolute().name}-protection-officer.key")
    private, officer = new_officer_pair()
    try:
        write_officer_private(private_file, private)
        write_node_keys(folder / "keys" / "node.json", new_node_keys())
        write_officer_public(officer_file(folder), officer)
        said = passphrase(os.urandom)
        write_matching_key(matching_file(folder), new_matching_key(said, os.urandom))
    except KeyProblem as problem:
        raise HomeProblem(str(problem)) from None
    settings = Settings(
        name=name,
        role=role,
        database=database,
        officer_file=str(private_file),
        demo=demo,
        code_salt=os.urandom(16).hex(),
    )
    make_databases(folder, settings)
    # Written last: a folder with campaign.json is a whole campaign.
    write_private(folder / "campaign.json", settings.model_dump_json(indent=1))
    return Made(private_file, said)


def matching_file(folder: Path) -> Path:
    """Where a campaign keeps its matching key."""
    return folder / "keys" / "matching.json"


def officer_file(folder: Path) -> Path:
    """Where a campaign keeps the public key that it seals to."""
    return folder / "keys" / "officer.pub"


def make_databases(folder: Path, settings: Settings) -> None:
    """Makes the databases of a new campaign, whose keys are there already."""
    engine = engine_of(folder, settings.database, create=True)
    keys = read_node_keys(folder / "keys" / "node.json")
    with writing(engine) as connection:
        for metadata in TABLES:
            metadata.create_all(connection)
        mine = {"origin": keys.origin, "clock": 0, "views": VIEWS, "schema_version": SCHEMA}
        connection.execute(insert(NODE).values(**mine))
        enrol(connection, keys.origin, settings.role, settings.name, keys.public)
    engine.dispose()
    vault = connect(sqlite_url(folder / "keys.db"), create=True)
    KeyBox.metadata.create_all(vault)
    vault.dispose()


def open_campaign(folder: Path) -> Campaign:
    """The campaign in `folder`; raises HomeProblem when there is none or a key is missing."""
    try:
        settings = Settings.model_validate(json.loads((folder / "campaign.json").read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise HomeProblem(
            f"There is no campaign in {folder}. Make one with: taama init --home {folder} --name NAME"
        ) from None
    except (OSError, ValueError, ValidationError):
        raise HomeProblem(
            f"{folder / 'campaign.json'} cannot be read. Restore the folder from a backup."
        ) from None
    try:
        keys = read_node_keys(folder / "keys" / "node.json")
        officer = read_officer_public(officer_file(folder))
        matching = read_matching_key(matching_file(folder))
    except KeyProblem as problem:
        raise HomeProblem(str(problem)) from None
    engine = engine_of(folder, settings.database)
    migrate(engine, folder, settings.role, settings.name, keys)
    keys = _renewed(engine, folder, keys)
    return Campaign(
        folder=folder,
        settings=settings,
        keys=keys,
        officer=officer,
        matching=matching,
        engine=engine,
        vault=connect(sqlite_url(folder / "keys.db")),
        blobs=Blobs(folder / "blobs"),
    )


def _renewed(engine: Engine, folder: Path, keys: NodeKeys) -> NodeKeys:
    """Finishes a renewal that was interrupted between the log and the key file."""
    following = folder / "keys" / "node-next.json"
    if not following.exists():
        return keys
    new = read_node_keys(following)
    with suppress(DatabaseGone, DatabaseError), reading(engine) as connection:
        if connection.execute(select(NODE.c.origin)).scalar() == new.origin:
            following.replace(folder / "keys" / "node.json")
            return new
    return keys


def change_settings(campaign: Campaign, **changes: Any) -> Settings:
    """Writes changed settings of a campaign; a server takes them up at its next start."""
    settings = campaign.settings.model_copy(update=changes)
    write_private(campaign.folder / "campaign.json", settings.model_dump_json(indent=1))
    return settings


def views_are_current(campaign: Campaign) -> bool:
    """Whether the views were made by this version of the server."""
    with reading(campaign.engine) as connection:
        return connection.execute(select(NODE.c.views)).scalar() == VIEWS


def mark_views(campaign: Campaign) -> None:
    """Notes that the views are those of this version."""
    with writing(campaign.engine) as connection:
        connection.execute(update(NODE).values(views=VIEWS))


def free_space(folder: Path) -> int:
    """Bytes free on the disk that holds `folder`."""
    return shutil.disk_usage(folder).free
