//! What is in a compressed packet.

use std::io::{self, Read};

use pgp::composed::{CompressedDataReader, MessageReader};

use super::changed_as;
use super::layer::only_padding;

/// The content of a compressed packet. At its end, it looks at what follows the packet: the layer below is read to its
/// own end by that, where its integrity is checked.
pub(super) struct Inflated {
    /// `None` when it ended or failed: it can't be read on then.
    packet: Option<CompressedDataReader<MessageReader<'static>>>,
    name: String,
}

impl Inflated {
    /// Decompresses the packet of a message that is called `name`.
    pub fn new(packet: CompressedDataReader<MessageReader<'static>>, name: &str) -> io::Result<Self> {
        Ok(Self { packet: Some(packet.decompress()?), name: name.to_owned() })
    }
}

impl Read for Inflated {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        let Some(mut packet) = self.packet.take() else { return Ok(0) };
        let read = packet.read(buffer)?;
        if read > 0 {
            self.packet = Some(packet);
            return Ok(read);
        }
        let mut body = packet.into_inner();
        // Some write a byte more than the decompressor asks for.
        io::copy(&mut body, &mut io::sink())?;
        only_padding(&mut body.into_inner()).map_err(|error| changed_as(&self.name, &error))?;
        Ok(0)
    }
}
