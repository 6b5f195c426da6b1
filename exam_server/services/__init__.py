"""Use-cases as plain functions ``verb_noun(work, …)``. They know no web."""
