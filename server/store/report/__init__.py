"""Draws and writes the monitoring report: pictures, web page, PDF, Word, tables."""
