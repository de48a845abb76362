//! The Atlas Admin API client.
