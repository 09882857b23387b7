"""Automatic checks: what a supervisor should look at, why, and how it was judged. No machine decides here."""
