"""ODK Central's addresses for reading: pyodk, ruODK, Power BI and Excel find the de-identified data
unchanged."""

from __future__ import annotations

from fastapi import APIRouter

from server.store.forms import Forms
from server.store.home import Campaign
from server.web.central.door import Programs
from server.web.central.odata import Tables
from server.web.central.rest import PROJECT, Central
from server.web.central.review import Reviews
from server.web.central.sheets import Sheets
from server.web.site import Site


def router(site: Site, campaign: Campaign, forms: Forms) -> APIRouter:
    """Everything that programs read."""
    routes = APIRouter()
    programs = Programs(site)
    Tables(campaign, forms, programs).add(routes, f"{PROJECT}/forms/")
    Sheets(campaign, forms, programs).add(routes, f"{PROJECT}/forms/{{form}}")
    Reviews(campaign, programs).add(routes, f"{PROJECT}/forms/{{form}}")
    Central(campaign, forms, programs).add(routes)
    return routes
