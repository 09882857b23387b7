"""Says in EDMX 4.0 which tables and columns a form offers, so that Power BI and Excel know them
beforehand."""

from __future__ import annotations

from collections.abc import Sequence

from lxml import etree

from server.core.odata.shape import Field, Group, Table, identifier

EDMX, EDM = "http://docs.oasis-open.org/odata/ns/edmx", "http://docs.oasis-open.org/odata/ns/edm"
SUBMISSION = "org.opendatakit.submission"
SYSTEM = (
    ("submissionDate", "DateTimeOffset"),
    ("updatedAt", "DateTimeOffset"),
    ("deletedAt", "DateTimeOffset"),
    ("submitterId", "String"),
    ("submitterName", "String"),
    ("attachmentsPresent", "Int64"),
    ("attachmentsExpected", "Int64"),
    ("status", "Status"),
    ("reviewState", "ReviewState"),
    ("deviceId", "String"),
    ("edits", "Int64"),
    ("formVersion", "String"),
)
ENUMS = {
    "Status": ("notDecrypted", "missingEncryptedFormData"),
    "ReviewState": ("hasIssues", "edited", "rejected", "approved"),
}


def service(base: str, tables: Sequence[Table]) -> dict[str, object]:
    """The service document: which entity sets there are; `base` is the address of the `.svc`."""
    sets = [{"name": table.name, "kind": "EntitySet", "url": table.name} for table in tables]
    return {"@odata.context": f"{base}/$metadata", "value": sets}


def edmx(form: str, tables: Sequence[Table]) -> bytes:
    """The description of all tables of `form`."""
    space = f"org.opendatakit.user.{identifier(form)}"
    top = etree.Element(f"{{{EDMX}}}Edmx", {"Version": "4.0"}, nsmap={"edmx": EDMX})
    services = etree.SubElement(top, f"{{{EDMX}}}DataServices")
    _common(services)
    schema = _schema(services, space)
    for table in tables:
        _entity(schema, space, table)
    for table in tables:
        _complex(schema, space, table.top)
    container = _add(schema, "EntityContainer", Name=identifier(form))
    for table in tables:
        offered = _add(container, "EntitySet", Name=table.name, EntityType=f"{space}.{table.name}")
        for item in _below(table.top):
            target = f"Submissions{item.path.replace('/', '.')}"
            path = item.path.removeprefix(table.top.path).strip("/")
            _add(offered, "NavigationPropertyBinding", Path=path, Target=target)
    written: bytes = etree.tostring(top, xml_declaration=True, encoding="UTF-8")
    return written


def _add(parent: etree._Element, tag: str, **attributes: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{EDM}}}{tag}", attributes)


def _schema(services: etree._Element, space: str) -> etree._Element:
    # lxml takes None for "without prefix", which its published types leave out.
    return etree.SubElement(services, f"{{{EDM}}}Schema", {"Namespace": space}, nsmap={None: EDM})  # type: ignore[dict-item]


def _common(services: etree._Element) -> None:
    schema = _schema(services, SUBMISSION)
    complex_type = _add(schema, "ComplexType", Name="metadata")
    for name, kind in SYSTEM:
        whole = f"{SUBMISSION}.{kind}" if kind in ENUMS else f"Edm.{kind}"
        _add(complex_type, "Property", Name=name, Type=whole)
    for name, members in ENUMS.items():
        kind_of = _add(schema, "EnumType", Name=name)
        for member in members:
            _add(kind_of, "Member", Name=member)


def _entity(schema: etree._Element, space: str, table: Table) -> None:
    entity = _add(schema, "EntityType", Name=table.name)
    _add(_add(entity, "Key"), "PropertyRef", Name="__id")
    _add(entity, "Property", Name="__id", Type="Edm.String")
    if table.above is None:
        _add(entity, "Property", Name="__system", Type=f"{SUBMISSION}.metadata")
    else:
        _add(entity, "Property", Name=table.parent_key, Type="Edm.String")
    _properties(entity, space, table.top)


def _complex(schema: etree._Element, space: str, group: Group) -> None:
    """A type for each group that is no table; those inside a repeat follow with the repeat's own table."""
    for item in group.items:
        if isinstance(item, Group) and not item.repeat:
            made = _add(schema, "ComplexType", Name=_type(item))
            _properties(made, space, item)
            _complex(schema, space, item)


def _properties(parent: etree._Element, space: str, group: Group) -> None:
    for item in group.items:
        if isinstance(item, Field):
            _add(parent, "Property", Name=item.name, Type=f"Edm.{item.type}")
        elif item.repeat:
            target = f"Submissions{item.path.replace('/', '.')}"
            _add(parent, "NavigationProperty", Name=item.name, Type=f"Collection({space}.{target})")
        else:
            _add(parent, "Property", Name=item.name, Type=f"{space}.{_type(item)}")


def _type(group: Group) -> str:
    return group.path.strip("/").replace("/", ".")


def _below(group: Group) -> list[Group]:
    """The repeats that hang directly on a table, through groups."""
    found: list[Group] = []
    for item in group.items:
        if isinstance(item, Group):
            found += [item] if item.repeat else _below(item)
    return found
