"""Business flows of the library, from the same parts as the patterns they are made of."""
