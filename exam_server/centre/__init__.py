"""The centre 省中心: staff pages, commands and the exchange with zones."""
