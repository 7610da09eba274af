//! `strongroom doctor`: checks everything; changes something only when asked to.

use super::args::DoctorArgs;
use super::credential::Wanted;
use super::exit::Exit;
use super::{Failed, PASSPHRASE, PROOF, call, check_there, credential, output, status, tell, unexpected};
use crate::domain::text::sanitize;
use crate::service::{
    Credential, Door, Finding, OpenReport, Repaired, Request, Response, StoreTrouble, VaultStatus, Verdict,
};

pub(super) fn run(args: &DoctorArgs, door: &mut dyn Door) -> Result<(), Failed> {
    check_there(door)?;
    let is_open = matches!(status(door)?, VaultStatus::Unlocked(_));
    if is_open && !args.repair && !args.accept_older {
        return tell_findings(&look(door, None)?);
    }
    let (findings, credential) = examine(args, if is_open { PROOF } else { PASSPHRASE }, door)?;
    if args.repair || args.accept_older {
        output::data(&lines(&findings))?;
        return put_right(args, credential?, door);
    }
    tell_findings(&findings)?;
    credential.map(drop)
}

/// Says what was found, and fails when something is broken.
fn tell_findings(findings: &[Finding]) -> Result<(), Failed> {
    output::data(&lines(findings))?;
    if findings.iter().any(|finding| matches!(finding.verdict, Verdict::Bad { .. })) {
        return Err(Failed::new(Exit::Damaged, "Something is broken: see above for what to do."));
    }
    Ok(())
}

fn lines(findings: &[Finding]) -> String {
    findings.iter().map(line).collect()
}

/// What was found, and what opens the vault or why it cannot be opened: then only its files were examined.
fn examine(
    args: &DoctorArgs,
    wanted: Wanted,
    door: &mut dyn Door,
) -> Result<(Vec<Finding>, Result<Credential, Failed>), Failed> {
    let opened = credential::unlocking(&args.unlocking, wanted)
        .and_then(|credential| Ok((look(door, Some(credential.clone()))?, credential)));
    match opened {
        Ok((findings, credential)) => Ok((findings, Ok(credential))),
        Err(failed) if matches!(failed.exit, Exit::Aborted | Exit::Signal(_)) => Err(failed),
        Err(failed) => {
            output::remark(&format!("Examining without opening it: {}", failed.message));
            Ok((look(door, None)?, Err(failed)))
        }
    }
}

fn look(door: &mut dyn Door, credential: Option<Credential>) -> Result<Vec<Finding>, Failed> {
    match call(door, Request::Doctor(credential))? {
        Response::Examined(findings) => Ok(findings),
        _ => Err(unexpected()),
    }
}

/// Opens the vault, which removes what is left over, and does what was asked about the trouble that it is in.
fn put_right(args: &DoctorArgs, credential: Credential, door: &mut dyn Door) -> Result<(), Failed> {
    let report = report(call(door, Request::Unlock(credential))?)?;
    let request = match &report.trouble {
        Some(StoreTrouble::Damaged { .. }) if args.repair => Request::Repair,
        None if args.repair && !report.tampered.is_empty() => Request::Repair,
        Some(StoreTrouble::RolledBack { .. }) if args.accept_older => Request::AcceptRollback,
        Some(_) => {
            tell(&report);
            return Err(Failed::new(
                Exit::Damaged,
                "That is not what was asked to be put right: see strongroom doctor --help.",
            ));
        }
        None => {
            tell(&report);
            output::remark("The vault is whole: there was nothing else to repair.");
            return Ok(());
        }
    };
    let done = report_of(door, request)?;
    match done.repaired {
        Some(repaired) => output::remark(&told(repaired)),
        None => output::remark("Accepted: this is the state of the vault now."),
    }
    tell(&done);
    Ok(())
}

fn report_of(door: &mut dyn Door, request: Request) -> Result<OpenReport, Failed> {
    report(call(door, request)?)
}

fn report(answer: Response) -> Result<OpenReport, Failed> {
    match answer {
        Response::Unlocked { report, .. } => Ok(report),
        _ => Err(unexpected()),
    }
}

fn told(Repaired { whole, brought_back, lost }: Repaired) -> String {
    format!(
        "Repaired: {whole} secrets were whole, {brought_back} are back from a copy, {lost} are lost. The damaged store is kept \
         in the vault's directory, as damaged-…."
    )
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
