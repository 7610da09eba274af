//! The doctor: looks at everything, changes nothing.

mod files;
mod process;
mod records;

use super::report::{Finding, Verdict};

pub use files::examine_files;

fn good(what: &str, detail: impl Into<Box<str>>) -> Finding {
    Finding { what: what.into(), verdict: Verdict::Good(detail.into()) }
}

fn warning(what: &str, cause: impl Into<Box<str>>, advice: &str) -> Finding {
    Finding { what: what.into(), verdict: Verdict::Warning { cause: cause.into(), advice: advice.into() } }
}

fn bad(what: &str, cause: impl Into<Box<str>>, advice: &str) -> Finding {
    Finding { what: what.into(), verdict: Verdict::Bad { cause: cause.into(), advice: advice.into() } }
}
