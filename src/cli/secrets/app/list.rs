//! `strongroom app list`.

use std::borrow::Cow;
use std::sync::Arc;

use super::{Told, applications, headers};
use crate::cli::args::AppListArgs;
use crate::cli::table::table;
use crate::cli::{Failed, output, unlock};
use crate::domain::Application;
use crate::service::Door;

pub(super) fn run(args: &AppListArgs, door: &mut dyn Door) -> Result<(), Failed> {
    unlock(door, &args.unlocking)?;
    let applications = applications(door)?;
    if !args.json {
        return output::data(&text(&applications));
    }
    let headers = headers(door)?;
    let told: Vec<Told<'_>> = applications.iter().map(|application| Told::of(application, &headers)).collect();
    output::data(&output::json(&told))
}

fn text(applications: &[Arc<Application>]) -> String {
    let row = |application: &Arc<Application>| -> [Cow<'_, str>; 3] {
        [
            application.name.to_string().into(),
            application.bindings.len().to_string().into(),
            application.description.to_string().into(),
        ]
    };
    let rows: Vec<_> = applications.iter().map(row).collect();
    table(["Application", "Fields", "Description"], &rows)
}
