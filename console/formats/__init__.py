"""How dates are written, where Django's way for a language would be read two ways."""
