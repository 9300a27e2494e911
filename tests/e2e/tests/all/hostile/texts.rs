//! Texts that should mean nothing, and ways to write them.

use fastrand::Rng;

/// Keys that name something beside what is served, something else altogether, or nothing.
const KEYS: [&str; 34] = [
    "../canary.h5",
    "../canary.txt",
    "../",
    "..",
    ".",
    "./a.h5",
    "a.h5/../../canary.h5",
    "runs/../../canary.txt",
    "runs/../a.h5",
    "../../../../../../../../etc/passwd",
    "/etc/passwd",
    "//etc/passwd",
    "file:///etc/passwd",
    "/proc/self/environ",
    "link_out.h5",
    "link_out.txt",
    "link_up/canary.h5",
    "link_up/served/a.h5",
    "link_up/",
    "..\\canary.h5",
    "C:\\Windows\\win.ini",
    "s3://other/a.h5",
    "http://169.254.169.254/latest/meta-data",
    "~/.ssh/id_rsa",
    "$HOME/a.h5",
    "`id`",
    "%s%n%x",
    "a.h5",
    "runs/b c.h5",
    "pointers.h5",
    "a.h5/children",
    "a.h5\0.txt",
    "a.h5\r\nx-injected: yes",
    "\u{202e}5h.a\u{1b}[31m<script>alert(1)</script>",
];

/// Paths in a file, some of which lead elsewhere.
const PATHS: [&str; 16] = [
    "/",
    "/entry",
    "/../../canary.h5",
    "/entry/../../..",
    "/.",
    "//entry///data//",
    "/there",
    "/out_of_the_root",
    "/absolute_path",
    "/loop",
    "/not_hdf5",
    "/missing_file/x",
    "entry",
    "",
    "/entry\0/data",
    "/\u{feff}entry\n\u{1b}[2J",
];

/// Values that are no numbers, or not the right ones.
const NUMBERS: [&str; 20] = [
    "-1",
    "0",
    "1",
    "50000",
    "100000",
    "18446744073709551615",
    "18446744073709551616",
    "-9223372036854775808",
    "99999999999999999999999999999999999999",
    "NaN",
    "Infinity",
    "1e9",
    "1.5",
    "0x10",
    "+1",
    " 1",
    "١٢٣",
    "true",
    "",
    "null",
];

/// A key, a path or a number, each as likely as the others of its kind.
pub(super) fn key(rng: &mut Rng) -> String {
    long_sometimes(rng, &KEYS)
}

pub(super) fn path(rng: &mut Rng) -> String {
    long_sometimes(rng, &PATHS)
}

pub(super) fn number(rng: &mut Rng) -> &'static str {
    one_of(rng, &NUMBERS)
}

pub(super) fn one_of<T: Copy>(rng: &mut Rng, choices: &[T]) -> T {
    choices[rng.usize(..choices.len())]
}

/// Any bytes.
pub(super) fn noise(rng: &mut Rng, length_max: usize) -> Vec<u8> {
    (0..rng.usize(..length_max)).map(|_| rng.u8(..)).collect()
}

/// `text` in one of the spellings that a careless server would take for the same.
pub(super) fn spelled(rng: &mut Rng, text: &str) -> String {
    let all = |text: &str| text.bytes().map(|byte| format!("%{byte:02x}")).collect::<String>();
    match rng.u8(..10) {
        0 => text.chars().filter(|letter| letter.is_ascii_graphic()).collect(),
        1 => all(text),
        2 => all(&all(text)),
        3 => escaped(text).replace('.', "%2e").replace('/', "%2F"),
        4 => escaped(text).replace('.', "%252e").replace('/', "%252f"),
        5 => escaped(text).replace("../", "..%5c"),
        // Longer than UTF-8 allows: a dot and a slash in two bytes, and a slash in three.
        6 => escaped(text).replace('.', "%c0%ae").replace('/', "%c0%af"),
        7 => escaped(text).replace('/', "%e0%80%af"),
        8 => escaped(text).replace("..", "%ef%bc%8e%ef%bc%8e").replace('/', "%ef%bc%8f"),
        _ => escaped(text),
    }
}

/// As an ordinary client writes it.
fn escaped(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/.-_~".contains(&byte);
    text.bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

fn long_sometimes(rng: &mut Rng, texts: &[&str]) -> String {
    let text = one_of(rng, texts);
    match rng.u8(..16) {
        0 => format!("{}{text}", "../".repeat(rng.usize(..300))),
        1 => format!("{text}{}", "/a".repeat(rng.usize(..2_000))),
        2 => "x".repeat(rng.usize(..20_000)),
        _ => text.to_owned(),
    }
}
