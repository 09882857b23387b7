"""How nodes tell each other what happened: an append-only log and the bodies it names."""
