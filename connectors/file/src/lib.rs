//! Files in a directory of this machine.
