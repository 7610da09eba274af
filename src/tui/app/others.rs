//! For tests: what another session does to the demo.

use std::sync::Arc;

use crate::domain::{Change, Header, PartChange, Stamp, Timestamp};
use crate::service::{News, Request, Target};
use crate::tui::harness::{Harness, START};

/// The header that is called `name`.
#[track_caller]
pub(in crate::tui) fn header(h: &Harness, name: &str) -> Arc<Header> {
    let headers = &h.app().shared().headers;
    headers.iter().find(|header| &*header.name == name).unwrap_or_else(|| panic!("no {name}")).clone()
}

/// The news that Bo changed the secret called `name`, two minutes ago.
#[track_caller]
pub(in crate::tui) fn changed(h: &Harness, name: &str, change: impl FnOnce(&mut Header)) -> News {
    let mut header = (*header(h, name)).clone();
    header.revision += 1;
    header.modified = Stamp { at: Timestamp(START - 120), by: "Bo Lind".into() };
    change(&mut header);
    News::Changed(vec![Arc::new(header)])
}

/// Tells these news.
#[track_caller]
pub(in crate::tui) fn news(h: &mut Harness, name: &str, change: impl FnOnce(&mut Header)) {
    let news = changed(h, name, change);
    h.news(news);
}

/// Deactivates the secret behind the screens, which do not hear of it.
#[track_caller]
pub(in crate::tui) fn deactivated(h: &mut Harness, name: &str) {
    let Header { id, revision, .. } = *header(h, name);
    h.door().call(Request::Deactivate(Target { id, revision }), &|_| {}).unwrap();
}

/// Edits the secret behind the screens, which do not hear of it.
#[track_caller]
pub(in crate::tui) fn edited(h: &mut Harness, name: &str, edit: impl FnOnce(&mut Change)) {
    let known = header(h, name);
    let listed = h.door().call(Request::Details(known.id.into()), &|_| {}).unwrap();
    let crate::service::Response::Details(details) = listed else { panic!("no details") };
    let header = details.header;
    let mut change = Change {
        name: header.name.clone(),
        public: header.public.clone(),
        parts: header.parts.iter().map(|part| (part.name.clone(), PartChange::Keep)).collect(),
        expires: header.expires,
        not_before: header.not_before,
        write_only: header.write_only,
        encrypted_key: header.encrypted_key,
    };
    edit(&mut change);
    h.door().call(Request::Edit { id: header.id, revision: header.revision, change }, &|_| {}).unwrap();
}
