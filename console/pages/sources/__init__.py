"""Addresses for webhooks, and what came in there and could not be taken in."""
