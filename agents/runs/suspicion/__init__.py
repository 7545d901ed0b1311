"""How likely it is that something went wrong in a run, from what it did and said: signs, weights, and their fit."""
