//! `h5scout ls -R`: the whole tree of a file, group after group.

use std::collections::HashMap;
use std::io::Write;

use explorer::Place;
use explorer::answers::{Child, ChildObject, ChildrenAnswer, LinkKind};

use super::ls::{OpenGroup, Stopped, write_json};
use crate::failure::Failure;
use crate::output::{Progress, Table, child_cells, escaped};

/// Lists the group at `place` and all groups below it. A group with several hard links is listed
/// where it is met first; soft and external links are shown and not descended into.
///
/// # Errors
///
/// When a group cannot be read. One that is damaged does not keep the others from being listed.
pub(super) async fn list(
    file: &OpenGroup<'_>,
    place: Place,
    out: &mut impl Write,
) -> Result<(), Stopped> {
    let progress = Progress::new();
    let mut met = HashMap::new();
    let mut waiting = vec![(place, None)];
    let (mut failed, mut incomplete) = (None, None);
    while let Some((place, path)) = waiting.pop() {
        let group = match (file.children(place).await, path.as_deref()) {
            (Ok(group), _) => group,
            (Err(error), None) => return Err(error.into()),
            (Err(error), Some(path)) => {
                let (path, detail) = (escaped(path), escaped(&error.detail));
                progress.above(|| writeln!(out, "group  {path}/  ! {detail}"))?;
                failed.get_or_insert(error);
                continue;
            }
        };
        let path = path.or(group.path.clone()).unwrap_or_default();
        met.entry(group.address).or_insert_with(|| path.clone());
        progress.count(group.children.len(), &path);
        let path = path.trim_end_matches('/');
        let (table, below) = listed(&group, path, &mut met);
        if file.ls.json {
            progress.above(|| write_json(out, &group))?;
        } else {
            progress.above(|| table.write(out))?;
        }
        waiting.extend(below.into_iter().rev());
        if let Some(missing) = group.incomplete {
            if !file.ls.json {
                let (path, detail) = (escaped(path), escaped(&missing.detail));
                progress.above(|| writeln!(out, "group  {path}/  ! not all is here: {detail}"))?;
            }
            incomplete.get_or_insert(missing);
        }
    }
    drop(progress);
    out.flush()?;
    match failed {
        Some(error) => Err(error.into()),
        None => Ok(Failure::if_partial(&file.ls.location, incomplete.as_ref())?),
    }
}

/// The lines of a group at `path`, and the groups in it that were not met before.
fn listed(
    group: &ChildrenAnswer,
    path: &str,
    met: &mut HashMap<u64, String>,
) -> (Table, Vec<(Place, Option<String>)>) {
    let (mut table, mut below) = (Table::default(), Vec::new());
    for child in &group.children {
        let path = format!("{path}/{}", child.name);
        let [kind, mut name, cells @ ..] = child_cells(child, &path);
        if let Some((address, place)) = group_below(child) {
            match met.get(&address) {
                Some(first) => name.push_str(&format!(" (listed as {})", escaped(first))),
                None => {
                    met.insert(address, path.clone());
                    below.push((place, Some(path)));
                }
            }
        }
        table.push([kind, name].into_iter().chain(cells));
    }
    (table, below)
}

/// The address of a group that a hard link leads to, and how to ask for it.
fn group_below(child: &Child) -> Option<(u64, Place)> {
    let is_group = matches!(child.object, Some(ChildObject::Group(_)));
    let address = child.address.filter(|_| is_group && child.link == LinkKind::Hard)?;
    // By path where there is one, so that the answer knows it; a path that was just listed is valid.
    let by_path = child.path.as_deref().and_then(|path| Place::new(Some(path), None).ok());
    Some((address, by_path.unwrap_or(Place::Address(address))))
}
