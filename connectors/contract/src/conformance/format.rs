//! What every format promises.
