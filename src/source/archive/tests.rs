//! What is packed is given back, whatever it is packed in and however it is damaged.

use std::io::{Cursor, Write as _};

use bstr::BString;

use super::{LIMITS, Limits, Unread, each_within, named};
use crate::coverage::Why;

const FEW: Limits = Limits { unpacked_bytes: 200_000, member_bytes: 40_000, members: 50, depth: 3 };

fn unpacked(limits: &Limits, bytes: &[u8]) -> (Vec<(String, Vec<u8>)>, Vec<Unread>) {
    let mut members = Vec::new();
    let unread = each_within(limits, bytes, &|| false, &mut |name, text| members.push((name.to_string(), text.into_bytes())));
    (members, unread)
}

fn whole(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let (members, unread) = unpacked(&LIMITS, bytes);
    assert_eq!(unread, []);
    members
}

fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).expect("it is begun");
        writer.write_all(bytes).expect("it is written");
    }
    writer.finish().expect("it is ended").into_inner()
}

fn tar(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, bytes) in members {
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        builder.append_data(&mut header, name, *bytes).expect("it is written");
    }
    builder.into_inner().expect("it is ended")
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).expect("it is written");
    encoder.finish().expect("it is ended")
}

fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::default());
    encoder.write_all(bytes).expect("it is written");
    encoder.finish().expect("it is ended")
}

fn xz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = lzma_rust2::XzWriter::new(Vec::new(), lzma_rust2::XzOptions::with_preset(1)).expect("it is begun");
    encoder.write_all(bytes).expect("it is written");
    encoder.finish().expect("it is ended")
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

type Compress = fn(&[u8]) -> Vec<u8>;
const COMPRESSIONS: [(&str, Compress); 4] = [("gz", gzip), ("bz2", bzip2), ("xz", xz), ("zst", zstd)];

fn named_members(members: &[(&str, &[u8])]) -> Vec<(String, Vec<u8>)> {
    members.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.to_vec())).collect()
}

#[test]
fn every_packing_gives_back_what_was_packed() {
    let members: [(&str, &[u8]); 3] = [("a.txt", b"one"), ("b/c.bin", b"\0\x01two"), ("empty", b"")];
    assert_eq!(whole(&zip(&members)), named_members(&members));
    let members: [(&str, &[u8]); 2] = [("a.txt", b"one"), ("b/c.bin", b"\0\x01two")];
    assert_eq!(whole(&tar(&members)), named_members(&members));
    assert_eq!(whole(&tar(&[("./a.txt", b"one")]))[0].0, "a.txt", "as `tar -c .` names them");
    for (word, compress) in COMPRESSIONS {
        assert_eq!(whole(&compress(b"some text")), [(String::new(), b"some text".to_vec())], "{word}");
        assert_eq!(whole(&compress(&tar(&members))), named_members(&members), "tar.{word}");
        let twice = [compress(b"some "), compress(b"text")].concat();
        assert_eq!(whole(&twice), [(String::new(), b"some text".to_vec())], "{word} in two parts");
    }
    for plain in [&b""[..], b"PK", b"PK\x03", b"text", &[0x1f, 0x8b], b"BZh9 is how bzip2 begins", &[0; 600]] {
        assert_eq!(unpacked(&LIMITS, plain), (vec![], vec![]), "{plain:?}");
    }
}

#[test]
fn archives_in_archives_are_read_under_the_names_of_all() {
    let inner = zip(&[("x.env", b"one")]);
    let layers = tar(&[("app.jar", &inner), ("log.gz", &gzip(b"two")), ("plain", b"three")]);
    let outer = zip(&[("image.tgz", &gzip(&layers))]);
    let expected: [(&str, &[u8]); 3] =
        [("image.tgz/app.jar/x.env", b"one"), ("image.tgz/log.gz/log", b"two"), ("image.tgz/plain", b"three")];
    assert_eq!(whole(&outer), named_members(&expected));
}

#[test]
fn a_compressed_file_is_called_as_without_its_ending() {
    let called = |member: &str, path: Option<&str>| named(member.into(), path.map(Into::into)).to_string();
    for (path, name) in [("a/dump.sql.gz", "dump.sql"), ("x.tgz", "x.tar"), ("x.zst", "x"), (".gz", "content"), ("blob", "content")] {
        assert_eq!(called("", Some(path)), name);
    }
    assert_eq!((called("", None).as_str(), called("in", Some("a.zip")).as_str()), ("content", "in"));
}

#[test]
fn what_is_damaged_is_read_as_far_as_it_goes_and_told() {
    let text: Vec<u8> = (0..20_000u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_string().into_bytes()).collect();
    for (word, packed) in COMPRESSIONS.map(|(word, compress)| (word, compress(&text))) {
        let (members, unread) = unpacked(&LIMITS, &packed[..packed.len() / 2]);
        // The others give nothing before a block is whole.
        let read = members.last().map_or(&[][..], |(_, read)| read);
        assert!(text.starts_with(read) && (read.len() > 10_000 || word != "gz"), "{word}: {}", read.len());
        assert!(matches!(&unread[..], [Unread { why: Why::Packed { detail }, .. }] if detail.starts_with("damaged")), "{word}: {unread:?}");
    }
    let cut = tar(&[("whole", b"one"), ("cut", &text)]);
    let (members, unread) = unpacked(&LIMITS, &cut[..cut.len() / 2]);
    assert_eq!((members[0].0.as_str(), members[1].0.as_str(), unread.len()), ("whole", "cut", 1));
    assert!(text.starts_with(&members[1].1) && members[1].1.len() > text.len() / 3);
    let whole = zip(&[("first", b"one"), ("second", &text), ("third", b"three")]);
    assert_eq!(unpacked(&LIMITS, &whole[..whole.len() - 100]), unpacked(&LIMITS, &whole), "the directory is not asked");
    let at = memchr::memmem::find(&whole, b"second").expect("it is there") + 200;
    for broken in [&whole[..at], &[&whole[..at], &[0xff; 64], &whole[at + 64..]].concat()] {
        let (members, unread) = unpacked(&LIMITS, broken);
        let names: Vec<&str> = members.iter().map(|(name, _)| name.as_str()).collect();
        assert!(names.starts_with(&["first", "second"]) && names.contains(&"third") == (broken.len() > at), "{names:?}");
        assert!(matches!(&unread[0], Unread { member, why: Why::Packed { detail } } if member == "second" && detail == "damaged zip"));
    }
    for (magic, word) in [(&b"7z\xbc\xaf\x27\x1c"[..], "7z"), (b"Rar!\x1a\x07\x01", "rar")] {
        let why = Why::Packed { detail: format!("{word} is not read") };
        assert_eq!(unpacked(&LIMITS, magic), (vec![], vec![Unread { member: BString::default(), why }]));
    }
}

#[test]
fn what_unpacks_to_too_much_is_told_and_left() {
    let is_too_much =
        |unread: &[Unread], word: &str| matches!(unread, [Unread { why: Why::TooMuch { limit }, .. }] if limit.contains(word));
    let zeros = vec![0; 200_000];
    for (word, compress) in COMPRESSIONS {
        let (members, unread) = unpacked(&FEW, &compress(&zeros));
        assert!(members.is_empty() && is_too_much(&unread, "a member of more than 40000 bytes"), "{word}: {unread:?}");
    }
    let part = vec![0; 30_000];
    let bomb = zip(&[("a", &part), ("b", &part), ("c", &part), ("d", &part), ("e", &part), ("f", &part), ("g", &part), ("h", &part)]);
    let (members, unread) = unpacked(&FEW, &bomb);
    assert!(members.len() >= 3 && is_too_much(&unread, "more than 200000 bytes"), "{unread:?}");
    let many: Vec<String> = (0..60).map(|number| format!("m{number}")).collect();
    let many: Vec<(&str, &[u8])> = many.iter().map(|name| (name.as_str(), &b"x"[..])).collect();
    for archive in [zip(&many), tar(&many)] {
        let (members, unread) = unpacked(&FEW, &archive);
        assert!(members.len() == 50 && is_too_much(&unread, "more than 50 members"), "{unread:?}");
    }
    let deep = (0..5).fold(b"text".to_vec(), |inner, _| gzip(&inner));
    let (_, unread) = unpacked(&FEW, &deep);
    assert!(is_too_much(&unread, "more than 3 archives within each other"), "{unread:?}");
    let mut said = Vec::new();
    let unread = each_within(&LIMITS, &bomb, &|| true, &mut |name, _| said.push(name.to_owned()));
    assert!(unread.is_empty(), "whoever stopped it says so: {unread:?}");
}

#[test]
fn the_strongest_setting_of_xz_is_read() {
    let mut encoder = lzma_rust2::XzWriter::new(Vec::new(), lzma_rust2::XzOptions::with_preset(9)).expect("it is begun");
    encoder.write_all(b"some text").expect("it is written");
    assert_eq!(whole(&encoder.finish().expect("it is ended")), [(String::new(), b"some text".to_vec())]);
}

#[test]
fn no_member_of_a_zip_hides_behind_another_or_behind_the_directory() {
    let twice = [zip(&[("x.sh", b"one")]), zip(&[("x.sh", b"two")])].concat();
    let both = named_members(&[("x.sh", b"one"), ("x.sh", b"two")]);
    assert_eq!(whole(&twice), both);
    let empty = [&zip(&[("x.sh", b"one")])[..], b"PK\x05\x06", &[0; 18]].concat();
    assert_eq!(whole(&empty), both[..1]);
    let program = [b"#!/usr/bin/env python\n", &zip(&[("x.sh", b"one")])[..]].concat();
    assert_eq!(whole(&program), both[..1]);
    let folder = zip(&[("y/sh", b"one")]);
    let folder: Vec<u8> = folder
        .windows(4)
        .position(|four| four == b"y/sh")
        .map(|at| [&folder[..at], b"x.s/", &folder[at + 4..]].concat())
        .expect("it is there");
    assert_eq!(whole(&folder), named_members(&[("x.s/", b"one")]), "a folder has no content");
    let mut encrypted = zip(&[("x.sh", b"one"), ("y.sh", b"two")]);
    encrypted[6] |= 1;
    let (members, unread) = unpacked(&LIMITS, &encrypted);
    assert_eq!(members, named_members(&[("y.sh", b"two")]));
    assert_eq!(unread, [Unread { member: "x.sh".into(), why: Why::Packed { detail: "encrypted".into() } }]);
}

#[test]
fn a_tar_is_read_to_its_end_and_every_kind_of_entry() {
    let two = [tar(&[("a", b"one")]), tar(&[("b", b"two")])].concat();
    assert_eq!(whole(&gzip(&two)), named_members(&[("a", b"one"), ("b", b"two")]));
    let long = "n".repeat(300);
    let mut builder = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_size(3);
    builder.append_data(&mut header, &long, &b"one"[..]).expect("it is written");
    let mut header = tar::Header::new_ustar();
    header.set_size(3);
    header.set_entry_type(tar::EntryType::new(b'Z'));
    builder.append_data(&mut header, "odd", &b"two"[..]).expect("it is written");
    let record = format!("{} path={}\n", 10 + long.len(), long);
    let mut header = tar::Header::new_ustar();
    header.set_size(record.len() as u64);
    header.set_entry_type(tar::EntryType::XHeader);
    builder.append_data(&mut header, "pax", record.as_bytes()).expect("it is written");
    let mut header = tar::Header::new_ustar();
    header.set_size(3);
    builder.append_data(&mut header, "short", &b"six"[..]).expect("it is written");
    let all = builder.into_inner().expect("it is ended");
    assert_eq!(whole(&all), named_members(&[(&long, b"one"), ("odd", b"two"), (&long, b"six")]));
    let torn = [&tar(&[("a", b"one")])[..1_024], b"no header, but text"].concat();
    let (members, unread) = unpacked(&LIMITS, &torn);
    assert_eq!(members, named_members(&[("a", b"one"), ("what follows", b"no header, but text")]));
    assert_eq!(unread.len(), 1);
    let mut broken = tar(&[("a", b"one")]);
    broken[0] ^= 1;
    let (members, unread) = unpacked(&LIMITS, &broken);
    assert_eq!((members.len(), members[0].0.as_str(), unread.len()), (1, "what follows", 1), "{unread:?}");
}

#[test]
fn what_only_looks_packed_within_an_archive_is_searched_as_it_is() {
    let not_packed = [&[0x1f, 0x8b, 8][..], b"\n no gzip at all, but text"].concat();
    let with_rest = [&gzip(b"hi")[..], b"and text behind it"].concat();
    let (members, unread) = unpacked(&LIMITS, &zip(&[("a.gz", &not_packed), ("b.gz", &with_rest)]));
    let expected: [(&str, &[u8]); 3] = [("a.gz", &not_packed), ("b.gz/b", b"hi"), ("b.gz", &with_rest)];
    assert_eq!((members, unread.len()), (named_members(&expected), 2));
}

#[test]
fn empty_streams_have_a_price_and_are_asked_whether_to_stop() {
    for (word, compress) in COMPRESSIONS {
        let empties = compress(b"").repeat(20_000);
        let (_, unread) = unpacked(&FEW, &empties);
        assert!(matches!(&unread[..], [Unread { why: Why::TooMuch { .. }, .. }]), "{word}: {unread:?}");
        let asked = std::cell::Cell::new(0);
        let stop = || asked.replace(asked.get() + 1) > 100;
        assert_eq!(each_within(&LIMITS, &empties, &stop, &mut |_, _| ()), [], "{word}");
        assert!(asked.get() < 200, "{word}: nobody asked again");
    }
}

#[test]
fn zstd_passes_over_frames_that_say_nothing_and_tells_of_windows_that_are_too_large() {
    let nothing = [&[0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0][..], b"abc"].concat();
    for parts in [
        [&nothing[..], &zstd(b"text"), &[]],
        [&zstd(b"text"), &nothing, &[]],
        [&nothing, &zstd(b"te"), &[&nothing[..], &zstd(b"xt")].concat()],
    ] {
        assert_eq!(whole(&parts.concat()), [(String::new(), b"text".to_vec())]);
    }
    let vast = [0x28, 0xb5, 0x2f, 0xfd, 0, 19 << 3, 1, 0, 0];
    let (_, unread) = unpacked(&LIMITS, &vast);
    assert!(matches!(&unread[..], [Unread { why: Why::TooMuch { limit }, .. }] if limit.contains("memory")), "{unread:?}");
}

#[test]
fn of_a_thousand_members_that_are_not_read_a_hundred_are_named() {
    let one = zip(&[("x", b"one")]);
    let at = memchr::memmem::find(&one, b"PK\x01\x02").expect("it has a directory");
    let mut member = one[..at].to_vec();
    member[6] |= 1;
    let (members, unread) = unpacked(&LIMITS, &member.repeat(1_000));
    assert!(members.is_empty() && unread.len() == 101, "{}", unread.len());
    assert_eq!(unread[100].why, Why::Packed { detail: "900 more of its members".into() });
}

/// The header of a member that has nothing behind it.
fn header(method: u8, flags: u8, size: u32, name: &str, extra: &[u8]) -> Vec<u8> {
    let (name_len, extra_len) = (u16::try_from(name.len()).expect("it is short"), u16::try_from(extra.len()).expect("it is short"));
    let mut header = [b"PK\x03\x04\x14\0", &[flags, 0, method, 0][..], &[0; 8]].concat();
    header.extend([size.to_le_bytes(), size.to_le_bytes()].concat());
    header.extend([name_len.to_le_bytes(), extra_len.to_le_bytes()].concat());
    [&header[..], name.as_bytes(), extra].concat()
}

#[test]
fn what_only_looks_like_a_header_hides_nothing_behind_it() {
    let behind = zip(&[("x.sh", b"one")]);
    for (method, flags) in [(99, 0), (8, 1), (0, 0), (8, 0)] {
        let stub = [b"MZ code ", &header(method, flags, 0xffff_fff0, "n", b"")[..], &behind].concat();
        let (members, _) = unpacked(&LIMITS, &stub);
        assert!(members.contains(&("x.sh".to_owned(), b"one".to_vec())), "method {method}, flags {flags}: {members:?}");
    }
}

#[test]
fn a_member_whose_size_is_said_behind_it_is_read() {
    let large = [&[1, 0, 16, 0][..], &[0; 16]].concat();
    let streamed = [&header(0, 8, u32::MAX, "-", &large)[..], b"one", b"PK\x07\x08", &[0; 16], b"PK\x05\x06", &[0; 18]].concat();
    let (members, _) = unpacked(&LIMITS, &gzip(&tar(&[("s.zip", &streamed)])));
    assert!(members.contains(&("s.zip/-".to_owned(), b"one".to_vec())), "{members:?}");
}

#[test]
fn a_program_before_a_zip_is_searched_as_well() {
    let program = [b"#!/usr/bin/env python\n", &zip(&[("x.py", b"one")])[..]].concat();
    let members = whole(&tar(&[("run.pyz", &program)]));
    assert_eq!(members, named_members(&[("run.pyz/x.py", b"one"), ("run.pyz", &program)]));
}

#[test]
fn what_is_noted_within_a_member_makes_that_no_torn_one() {
    let noise: Vec<u8> = (0..4_000u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
    let mut jar = zip(&[("closed", b"one"), ("noise", &noise)]);
    jar[6] |= 1;
    let (members, unread) = unpacked(&LIMITS, &zip(&[("app.jar", &jar)]));
    let names: Vec<&str> = members.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!((names, unread.len()), (vec!["app.jar/noise", "app.jar"], 1));
}

#[test]
fn the_size_of_a_member_is_not_that_of_its_long_name() {
    let mut builder = tar::Builder::new(Vec::new());
    let record = b"13 size=1000\n";
    let mut header = tar::Header::new_ustar();
    header.set_size(record.len() as u64);
    header.set_entry_type(tar::EntryType::XHeader);
    builder.append_data(&mut header, "pax", &record[..]).expect("it is written");
    let mut header = tar::Header::new_gnu();
    header.set_size(1_000);
    builder.append_data(&mut header, "n".repeat(200), &[b'x'; 1_000][..]).expect("it is written");
    assert_eq!(whole(&builder.into_inner().expect("it is ended")), [("n".repeat(200), vec![b'x'; 1_000])]);
}

#[test]
fn a_sparse_file_of_many_parts_is_read_at_once() {
    let content = b"KEY=one\n";
    let mut header = tar::Header::new_gnu();
    header.set_path("sparse").expect("it is short");
    header.set_size(content.len() as u64);
    header.set_entry_type(tar::EntryType::GNUSparse);
    let goes_on = [&[0; 504][..], &[1], &[0; 7]].concat();
    header.as_mut_bytes()[482] = 1;
    header.set_cksum();
    // Unpacked part by part, so many take a quarter of an hour.
    let parts = [goes_on.repeat(200_000), vec![0; 512]].concat();
    let archive = [&header.as_bytes()[..], &parts, content, &[0; 504], &tar(&[("next", b"two")])].concat();
    assert_eq!(whole(&archive), named_members(&[("sparse", content), ("next", b"two")]));
}
