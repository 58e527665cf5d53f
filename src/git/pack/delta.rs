//! Reads a delta: sizes, then instructions to copy from the base or to insert bytes.

use std::fmt;

/// Bytes that were copied from the base, joined where they continue each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// Where they are in the result.
    pub target: usize,
    /// Where they are in the base.
    pub base: usize,
    /// How many there are.
    pub len: usize,
}

/// Why a delta cannot be applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Broken {
    Truncated,
    ReservedInstruction,
    OutsideOfBase,
    WrongBaseSize,
    WrongResultSize,
}

impl fmt::Display for Broken {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Broken::Truncated => "the delta is cut off",
            Broken::ReservedInstruction => "the delta has a reserved instruction",
            Broken::OutsideOfBase => "the delta copies from outside of its base",
            Broken::WrongBaseSize => "the delta was made for a base of another size",
            Broken::WrongResultSize => "the delta gives a result of another size than it says",
        })
    }
}

/// The two sizes a delta begins with.
pub(super) struct Sizes {
    pub(super) base: u64,
    pub(super) result: u64,
    /// Where the instructions begin.
    instructions: usize,
}

pub(super) fn sizes(delta: &[u8]) -> Result<Sizes, Broken> {
    let mut at = 0;
    let base = size(delta, &mut at)?;
    let result = size(delta, &mut at)?;
    Ok(Sizes { base, result, instructions: at })
}

fn size(delta: &[u8], at: &mut usize) -> Result<u64, Broken> {
    let (mut size, mut shift) = (0u64, 0);
    loop {
        let byte = next(delta, at)?;
        if shift > 56 {
            return Err(Broken::Truncated);
        }
        size |= u64::from(byte & 0x7f) << shift;
        shift += 7;
        if byte & 0x80 == 0 {
            return Ok(size);
        }
    }
}

fn next(delta: &[u8], at: &mut usize) -> Result<u8, Broken> {
    let byte = *delta.get(*at).ok_or(Broken::Truncated)?;
    *at += 1;
    Ok(byte)
}

/// Applies a delta: fills `result` with the new object and `runs` with what was copied.
pub(super) fn apply(base: &[u8], delta: &[u8], result: &mut Vec<u8>, runs: &mut Vec<Run>) -> Result<(), Broken> {
    let sizes = sizes(delta)?;
    if sizes.base != base.len() as u64 {
        return Err(Broken::WrongBaseSize);
    }
    let expected = usize::try_from(sizes.result).map_err(|_| Broken::WrongResultSize)?;
    result.clear();
    runs.clear();
    let mut at = sizes.instructions;
    while at < delta.len() {
        let instruction = next(delta, &mut at)?;
        if instruction & 0x80 != 0 {
            let (offset, len) = copy(delta, &mut at, instruction)?;
            let source = base.get(offset..offset + len).ok_or(Broken::OutsideOfBase)?;
            note(runs, Run { target: result.len(), base: offset, len });
            result.extend_from_slice(source);
        } else if instruction == 0 {
            return Err(Broken::ReservedInstruction);
        } else {
            let len = usize::from(instruction);
            result.extend_from_slice(delta.get(at..at + len).ok_or(Broken::Truncated)?);
            at += len;
        }
        // Checked at each step, so that a bomb of copies ends at the size that was announced.
        if result.len() > expected {
            return Err(Broken::WrongResultSize);
        }
    }
    if result.len() == expected { Ok(()) } else { Err(Broken::WrongResultSize) }
}

/// Reads the offset and length of a copy.
fn copy(delta: &[u8], at: &mut usize, instruction: u8) -> Result<(usize, usize), Broken> {
    let mut number = |bits: u8, count: u8| -> Result<usize, Broken> {
        let mut number = 0;
        for byte in 0..count {
            if bits >> byte & 1 != 0 {
                number |= usize::from(next(delta, at)?) << (8 * byte);
            }
        }
        Ok(number)
    };
    let offset = number(instruction & 0x0f, 4)?;
    let len = number(instruction >> 4 & 0x07, 3)?;
    Ok((offset, if len == 0 { 0x1_0000 } else { len }))
}

fn note(runs: &mut Vec<Run>, run: Run) {
    match runs.last_mut() {
        Some(last) if last.target + last.len == run.target && last.base + last.len == run.base => last.len += run.len,
        _ => runs.push(run),
    }
}

#[cfg(test)]
mod tests {
    use super::{Broken, Run, apply};

    fn applied(base: &[u8], delta: &[u8]) -> Result<(Vec<u8>, Vec<Run>), Broken> {
        let (mut result, mut runs) = (Vec::new(), Vec::new());
        apply(base, delta, &mut result, &mut runs).map(|()| (result, runs))
    }

    #[test]
    fn copies_and_inserts_build_the_result_and_neighbours_are_joined() {
        // Base of 6 bytes, result of 8: copy 0..3, copy 3..5, insert "xyz".
        let delta = [6, 8, 0x91, 0, 3, 0x91, 3, 2, 3, b'x', b'y', b'z'];
        let (result, runs) = applied(b"abcdef", &delta).expect("a good delta");
        assert_eq!(result, b"abcdexyz");
        assert_eq!(runs, [Run { target: 0, base: 0, len: 5 }]);
    }

    #[test]
    fn a_length_of_zero_copies_64_kibibytes() {
        let base = vec![7; 0x1_0000];
        let delta = [0x80, 0x80, 4, 0x80, 0x80, 4, 0x80];
        assert_eq!(applied(&base, &delta).expect("a good delta").0, base);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        for (delta, why) in [
            (&[6, 3, 0x91, 5, 3][..], Broken::OutsideOfBase),
            (&[6, 3, 0x91, 0, 4], Broken::WrongResultSize),
            (&[6, 3, 0x91, 0, 2], Broken::WrongResultSize),
            (&[7, 3, 0x91, 0, 3], Broken::WrongBaseSize),
            (&[6, 3, 0], Broken::ReservedInstruction),
            (&[6, 3, 5, b'x'], Broken::Truncated),
            (&[6, 3, 0x91], Broken::Truncated),
            (&[0xff; 12], Broken::Truncated),
            (&[], Broken::Truncated),
        ] {
            assert_eq!(applied(b"abcdef", delta), Err(why), "{delta:?}");
        }
    }
}
