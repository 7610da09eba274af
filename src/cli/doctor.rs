//! `strongroom doctor`: checks everything, changes nothing.

use super::args::Unlocking;
use super::exit::Exit;
use super::{Failed, call, output, unexpected, unlock};
use crate::domain::text::sanitize;
use crate::service::{Door, Finding, Request, Response, Verdict};

pub(super) fn run(how: &Unlocking, door: &mut dyn Door) -> Result<(), Failed> {
    let locked = match unlock(door, how) {
        Err(failed) if matches!(failed.exit, Exit::Aborted | Exit::Signal(_)) => return Err(failed),
        opened => opened.err(),
    };
    if let Some(failed) = &locked {
        output::remark(&format!("Examining without opening it: {}", failed.message));
    }
    let Response::Examined(findings) = call(door, Request::Doctor)? else { return Err(unexpected()) };
    let report: String = findings.iter().map(line).collect();
    output::data(&report)?;
    let broken = findings.iter().any(|finding| matches!(finding.verdict, Verdict::Bad { .. }));
    match locked {
        _ if broken => Err(Failed::new(Exit::Damaged, "Something is broken: see above for what to do.")),
        Some(failed) => Err(failed),
        None => Ok(()),
    }
}

fn line(finding: &Finding) -> String {
    let what = sanitize(&finding.what);
    match &finding.verdict {
        Verdict::Good(detail) => format!("ok       {what}: {}\n", sanitize(detail)),
        Verdict::Warning { cause, advice } => {
            format!("warning  {what}: {}\n         {}\n", sanitize(cause), sanitize(advice))
        }
        Verdict::Bad { cause, advice } => {
            format!("BROKEN   {what}: {}\n         {}\n", sanitize(cause), sanitize(advice))
        }
    }
}
