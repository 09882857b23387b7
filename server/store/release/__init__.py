"""Releases of a dataset: interviews are read from the log, laid out, checked, written and proved.

`interviews` reads, `changes` corrects, `tables` writes CSV, `parquet` Parquet, `labelled` Stata and SPSS,
`workbook` Excel, `books` the codebooks, `gated` protects what partners and the public get, `make` puts a
folder together, `verify` proves it.
"""
