//! Header messages: what an object header says about its object, one file a message (section
//! IV.A.2 of the specification). Each decodes the body of one message; bytes behind what a version
//! defines are padding and not read.

pub mod attribute;
pub mod attribute_info;
pub mod b_tree_k;
pub mod cache_image;
pub mod continuation;
pub mod dataspace;
pub mod datatype;
pub mod driver_info;
pub mod external_files;
pub mod file_space_info;
pub mod fill_value;
pub mod filter_pipeline;
pub mod group_info;
pub mod layout;
pub mod link;
pub mod link_info;
pub mod modification_time;
pub mod reference_count;
pub mod shared;
pub mod shared_table;
pub mod symbol_table;

/// The numbers of the message types ("Header Message Type").
pub mod kind {
    /// Space in the header that nobody uses.
    pub const NIL: u16 = 0x0000;
    /// [`Dataspace`](super::dataspace::Dataspace).
    pub const DATASPACE: u16 = 0x0001;
    /// [`LinkInfo`](super::link_info::LinkInfo).
    pub const LINK_INFO: u16 = 0x0002;
    /// [`Datatype`](super::datatype::Datatype).
    pub const DATATYPE: u16 = 0x0003;
    /// [`FillValue::decode_old`](super::fill_value::FillValue::decode_old).
    pub const FILL_VALUE_OLD: u16 = 0x0004;
    /// [`FillValue`](super::fill_value::FillValue).
    pub const FILL_VALUE: u16 = 0x0005;
    /// [`LinkMessage`](super::link::LinkMessage).
    pub const LINK: u16 = 0x0006;
    /// [`ExternalFiles`](super::external_files::ExternalFiles).
    pub const EXTERNAL_FILES: u16 = 0x0007;
    /// [`Layout`](super::layout::Layout).
    pub const LAYOUT: u16 = 0x0008;
    /// Written by tests of the reference library, to be ignored.
    pub const BOGUS: u16 = 0x0009;
    /// [`GroupInfo`](super::group_info::GroupInfo).
    pub const GROUP_INFO: u16 = 0x000a;
    /// [`FilterPipeline`](super::filter_pipeline::FilterPipeline).
    pub const FILTER_PIPELINE: u16 = 0x000b;
    /// [`AttributeMessage`](super::attribute::AttributeMessage).
    pub const ATTRIBUTE: u16 = 0x000c;
    /// A comment on the object, as a NUL-terminated string.
    pub const COMMENT: u16 = 0x000d;
    /// [`modification_time::decode_old`](super::modification_time::decode_old).
    pub const MODIFICATION_TIME_OLD: u16 = 0x000e;
    /// [`SharedTable`](super::shared_table::SharedTable).
    pub const SHARED_TABLE: u16 = 0x000f;
    /// [`Continuation`](super::continuation::Continuation).
    pub const CONTINUATION: u16 = 0x0010;
    /// [`SymbolTableMessage`](super::symbol_table::SymbolTableMessage).
    pub const SYMBOL_TABLE: u16 = 0x0011;
    /// [`modification_time::decode`](super::modification_time::decode).
    pub const MODIFICATION_TIME: u16 = 0x0012;
    /// [`BTreeK`](super::b_tree_k::BTreeK).
    pub const B_TREE_K: u16 = 0x0013;
    /// [`DriverInfo`](super::driver_info::DriverInfo).
    pub const DRIVER_INFO: u16 = 0x0014;
    /// [`AttributeInfo`](super::attribute_info::AttributeInfo).
    pub const ATTRIBUTE_INFO: u16 = 0x0015;
    /// [`reference_count::decode`](super::reference_count::decode).
    pub const REFERENCE_COUNT: u16 = 0x0016;
    /// [`FileSpaceInfo`](super::file_space_info::FileSpaceInfo).
    pub const FILE_SPACE_INFO: u16 = 0x0017;
    /// [`CacheImageMessage`](super::cache_image::CacheImageMessage).
    pub const METADATA_CACHE_IMAGE: u16 = 0x0018;

    /// What the specification calls a message of this type: for errors.
    pub const fn name(kind: u16) -> &'static str {
        match kind {
            DATASPACE => "dataspace message",
            LINK_INFO => "link info message",
            DATATYPE => "datatype message",
            FILL_VALUE_OLD => "fill value (old) message",
            FILL_VALUE => "fill value message",
            LINK => "link message",
            EXTERNAL_FILES => "external data files message",
            LAYOUT => "data layout message",
            GROUP_INFO => "group info message",
            FILTER_PIPELINE => "filter pipeline message",
            ATTRIBUTE => "attribute message",
            COMMENT => "object comment message",
            MODIFICATION_TIME_OLD => "object modification time (old) message",
            SHARED_TABLE => "shared message table message",
            CONTINUATION => "object header continuation message",
            SYMBOL_TABLE => "symbol table message",
            MODIFICATION_TIME => "object modification time message",
            B_TREE_K => "B-tree K values message",
            DRIVER_INFO => "driver info message",
            ATTRIBUTE_INFO => "attribute info message",
            REFERENCE_COUNT => "object reference count message",
            FILE_SPACE_INFO => "file space info message",
            METADATA_CACHE_IMAGE => "metadata cache image message",
            _ => "header message",
        }
    }
}
