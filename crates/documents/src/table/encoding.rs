//! In which encoding a text file is, and its decoding. The whole file is scanned once before anything is read from it:
//! a file whose head is plain may turn out to be Windows-1252 on its last line.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::error::TableError;

const CHUNK: usize = 64 * 1024;

/// How the encoding became known.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Detected {
    pub(crate) encoding: &'static Encoding,
    /// Bytes of the byte order mark.
    pub(crate) mark: usize,
}

/// Decides the encoding: as told, by byte order mark, by its shape (UTF-16), by strict validity (UTF-8), else
/// Windows-1252 when nothing speaks against it.
pub(crate) fn detect(path: &Path, told: Option<&str>) -> Result<Detected, TableError> {
    let mut head = vec![0; CHUNK];
    let mut file = File::open(path).map_err(|e| TableError::io(path, e))?;
    let read = read_full(&mut file, &mut head).map_err(|e| TableError::io(path, e))?;
    head.truncate(read);
    if head.starts_with(&[0xff, 0xfe, 0, 0]) || head.starts_with(&[0, 0, 0xfe, 0xff]) {
        return Err(TableError::NotATable("UTF-32 text"));
    }
    let marked = Encoding::for_bom(&head);
    let detected = match (told, marked) {
        (Some(name), _) => {
            let encoding = Encoding::for_label(name.trim().as_bytes());
            let encoding = encoding.ok_or_else(|| TableError::UnknownEncoding(name.to_owned()))?;
            Detected { encoding, mark: marked.filter(|(m, _)| *m == encoding).map_or(0, |(_, mark)| mark) }
        }
        (None, Some((encoding, mark))) => Detected { encoding, mark },
        (None, None) => match utf16_by_shape(&head) {
            Some(encoding) => Detected { encoding, mark: 0 },
            None => return Ok(Detected { encoding: eight_bit(path)?, mark: 0 }),
        },
    };
    verify(path, detected)?;
    Ok(detected)
}

/// Fills the buffer as far as the file goes.
pub(crate) fn read_full(file: &mut impl std::io::Read, buffer: &mut [u8]) -> std::io::Result<usize> {
    let mut length = 0;
    while let Some(rest) = buffer.get_mut(length..).filter(|rest| !rest.is_empty()) {
        match file.read(rest) {
            Ok(0) => break,
            Ok(read) => length += read,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(length)
}

/// UTF-16 without a mark: most characters of a table are ASCII, so that every second byte is zero.
fn utf16_by_shape(head: &[u8]) -> Option<&'static Encoding> {
    let zeros = |from: usize| head.iter().skip(from).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd, half) = (zeros(0), zeros(1), head.len() / 2);
    if half < 2 {
        None
    } else if odd * 10 > half * 4 && even * 20 < half {
        Some(UTF_16LE)
    } else if even * 10 > half * 4 && odd * 20 < half {
        Some(UTF_16BE)
    } else {
        None
    }
}

fn verify(path: &Path, detected: Detected) -> Result<(), TableError> {
    let mut decoded = Decoded::open(path, detected)?;
    let mut text = Vec::new();
    while decoded.fill(&mut text)? {
        text.clear();
    }
    Ok(())
}

/// UTF-8 if every line is; else Windows-1252 unless something speaks for another encoding.
fn eight_bit(path: &Path) -> Result<&'static Encoding, TableError> {
    let scan = Scan::of(path)?;
    let (Some(other_line), utf8_line) = (scan.first_other, scan.first_utf8) else { return Ok(UTF_8) };
    if let Some(utf8_line) = utf8_line {
        return Err(TableError::MixedEncodings { utf8_line, other_line });
    }
    let (guess, looks_dos) = guess(path)?;
    if guess == WINDOWS_1252 && !looks_dos {
        return Ok(WINDOWS_1252);
    }
    let guess = if looks_dos { "IBM850 (DOS) or macintosh" } else { guess.name() };
    Err(TableError::UnclearEncoding { guess, line: other_line })
}

/// What the bytes look like that are not UTF-8, and whether they look like DOS. Most files are UTF-8 and are spared it.
fn guess(path: &Path) -> Result<(&'static Encoding, bool), TableError> {
    let mut file = File::open(path).map_err(|e| TableError::io(path, e))?;
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    let (mut buffer, mut looks_dos) = (vec![0; CHUNK], false);
    loop {
        let read = read_full(&mut file, &mut buffer).map_err(|e| TableError::io(path, e))?;
        let chunk = buffer.get(..read).unwrap_or_default();
        detector.feed(chunk, read == 0);
        looks_dos |= chunk.windows(3).any(is_dos_letter);
        if read == 0 {
            return Ok((detector.guess(Some(b"fi"), Utf8Detection::Deny), looks_dos));
        }
    }
}

/// What one pass over the bytes tells.
struct Scan {
    line: u64,
    has_utf8: bool,
    has_other: bool,
    first_utf8: Option<u64>,
    first_other: Option<u64>,
}

impl Scan {
    fn of(path: &Path) -> Result<Self, TableError> {
        let mut file = File::open(path).map_err(|e| TableError::io(path, e))?;
        let mut scan = Self { line: 1, has_utf8: false, has_other: false, first_utf8: None, first_other: None };
        let mut buffer = vec![0; CHUNK];
        let mut carried = 0;
        loop {
            let read = file.read(buffer.get_mut(carried..).unwrap_or_default()).map_err(|e| TableError::io(path, e))?;
            let chunk = buffer.get(..carried + read).unwrap_or_default();
            let used = scan.take(chunk, read == 0);
            let length = chunk.len();
            buffer.copy_within(used..length, 0);
            carried = length - used;
            if read == 0 {
                scan.end_line();
                return Ok(scan);
            }
        }
    }

    /// Judges the bytes; returns how many were judged. A sequence that the chunk cuts is left for the next one.
    fn take(&mut self, bytes: &[u8], last: bool) -> usize {
        let mut at = 0;
        while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
            let (valid, wrong) = match std::str::from_utf8(rest) {
                Ok(text) => (text.len(), 0),
                Err(error) => (error.valid_up_to(), error.error_len().unwrap_or(usize::from(last))),
            };
            self.valid(rest.get(..valid).unwrap_or_default());
            self.has_other |= wrong > 0;
            at += valid + wrong;
            if wrong == 0 && valid < rest.len() {
                break;
            }
        }
        at
    }

    fn valid(&mut self, bytes: &[u8]) {
        for (i, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
            if i > 0 {
                self.end_line();
                self.line += 1;
            }
            self.has_utf8 |= !line.is_ascii();
        }
    }

    fn end_line(&mut self) {
        // A valid sequence on a line that is not UTF-8 is an accident of the other encoding.
        if self.has_other {
            self.first_other.get_or_insert(self.line);
        } else if self.has_utf8 {
            self.first_utf8.get_or_insert(self.line);
        }
        (self.has_utf8, self.has_other) = (false, false);
    }
}

/// Between two letters Windows-1252 has nothing from 0x80 to 0x9F but a few letters and the apostrophe, while there DOS
/// and old Macintosh encodings have `ä`, `ö` and `å`.
fn is_dos_letter(window: &[u8]) -> bool {
    matches!(window, [a, b @ 0x80..=0x9f, c] if a.is_ascii_alphabetic() && c.is_ascii_alphabetic()
        && !matches!(b, 0x83 | 0x8a | 0x8c | 0x8e | 0x91 | 0x92 | 0x96 | 0x97 | 0x9a | 0x9c | 0x9e | 0x9f))
}

/// A file's text, chunk by chunk, strictly decoded.
pub(crate) struct Decoded {
    path: PathBuf,
    file: File,
    decoder: Decoder,
    encoding: &'static Encoding,
    input: Vec<u8>,
    line: u64,
    done: bool,
}

impl Decoded {
    pub(crate) fn open(path: &Path, detected: Detected) -> Result<Self, TableError> {
        let mut file = File::open(path).map_err(|e| TableError::io(path, e))?;
        let mut mark = [0; 4];
        let mark = mark.get_mut(..detected.mark).unwrap_or_default();
        file.read_exact(mark).map_err(|e| TableError::io(path, e))?;
        Ok(Self {
            path: path.to_owned(),
            file,
            decoder: detected.encoding.new_decoder_without_bom_handling(),
            encoding: detected.encoding,
            input: vec![0; CHUNK],
            line: 1,
            done: false,
        })
    }

    /// Appends the next part of the text; false at the end.
    pub(crate) fn fill(&mut self, out: &mut Vec<u8>) -> Result<bool, TableError> {
        if self.done {
            return Ok(false);
        }
        let read = read_full(&mut self.file, &mut self.input).map_err(|e| TableError::io(&self.path, e))?;
        self.done = read < self.input.len();
        let mut input = self.input.get(..read).unwrap_or_default();
        loop {
            let from = out.len();
            let room = self.decoder.max_utf8_buffer_length_without_replacement(input.len()).unwrap_or(4 * CHUNK);
            out.resize(from + room.max(16), 0);
            let target = out.get_mut(from..).unwrap_or_default();
            let (result, taken, written) = self.decoder.decode_to_utf8_without_replacement(input, target, self.done);
            out.truncate(from + written);
            let lines = out.get(from..).unwrap_or_default().iter().filter(|byte| **byte == b'\n').count();
            self.line += u64::try_from(lines).unwrap_or(u64::MAX);
            input = input.get(taken..).unwrap_or_default();
            match result {
                DecoderResult::InputEmpty => return Ok(true),
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(..) => {
                    return Err(TableError::Encoding { encoding: self.encoding.name(), line: self.line });
                }
            }
        }
    }
}
