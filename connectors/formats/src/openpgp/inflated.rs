//! What is in a compressed packet.

use std::io::{self, Read};

use pgp::composed::{CompressedDataReader, MessageReader};

use super::layer::only_padding;

/// The content of a compressed packet. At its end, it looks at what follows the packet: the layer below is read to its
/// own end by that, where its integrity is checked.
pub(super) struct Inflated(Option<CompressedDataReader<MessageReader<'static>>>);

impl Inflated {
    /// Decompresses the packet.
    pub fn new(packet: CompressedDataReader<MessageReader<'static>>) -> io::Result<Self> {
        packet.decompress().map(|packet| Self(Some(packet)))
    }
}

impl Read for Inflated {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(packet) = &mut self.0 else { return Ok(0) };
        if buffer.is_empty() {
            return Ok(0);
        }
        let read = packet.read(buffer);
        if matches!(read, Ok(0) | Err(_)) {
            // It can't be read on after an error.
            let ended = self.0.take();
            read?;
            if let Some(packet) = ended {
                let mut body = packet.into_inner();
                // Some write a byte more than the decompressor asks for.
                io::copy(&mut body, &mut io::sink())?;
                only_padding(&mut body.into_inner())?;
            }
            return Ok(0);
        }
        read
    }
}
