use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::decode::testing::hex;

/// A stream of one component, with the samples of a scan that is coded by `scan`.
fn stream(precision: u8, height: u8, width: u8, near: u8, scan: &[u8]) -> Vec<u8> {
    let mut bytes = hex("ffd8 fff7 000b");
    bytes.extend([precision, 0, height, 0, width, 1, 1, 0x11, 0]);
    bytes.extend(hex("ffda 0008 01 01 00"));
    bytes.extend([near, 0, 0]);
    bytes.extend(scan);
    bytes.extend(hex("ffd9"));
    bytes
}

/// The example of T.87, annex H.3: four lines of four samples.
#[test]
fn the_example_of_the_recommendation() {
    let scan = hex(
        "c0 00 00 6c 80 20 8e 01 c0 00 00 57 40 00 00 6e e6 00 00 01 bc 18 00 00 05 d8 00 00 91 60",
    );
    let expected = [0, 0, 90, 74, 68, 50, 43, 205, 64, 145, 145, 145, 100, 145, 145, 145];
    assert_eq!(undo(&stream(8, 4, 4, 0, &scan), 16).unwrap(), expected[..]);
    assert!(undo(&stream(8, 4, 4, 0, &scan), 15).is_err());
    assert!(undo(&stream(8, 4, 4, 0, &scan[..20]), 16).is_err());
    let with_loss = undo(&stream(8, 4, 4, 1, &scan), 16);
    assert!(matches!(with_loss, Err(FilterError::Unknown { .. })));
}

#[test]
fn numbers_that_make_no_sense_do_no_harm() {
    for precision in [0, 1, 2, 16, 17, 255] {
        for (height, width) in [(0, 0), (0, 1), (1, 0), (255, 255)] {
            let _ = undo(&stream(precision, height, width, 0, &[0; 9]), 1 << 20);
        }
    }
}

proptest! {
    #[test]
    fn any_scan_gives_an_answer(
        precision in 2..=16_u8,
        preset in vec(any::<u16>(), 5),
        scan in vec(any::<u8>(), 0..200),
    ) {
        let mut bytes = stream(precision, 9, 9, 0, &scan);
        let preset = preset.into_iter().flat_map(u16::to_be_bytes);
        let segment = [0xff, PRESET, 0, 13, 1].into_iter().chain(preset);
        bytes.splice(15..15, segment);
        if let Ok(undone) = undo(&bytes, 200) {
            prop_assert!(undone.len() <= 200);
        }
    }
}
