//! Turns a stream in an encoding that isn't ASCII-compatible byte by byte into UTF-8.

use std::io::{self, Read};

use encoding_rs::{Decoder, DecoderResult, Encoding};

/// Stands in the decoded text where the bytes meant nothing. It is never part of valid UTF-8, so the row it stands
/// in is rejected like any other that isn't text.
const NOT_TEXT: u8 = 0xFF;

/// UTF-8 read from another encoding. A byte-order mark at the start is left out.
pub(crate) struct Transcoded<R> {
    inner: R,
    decoder: Decoder,
    input: Vec<u8>,
    input_at: usize,
    input_end: usize,
    output: Vec<u8>,
    output_at: usize,
    output_end: usize,
    ended: bool,
    finished: bool,
}

impl<R: Read> Transcoded<R> {
    /// Reads `inner` as `encoding`.
    pub fn new(inner: R, encoding: &'static Encoding) -> Self {
        Self {
            inner,
            decoder: encoding.new_decoder_with_bom_removal(),
            input: vec![0; 32 << 10],
            input_at: 0,
            input_end: 0,
            output: vec![0; 64 << 10],
            output_at: 0,
            output_end: 0,
            ended: false,
            finished: false,
        }
    }

    fn refill(&mut self) -> io::Result<()> {
        while self.output_at == self.output_end && !self.finished {
            if self.input_at == self.input_end && !self.ended {
                self.input_end = self.inner.read(&mut self.input)?;
                self.input_at = 0;
                self.ended = self.input_end == 0;
            }
            let room = self.output.len() - 1;
            let (result, read, written) = self.decoder.decode_to_utf8_without_replacement(
                &self.input[self.input_at..self.input_end],
                &mut self.output[..room],
                self.ended,
            );
            self.input_at += read;
            self.output_at = 0;
            self.output_end = written;
            match result {
                DecoderResult::InputEmpty => self.finished = self.ended,
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(..) => {
                    self.output[written] = NOT_TEXT;
                    self.output_end += 1;
                }
            }
        }
        Ok(())
    }
}

impl<R: Read> Read for Transcoded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.refill()?;
        let count = buffer.len().min(self.output_end - self.output_at);
        buffer[..count].copy_from_slice(&self.output[self.output_at..self.output_at + count]);
        self.output_at += count;
        Ok(count)
    }
}
