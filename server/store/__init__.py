"""Tables and files: what was decided is done here."""
