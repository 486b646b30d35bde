//! What every warehouse promises.
