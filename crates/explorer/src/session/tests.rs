use std::ops::Range;
use std::path::Path;

use byte_source::testing::CountingSource;
use byte_source::{MemorySource, SourceError};
use bytes::Bytes;
use futures::future::{BoxFuture, join_all};
use h5range::decode::message::link::LinkTarget;

use super::*;

/// Answers after everybody else had a turn, as a store does.
struct FarSource(MemorySource);

impl ByteSource for FarSource {
    fn size_bytes(&self) -> u64 {
        self.0.size_bytes()
    }

    fn read_many<'a>(
        &'a self,
        ranges: &'a [Range<u64>],
    ) -> BoxFuture<'a, Result<Vec<Bytes>, SourceError>> {
        tokio::task::yield_now().then(|()| self.0.read_many(ranges)).boxed()
    }
}

struct Fixture {
    source: Arc<CountingSource<FarSource>>,
    caches: Caches,
}

impl Fixture {
    fn of(path: &str) -> Self {
        Self::with(bytes_of(path))
    }

    fn with(bytes: Vec<u8>) -> Self {
        let source = Arc::new(CountingSource::new(FarSource(MemorySource::new(bytes))));
        Self { source, caches: Caches::new(1 << 20) }
    }

    /// A question of its own.
    async fn open(&self) -> OpenFile {
        let version = FileVersion { key: "file".to_owned(), etag: "1".to_owned() };
        let (source, caches) = (self.source.clone(), self.caches.clone());
        OpenFile::open(source, version, caches, Limits::default()).await.unwrap()
    }
}

fn bytes_of(path: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    std::fs::read(folder.join(path)).unwrap()
}

async fn child(file: &OpenFile, name: &str) -> Arc<Object> {
    let child = async {
        let root = file.object(file.file.root()).await?;
        let link = file.find_link(&root, name.as_bytes()).await?.unwrap();
        let LinkTarget::Hard { address } = link.target else { unreachable!("a hard link") };
        file.object(address).await
    };
    file.drive(child).await.unwrap()
}

#[tokio::test]
async fn questions_at_the_same_time_read_the_links_of_a_group_once() {
    for path in ["groups/wide_earliest.h5", "groups/wide_latest.h5"] {
        let fixture = Fixture::of(path);
        let group = child(&fixture.open().await, "wide").await;
        let files = join_all((0..5).map(|_| fixture.open())).await;
        let ranges = fixture.source.ranges();
        let alone = files[0].drive(files[0].file.links(&group)).await.unwrap();
        let expected = fixture.source.ranges() - ranges;
        let asked = files.iter().map(|file| file.links_once(&group));
        for links in join_all(asked).await {
            assert_eq!(*links.unwrap(), alone);
        }
        assert_eq!(fixture.source.ranges() - ranges, 2 * expected, "{path}");
    }
}

#[tokio::test]
async fn who_has_spent_his_budget_takes_the_links_from_nobody_else() {
    let fixture = Fixture::of("groups/wide_latest.h5");
    let group = child(&fixture.open().await, "wide").await;
    let version = FileVersion { key: "file".to_owned(), etag: "1".to_owned() };
    let limits = Limits { decoded_bytes: 1, ..Limits::default() };
    let (source, caches) = (fixture.source.clone(), fixture.caches.clone());
    let poor = OpenFile::open(source, version, caches, limits).await.unwrap();
    let other = fixture.open().await;
    // The poor one comes first, and the others wait for what it reads.
    let asked = [&poor, &poor, &other, &other].map(|file| file.links_once(&group));
    let [first, second, third, fourth] = join_all(asked).await.try_into().unwrap();
    for links in [first, second] {
        assert_eq!(links.unwrap_err().code, ErrorCode::LimitReached);
    }
    assert_eq!(third.unwrap().len(), fourth.unwrap().len());
}

#[tokio::test]
async fn whether_a_damaged_name_is_found_does_not_depend_on_the_listing_of_its_group() {
    let sound = Fixture::of("groups/wide_earliest.h5").open().await;
    let group = child(&sound, "wide").await;
    assert!(sound.links_once(&group).await.unwrap().are_in_place());
    let mut bytes = bytes_of("groups/wide_earliest.h5");
    let at = bytes.windows(9).position(|window| window == b"name_0701").unwrap();
    bytes[at] = b'z';
    let fixture = Fixture::with(bytes);
    let file = fixture.open().await;
    let group = child(&file, "wide").await;
    let find = async |name: &[u8]| file.drive(file.find_link(&group, name)).await.unwrap();
    let (damaged, other) = (find(b"zame_0701").await, find(b"name_0702").await);
    let links = file.links_once(&group).await.unwrap();
    assert_eq!((links.named(b"zame_0701").count(), links.are_in_place()), (1, false));
    assert_eq!((find(b"zame_0701").await, find(b"name_0702").await), (damaged, other));
}

#[tokio::test]
async fn one_question_keeps_no_more_objects_than_a_page_has() {
    let fixture = Fixture::of("ordinary/earliest.h5");
    let file = fixture.open().await;
    let entry = child(&file, "entry").await;
    let group = file.drive(file.find_link(&entry, b"scalars")).await.unwrap().unwrap();
    let LinkTarget::Hard { address } = group.target else { unreachable!("a hard link") };
    let group = file.drive(file.object(address)).await.unwrap();
    let links = file.links_once(&group).await.unwrap();
    let read = async |file: &OpenFile| {
        let ranges = fixture.source.ranges();
        for link in links.iter() {
            let LinkTarget::Hard { address } = link.target else { continue };
            file.drive(file.object(address)).await.unwrap();
        }
        usize::try_from(fixture.source.ranges() - ranges).unwrap()
    };
    let frugal = OpenFile { kept_objects_left: Arc::new(3.into()), ..fixture.open().await };
    assert_eq!(read(&frugal).await, links.len());
    assert_eq!(read(&fixture.open().await).await, links.len() - 3);
    assert_eq!(read(&fixture.open().await).await, 0);
}
