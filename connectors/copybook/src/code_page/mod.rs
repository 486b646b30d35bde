//! Code pages: which character a byte stands for.
/// stub
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CodePage;
impl CodePage {
    /// stub
    pub fn blank(&self) -> u8 {
        0x40
    }
    /// stub
    pub fn name(&self) -> &'static str {
        "stub"
    }
    /// stub
    pub fn decode_into(&self, bytes: &[u8], out: &mut String) -> Result<(), usize> {
        for b in bytes {
            out.push(char::from(*b));
        }
        Ok(())
    }
}
