"""What a text is held against before it leaves: the policy's rules as guardrails, and checks beyond the engine's."""
