//! The filters that are registered with The HDF Group, by number: for those that we cannot undo.

/// How to call a filter: by its number, and the name under which it is registered, else the one that
/// the file gives it.
pub(super) fn describe(id: u16, name_in_file: Option<&[u8]>) -> String {
    let registered = REGISTERED.iter().find(|(number, _)| *number == id);
    let registered = registered.map(|(_, name)| (*name).to_owned());
    let in_file = || name_in_file.map(|name| String::from_utf8_lossy(name).into_owned());
    match registered.or_else(in_file) {
        Some(name) => format!("{id} ({name})"),
        None => id.to_string(),
    }
}

const REGISTERED: [(u16, &str); 40] = [
    (1, "deflate"),
    (2, "shuffle"),
    (3, "fletcher32"),
    (4, "szip"),
    (5, "nbit"),
    (6, "scaleoffset"),
    (257, "hzip"),
    (258, "fpzip"),
    (305, "LZO"),
    (307, "bzip2"),
    (32_000, "LZF"),
    (32_001, "Blosc"),
    (32_002, "MAFISC"),
    (32_003, "Snappy"),
    (32_004, "LZ4"),
    (32_005, "APAX"),
    (32_006, "CBF"),
    (32_007, "JPEG-XR"),
    (32_008, "bitshuffle"),
    (32_009, "SPDP"),
    (32_010, "LPC-Rice"),
    (32_011, "CCSDS-123"),
    (32_012, "JPEG-LS"),
    (32_013, "ZFP"),
    (32_014, "fpzip"),
    (32_015, "Zstandard"),
    (32_016, "B³D"),
    (32_017, "SZ"),
    (32_018, "FCIDECOMP"),
    (32_019, "JPEG"),
    (32_020, "VBZ"),
    (32_021, "FAPEC"),
    (32_022, "BitGroom"),
    (32_023, "Granular BitRound"),
    (32_024, "SZ3"),
    (32_025, "Delta-Rice"),
    (32_026, "Blosc2"),
    (32_027, "FLAC"),
    (32_028, "SPERR"),
    (32_029, "TERSE/PROLIX"),
];
