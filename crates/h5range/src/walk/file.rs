//! Opening a file: its signature, superblock and superblock extension (specification II.A, II.C).

use std::future::Future;
use std::sync::Arc;

use byte_source::ByteSource;
use futures::future::join_all;

use crate::budget::{Budget, Limits};
use crate::decode::cache_image::CacheImage;
use crate::decode::message::b_tree_k::BTreeK;
use crate::decode::message::cache_image::CacheImageMessage;
use crate::decode::message::driver_info::DriverInfo;
use crate::decode::message::file_space_info::FileSpaceInfo;
use crate::decode::message::kind;
use crate::decode::message::shared_table::SharedTable;
use crate::decode::shared_message_table::SharedMessageIndexes;
use crate::decode::superblock::{SIGNATURE, SUPERBLOCK_BYTES_MAX, Superblock, signature_positions};
use crate::decode::{Address, Widths};
use crate::error::{Error, Result};
use crate::walk::Reader;

/// Bytes of the first ask: the signature may stand at 0, 512, 1024 and 2048 in it.
const FIRST_ASK_BYTES: u64 = 4096;

/// Bytes asked for a driver information block: that of the multi driver, with names of files in
/// it, has a few hundred.
const DRIVER_INFO_BYTES: u64 = 1024;

/// One question to one version of one file.
///
/// What the superblock says ([`FileHeader`]) never changes within a version, so it can be kept and
/// given to later questions ([`File::with_header`]); the budget belongs to the question.
pub struct File {
    reader: Reader,
    header: Arc<FileHeader>,
}

/// What the superblock and its extension say of a file. Immutable for one version of the file.
#[derive(Debug, Clone, PartialEq)]
pub struct FileHeader {
    /// The superblock as it stands in the file.
    pub superblock: Superblock,
    /// Where address 0 is, in bytes from the start of the object: the size of the user block.
    pub base_address: u64,
    /// The superblock extension.
    pub extension: Extension,
}

/// The messages of the superblock extension. A message that cannot be read is absent here and its
/// error in `error`: it concerns only what needs that message.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Extension {
    /// How the file manages its space.
    pub file_space_info: Option<FileSpaceInfo>,
    /// The driver that wrote the file, where it is not the default one.
    pub driver_info: Option<DriverInfo>,
    /// K values of B-trees, where they are not the default ones.
    pub b_tree_k: Option<BTreeK>,
    /// Where shared object header messages are kept.
    pub shared_messages: SharedMessageIndexes,
    /// The newest metadata, where the writer did not put it in its places.
    pub cache_image: Option<Arc<CacheImage>>,
    /// Why some of the extension is missing here.
    pub error: Option<Error>,
}

/// The largest metadata cache image that is read, since it is kept as long as the file is known.
/// The library's cache grows to 32 MiB unless it is told otherwise.
const CACHE_IMAGE_BYTES_MAX: u64 = 64 << 20;

impl File {
    /// Finds the superblock and reads it with its extension.
    ///
    /// Waves: one, where the signature is within the first 2 KiB; one more for user blocks larger
    /// than that, one for a driver information block or for a superblock extension, one for a
    /// metadata cache image and one for a shared message table.
    ///
    /// # Errors
    ///
    /// [`Error::NotHdf5`] where there is no signature; errors of the superblock itself, and of a
    /// metadata cache image, without which all that is read may be old.
    pub async fn open(source: Arc<dyn ByteSource>, limits: Limits) -> Result<Self> {
        let finder = Reader::new(Arc::clone(&source), 0, Widths::EIGHT, limits);
        let (base_address, superblock) = finder.drive(find_superblock(&finder)).await?;
        let header = FileHeader { superblock, base_address, extension: Extension::default() };
        let mut file = Self::with_header(source, Arc::new(header), limits);
        if let Some(address) = file.header.superblock.driver_info {
            let extension = file.drive(read_driver_info(&file, address)).await?;
            file.header = Arc::new(FileHeader { extension, ..(*file.header).clone() });
        }
        if let Some(address) = file.header.superblock.extension {
            let (mut extension, table) = file.drive(read_extension(&file, address)).await?;
            file.reader = file.reader.with_cache_image(extension.cache_image.clone());
            if let Some(table) = table {
                match file.drive(read_shared_message_table(&file, &table)).await {
                    Ok(indexes) => extension.shared_messages = indexes,
                    Err(error) if error.ends_the_question() => return Err(error),
                    Err(error) => extension.error = Some(error),
                }
            }
            file.header = Arc::new(FileHeader { extension, ..(*file.header).clone() });
        }
        Ok(file)
    }

    /// A question to a file whose superblock is known. Makes no request.
    pub fn with_header(
        source: Arc<dyn ByteSource>,
        header: Arc<FileHeader>,
        limits: Limits,
    ) -> Self {
        let widths = header.superblock.widths;
        let image = header.extension.cache_image.clone();
        let reader = Reader::new(source, header.base_address, widths, limits);
        Self { reader: reader.with_cache_image(image), header }
    }

    /// The same, as a part of the question that `other` is: what it spends, that one has spent.
    #[must_use]
    pub fn with_budget_of(self, other: &Self) -> Self {
        Self { reader: self.reader.with_budget_of(&other.reader), ..self }
    }

    /// What the superblock says; to be kept for [`File::with_header`].
    pub fn header(&self) -> &Arc<FileHeader> {
        &self.header
    }

    /// Address of the root group's object header.
    pub fn root(&self) -> Address {
        self.header.superblock.root
    }

    /// Runs `question`; all walkers in it share their waves.
    ///
    /// # Errors
    ///
    /// What `question` answers, or [`Error::Limit`] when its waves are spent.
    pub async fn drive<T>(&self, question: impl Future<Output = Result<T>>) -> Result<T> {
        self.reader.drive(question).await
    }

    /// What this question may still spend.
    pub fn budget(&self) -> &Budget {
        self.reader.budget()
    }

    pub(crate) fn reader(&self) -> &Reader {
        &self.reader
    }

    /// What tells it from other files, as long as it is kept: questions to the same source have the
    /// same.
    pub(crate) fn source_id(&self) -> SourceId {
        self.reader.source_id()
    }
}

/// See [`File::source_id`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct SourceId(pub(super) usize);

impl FileHeader {
    /// Half the number of children that a node of an old group's B-tree has room for.
    pub(crate) fn group_internal_k(&self) -> u16 {
        self.k().group_internal
    }

    /// Half the number of entries that a symbol table node has room for.
    pub(crate) fn group_leaf_k(&self) -> u16 {
        self.k().group_leaf
    }

    /// Half the number of children that a node of a dataset's version 1 B-tree has room for.
    pub(crate) fn indexed_storage_k(&self) -> u16 {
        self.k().indexed_storage_internal
    }

    /// Memory that this takes, in bytes: for caches.
    pub fn size_bytes(&self) -> usize {
        size_of::<Self>()
            + self.extension.cache_image.as_ref().map_or(0, |image| image.size_bytes())
    }

    fn k(&self) -> &BTreeK {
        self.extension.b_tree_k.as_ref().unwrap_or(&self.superblock.k)
    }
}

/// The base address and the superblock there. The superblock's own base address is where its
/// writer meant it to be; a user block may have been put before the file since, so the place
/// where it was found counts, as for libhdf5.
async fn find_superblock(finder: &Reader) -> Result<(u64, Superblock)> {
    let size_bytes = finder.size_bytes();
    if size_bytes == 0 {
        return Err(Error::NotHdf5);
    }
    let start = Address::new(0);
    let head = finder.ask_up_to(start, FIRST_ASK_BYTES, "superblock").await?;
    let (near, far): (Vec<u64>, Vec<u64>) = signature_positions(size_bytes)
        .partition(|place| place + SUPERBLOCK_BYTES_MAX <= FIRST_ASK_BYTES);
    for place in near {
        let here = usize::try_from(place).ok().and_then(|place| head.get(place..));
        if let Some(here) = here.filter(|here| here.starts_with(&SIGNATURE)) {
            return decode_superblock(here, place);
        }
    }
    let asks = far
        .iter()
        .map(|&place| finder.ask_up_to(Address::new(place), SUPERBLOCK_BYTES_MAX, "superblock"));
    for (place, answer) in far.iter().zip(join_all(asks).await) {
        let here = answer?;
        if here.starts_with(&SIGNATURE) {
            return decode_superblock(&here, *place);
        }
    }
    Err(Error::NotHdf5)
}

fn decode_superblock(bytes: &[u8], place: u64) -> Result<(u64, Superblock)> {
    Ok((place, Superblock::decode(bytes, place)?))
}

/// What superblocks of versions 0 and 1 have in place of an extension.
async fn read_driver_info(file: &File, address: Address) -> Result<Extension> {
    const STRUCTURE: &str = "driver information block";
    let reader = file.reader();
    let mut extension = Extension::default();
    let block = async {
        let bytes = reader.ask_up_to(address, DRIVER_INFO_BYTES, STRUCTURE).await?;
        DriverInfo::decode_block(&mut reader.cursor(&bytes, STRUCTURE, address)).map(Some)
    };
    extension.driver_info = keep(&mut extension.error, block.await);
    match extension.error {
        Some(error) if error.ends_the_question() => Err(error),
        _ => Ok(extension),
    }
}

/// The extension, and where its shared message table is: that is metadata like any other, which
/// the image may hold, while the extension's own header stands in its place.
async fn read_extension(file: &File, address: Address) -> Result<(Extension, Option<SharedTable>)> {
    let mut extension = Extension::default();
    let header = match file.object_header(address).await {
        Ok(header) => header,
        Err(error) if error.ends_the_question() => return Err(error),
        Err(error) => return Ok((Extension { error: Some(error), ..extension }, None)),
    };
    extension.error = header.damage().cloned();
    let errors = &mut extension.error;
    // As for libhdf5, what a writer may have managed otherwise since is not said at all.
    let space = header.messages(kind::FILE_SPACE_INFO).find(|message| !message.may_be_outdated);
    let space = space.map(|message| message.decode(header.widths, FileSpaceInfo::decode));
    extension.file_space_info = keep(errors, space.transpose());
    extension.driver_info = keep(errors, header.decode(kind::DRIVER_INFO, DriverInfo::decode));
    extension.b_tree_k = keep(errors, header.decode(kind::B_TREE_K, BTreeK::decode));
    let table = keep(errors, header.decode(kind::SHARED_TABLE, SharedTable::decode));
    if let Some(message) = header.decode(kind::METADATA_CACHE_IMAGE, CacheImageMessage::decode)? {
        extension.cache_image = read_cache_image(file, &message).await?;
        let damage = extension.cache_image.as_ref().and_then(|image| image.damage.clone());
        extension.error = damage.or(extension.error);
    }
    Ok((extension, table))
}

async fn read_cache_image(
    file: &File,
    message: &CacheImageMessage,
) -> Result<Option<Arc<CacheImage>>> {
    const STRUCTURE: &str = "metadata cache image";
    let Some(address) = message.image else { return Ok(None) };
    if message.size_bytes > CACHE_IMAGE_BYTES_MAX {
        let detail = format!("{} bytes, more than {CACHE_IMAGE_BYTES_MAX}", message.size_bytes);
        return Err(Error::malformed(STRUCTURE, address, detail));
    }
    let reader = file.reader();
    let bytes = reader.ask(address, message.size_bytes, STRUCTURE).await?;
    let image = CacheImage::decode(reader.cursor(&bytes, STRUCTURE, address))?;
    Ok(Some(Arc::new(image)))
}

/// The message, or its error put where the extension's errors go.
fn keep<T>(errors: &mut Option<Error>, message: Result<Option<T>>) -> Option<T> {
    match message {
        Ok(message) => message,
        Err(error) => {
            *errors = Some(error);
            None
        }
    }
}

async fn read_shared_message_table(
    file: &File,
    table: &SharedTable,
) -> Result<SharedMessageIndexes> {
    const STRUCTURE: &str = "shared object header message table";
    let reader = file.reader();
    let length = SharedMessageIndexes::encoded_bytes(table.index_count, reader.widths());
    let bytes = reader.ask(table.address, length, STRUCTURE).await?;
    let mut cursor = reader.cursor(&bytes, STRUCTURE, table.address);
    SharedMessageIndexes::decode(&mut cursor, table.index_count)
}
