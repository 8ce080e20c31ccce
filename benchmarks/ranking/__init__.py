"""What the ranking withstands, simulated: `make ranking`. It knows the pure pieces of the product and no database."""
