//! What one record may cost at most.

/// Bounds on what a message may ask of memory and time. Each is an
/// [`ErrorKind::Limit`](crate::ErrorKind::Limit) when hit, named by its field.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of one product. ONIX products hold some ten kilobytes; one with every country's price
    /// a few hundred.
    pub max_record_bytes: usize,
    /// Elements inside each other, XHTML in texts included. ONIX itself needs fewer than fifteen.
    pub max_depth: usize,
    /// Attributes of one element.
    pub max_attributes: usize,
    /// Bytes of one start tag.
    pub max_tag_bytes: usize,
    /// Bytes of one page of the platform's `xml`, which has fifty publications at most.
    pub max_page_bytes: usize,
    /// Bytes of one input after decompression.
    pub max_decoded_bytes: u64,
    /// Decompressed bytes for each compressed one, looked at after 64 MiB.
    pub max_decoded_ratio: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_record_bytes: 16 << 20,
            max_depth: 64,
            max_attributes: 256,
            max_tag_bytes: 64 << 10,
            max_page_bytes: 256 << 20,
            max_decoded_bytes: 8 << 30,
            max_decoded_ratio: 200,
        }
    }
}
