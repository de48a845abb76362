//! The clouds of the demo and of the tests, on loopback.
