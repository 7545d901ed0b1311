"""`/hooks/<source>`: where other systems send what their agents did."""
