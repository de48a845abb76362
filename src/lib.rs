//! Customer-managed AWS KMS keys for MongoDB Atlas: the library behind the `atlas-cmk` binary.
pub mod simulator;
