"""Small published tables on which disclosure risk is known."""

from __future__ import annotations

# francdat of sdcMicro: four keys and the weight (Capobianchi, Polettini and Lucarelli).
FRANCDAT = [
    ("1", "2", "5", "1", 18.0),
    ("1", "2", "1", "1", 45.5),
    ("1", "2", "1", "1", 39.0),
    ("3", "3", "1", "5", 17.0),
    ("4", "3", "1", "4", 541.0),
    ("4", "3", "1", "1", 8.0),
    ("6", "2", "1", "5", 5.0),
    ("1", "2", "5", "1", 92.0),
]
# The ten records of the guide of statistical disclosure control, with weights.
GUIDE = [
    ("Urban", "Female", "Secondary incomplete", "Employed", 180),
    ("Urban", "Female", "Secondary incomplete", "Employed", 180),
    ("Urban", "Female", "Primary incomplete", "Non-LF", 215),
    ("Urban", "Male", "Secondary complete", "Employed", 76),
    ("Rural", "Female", "Secondary complete", "Unemployed", 186),
    ("Urban", "Male", "Secondary complete", "Employed", 76),
    ("Urban", "Female", "Primary complete", "Non-LF", 180),
    ("Urban", "Male", "Post-secondary", "Unemployed", 215),
    ("Urban", "Female", "Secondary incomplete", "Non-LF", 186),
    ("Urban", "Female", "Secondary incomplete", "Non-LF", 76),
]
