"""The zone 考区: exam rooms. Knows neither the bank nor the marking."""
