"""`/otel/v1/traces`: where other people's agents send their OpenTelemetry traces."""
