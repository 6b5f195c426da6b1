"""Items to papers: import, assembly, sealing. No web."""
