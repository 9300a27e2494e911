//! From a path to the link that it names, and on to the object if that is wanted.

use std::sync::Arc;

use h5range::Link;
use h5range::decode::message::link::LinkTarget;
use h5range::walk::{Object, ObjectKind};

use super::not_found;
use crate::answers::Entity;
use crate::error::{ExplorerError, Result};
use crate::locate::{End, ExternalStep, Hops, Located};
use crate::path::{ObjectPath, lossy};
use crate::queries::Place;
use crate::session::{OpenFile, Session};

/// Where a path led.
pub(super) enum Led {
    Object(Located),
    /// To a link that was not followed, or that leads nowhere.
    Link(Entity),
}

/// Where a link leads, as far as its own file goes.
pub(super) enum Way {
    Object(Arc<Object>),
    /// Nowhere that is looked at: it is shown as a link.
    Shown(Entity),
    /// Into another file; and how it is shown if there is nothing.
    Away(Entity, ExternalStep, Hops),
}

impl Session {
    /// Follows `path`, and the link at its end if `follow_links`. Returns too whether that link was
    /// followed into another file, or would have been if that was there.
    ///
    /// # Errors
    ///
    /// When there is no such link, or the store fails.
    pub(super) async fn led(&self, path: &ObjectPath, follow_links: bool) -> Result<(Led, bool)> {
        let Some((parent_path, name)) = path.parent() else {
            return Ok((Led::Object(self.locate(&Place::Path(path.clone())).await?), false));
        };
        let name = name.as_bytes();
        let at = parent_path.prefix();
        let parent = self.locate(&Place::Path(parent_path)).await?;
        let Located { file, object: group, .. } = &parent;
        let way = async {
            if group.kind != ObjectKind::Group {
                return Err(not_found(name, &at));
            }
            let link = file.find_link(group, name).await?.ok_or_else(|| not_found(name, &at))?;
            file.way(group, &at, &link, follow_links).await
        };
        match file.drive(way).await? {
            Way::Object(object) => Ok((Led::Object(Located { object, ..parent }), false)),
            Way::Shown(entity) => Ok((Led::Link(entity), parent.other_file)),
            Way::Away(shown, step, hops) => {
                let located = self.beside(&parent).await?.follow(step, &hops).await;
                match located {
                    Ok(located) => Ok((Led::Object(located), true)),
                    Err(error) if error.code.ends_the_question() => Err(error),
                    Err(_) => Ok((Led::Link(shown), true)),
                }
            }
        }
    }

    /// A session of the file that an object was found in: external links in it name files beside
    /// that one.
    pub(super) async fn beside(&self, located: &Located) -> Result<Self> {
        match located.other_file {
            true => self.open_other(located.file.key()).await,
            false => Ok(self.clone()),
        }
    }
}

impl OpenFile {
    /// Where a link of `group` leads, whose path is `path` ("" for the root).
    ///
    /// # Errors
    ///
    /// When a hard link leads to nothing that can be read, and what ends the question.
    pub(super) async fn way<T: AsRef<[u8]>>(
        &self,
        group: &Arc<Object>,
        path: &str,
        link: &Link<T>,
        follow_links: bool,
    ) -> h5range::Result<Way> {
        let (name, hops) = (link.name.as_ref(), Hops::default());
        let (shown, end) = match &link.target {
            LinkTarget::Hard { address } => return self.object(*address).await.map(Way::Object),
            LinkTarget::Nowhere => return Err(link.leads_nowhere(group.address)),
            LinkTarget::UserDefined { .. } => return Ok(Way::Shown(Entity::Other)),
            LinkTarget::Soft { path: target } => {
                let target = target.as_ref();
                let shown = Entity::SoftLink { target: lossy(target) };
                if !follow_links {
                    return Ok(Way::Shown(shown));
                }
                (shown, self.follow_soft(group.clone(), path, name, target, &hops).await)
            }
            LinkTarget::External { file, path: target } => {
                let (file, target) = (file.as_ref(), target.as_ref());
                let (target_file, at) = (lossy(file), format!("{path}/{}", lossy(name)));
                let shown = Entity::ExternalLink { target_file, target: lossy(target) };
                if !follow_links {
                    return Ok(Way::Shown(shown));
                }
                (shown, Ok(End::External(ExternalStep::new(at, file, target))))
            }
        };
        match end {
            Ok(End::Object { object, .. }) => Ok(Way::Object(object)),
            Ok(End::External(step)) => Ok(Way::Away(shown, step, hops)),
            Err(error) if error.ends_the_question() => Err(error),
            Err(_) => Ok(Way::Shown(shown)),
        }
    }
}

impl Led {
    /// The object.
    ///
    /// # Errors
    ///
    /// [`LinkUnresolved`](crate::ErrorCode::LinkUnresolved) for a link.
    pub(super) fn object(self, path: &ObjectPath) -> Result<Located> {
        let (target, place) = match self {
            Self::Object(located) => return Ok(located),
            Self::Link(Entity::SoftLink { target }) => (target, "there is nothing"),
            Self::Link(Entity::ExternalLink { target_file, target }) => {
                (format!("{target_file}:{target}"), "there is nothing that may be read")
            }
            Self::Link(_) => (String::new(), "only its application can follow it"),
        };
        let detail = format!("{:?} leads to {target:?}, and {place}", path.to_string());
        Err(ExplorerError::new(crate::ErrorCode::LinkUnresolved, detail))
    }
}
