"""Documents on paper: Typst templates and the one function that renders them."""
