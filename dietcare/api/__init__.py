"""The gRPC surface: servicer, converters, status table, interceptors."""
