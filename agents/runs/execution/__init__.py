"""Carrying a run out: claim it, walk its flow, write every step under the lease, leave it in its next state."""
