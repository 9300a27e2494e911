//! Elements of any datatype, with a global heap that the fuzzer made too.
#![no_main]

use std::sync::Arc;

use byte_source::MemorySource;
use futures::executor::block_on;
use h5range::decode::Address;
use h5range::decode::message::datatype::Datatype;
use h5range::decode::superblock::Superblock;
use h5range::testing::TIGHT_LIMITS;
use h5range::{Elements, Extension, File, FileHeader};
use h5scout_fuzz::{Input, cursor};
use libfuzzer_sys::fuzz_target;

/// The front of a file of version 2, but for its checksum.
const SUPERBLOCK: &[u8; 48] = b"\x89HDF\r\n\x1a\n\x02\x08\x08\0\0\0\0\0\0\0\0\0\
    \xff\xff\xff\xff\xff\xff\xff\xff\0\0\0\0\0\0\0\0\x30\0\0\0\0\0\0\0\0\0\0\0";

fuzz_target!(|data: &[u8]| {
    let mut input = Input::new(data);
    let mut superblock = Superblock::decode(SUPERBLOCK, 0).expect("a superblock");
    superblock.widths = input.widths();
    let (count, scalars_max) = (u64::from(input.number()), u64::from(input.number()));
    let (message, data, heap) = (input.part(), input.part(), input.rest());
    let Ok(datatype) = Datatype::decode(&mut cursor(&message, superblock.widths)) else { return };

    let header = FileHeader { superblock, base_address: 0, extension: Extension::default() };
    let source = Arc::new(MemorySource::new(heap));
    let file = File::with_header(source, Arc::new(header), TIGHT_LIMITS);
    let elements = Elements { datatype: &datatype, data: &data, address: Address::new(0), count };
    let values = block_on(file.drive(file.read_values(&elements, Some(scalars_max))));
    assert!(values.is_err() || values.is_ok_and(|values| values.values.len() as u64 <= count));
});
