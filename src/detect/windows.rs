//! Which three bytes stand for a keyword in the prefilter: the rarest, so that few places are looked at twice.

/// Makes letters alike in both cases, and some other bytes alike that are not.
pub(super) const FOLD: u64 = 0x2020_2020_2020_2020;

/// Three folded bytes, the first one lowest.
pub(super) type Window = u32;

pub(super) const WINDOW: u32 = 0xff_ffff;

pub(super) fn window(bytes: [u8; 3]) -> Window {
    u32::from_le_bytes([bytes[0], bytes[1], bytes[2], 0]) | FOLD as u32 & WINDOW
}

/// Calls `each` with the windows by which a keyword is found, and their offsets: one at an even offset, some at odd ones.
pub(super) fn windows(keyword: &[u8], each: &mut dyn FnMut(i32, Window)) {
    if let &[a, b, c] = keyword {
        // The odd window begins before the keyword, with whatever stands there.
        let folded = (0..=u8::MAX).filter(|byte| byte | FOLD as u8 == *byte);
        folded.for_each(|any| each(-1, window([any, a, b])));
        each(0, window([a, b, c]));
        return;
    }
    let class = |at: usize| usize::from(CLASSES[usize::from(keyword[at])]);
    let pair = |at: usize| class(at) << CLASS_BITS | class(at + 1);
    // How often three bytes are met, and how often two of them are followed or led by the third.
    let triple = |at: usize| f32::from(COMMON.triples[pair(at) << CLASS_BITS | class(at + 2)]);
    let share = |triple: f32, pair: usize| triple / (UNCOUNTED + f32::from(COMMON.pairs[pair]));
    let last = keyword.len() - 3;
    // By the last bit of the offset: the rarest one so far.
    let mut rarest: [Option<(f32, usize)>; 2] = [None, None];
    // Of a long keyword a window near the middle: what must be searched around a seam is half as much.
    for offset in (0..=last).filter(|offset| *offset.max(&(last - offset)) <= NEAR_BYTES.max(keyword.len() / 2)) {
        // The bytes behind and before it are looked at as well, those before it later.
        let behind = if offset < last { share(triple(offset + 1), pair(offset + 1)) } else { 1.0 };
        let before = if offset > 0 { share(triple(offset - 1), pair(offset)) } else { 1.0 };
        let cost = triple(offset) * behind * (1.0 + CONFIRM_COST * before);
        let known = &mut rarest[offset % 2];
        if known.is_none_or(|known| cost < known.0) {
            *known = Some((cost, offset));
        }
    }
    for (_, offset) in rarest.into_iter().flatten() {
        each(i32::try_from(offset).unwrap_or(0), window([keyword[offset], keyword[offset + 1], keyword[offset + 2]]));
    }
}

/// What it costs to compare keywords, in places where it was looked at what stands before a window.
const CONFIRM_COST: f32 = 1.5;

/// How often a pair is met at least, in the unit of `Common`: the list has not all that hold it.
const UNCOUNTED: f32 = 8.0;

/// How often three and two bytes are met in source code.
struct Common {
    triples: [u16; 1 << (3 * CLASS_BITS)],
    /// All triples of the list that begin with the two.
    pairs: [u16; 1 << (2 * CLASS_BITS)],
}

/// Counted in the trees of four projects of different languages; each line of `windows.txt` is half as common as the one
/// before it, and what is on none a quarter as common as the last.
static COMMON: Common = {
    let text = include_bytes!("windows.txt");
    let mut common = Common { triples: [1; 1 << (3 * CLASS_BITS)], pairs: [0; 1 << (2 * CLASS_BITS)] };
    let mut commonness = COMMONEST;
    let mut at = 0;
    while at + 3 < text.len() {
        let pair = (CLASSES[text[at] as usize] as usize) << CLASS_BITS | CLASSES[text[at + 1] as usize] as usize;
        common.triples[pair << CLASS_BITS | CLASSES[text[at + 2] as usize] as usize] = commonness;
        common.pairs[pair] += commonness;
        if text[at + 3] == b'\n' {
            commonness /= 2;
        }
        at += 4;
    }
    common
};

/// How common what is on the first of seven lines is.
const COMMONEST: u16 = 1 << 8;

/// A window lies at most so far from either end of its keyword, or half the keyword's length.
pub(super) const NEAR_BYTES: usize = 12;

/// Bytes fall into 64 classes where it is counted what is common: letters (of either case) and digits have their own.
const CLASSES: [u8; 256] = classes();
const CLASS_BITS: u32 = 6;

const fn classes() -> [u8; 256] {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let b = byte as u8;
        classes[byte] = match b {
            b'a'..=b'z' => b - b'a',
            b'A'..=b'Z' => b - b'A',
            b'0'..=b'9' => 26 + (b - b'0'),
            b'_' => 36,
            b'-' => 37,
            b'.' => 38,
            b'/' => 39,
            b':' => 40,
            b'=' => 41,
            b'"' => 42,
            b'+' => 43,
            b'<' => 44,
            b'>' => 45,
            b'@' => 46,
            b'$' => 47,
            b'{' => 48,
            b'%' => 49,
            b'&' => 50,
            b'?' => 51,
            b';' => 52,
            b'~' => 53,
            b'#' => 54,
            b'\\' => 55,
            b' ' => 56,
            b'\n' => 57,
            0x80..=0xff => 58,
            // Apart from punctuation, so that the magic numbers of binary files are rare in text.
            0 => 60,
            0x01..=0x08 | 0x0e..=0x1f => 61,
            _ => 59,
        };
        byte += 1;
    }
    classes
}
