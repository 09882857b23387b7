"""What the monitoring report says and draws, worked out from those who count; no file is written here."""
