"""What is promised while processes are killed, frozen and robbed of their memory (guarantees 2.1)."""
