//! What can be told of this process: how well its keys are guarded.

use std::io;

use super::{good, warning};
use crate::host::memory::{Protection, protection};
use crate::vault::report::Finding;

/// Whether keys can get into the swap.
pub(super) fn memory() -> Finding {
    judged(protection())
}

fn judged(protection: Protection) -> Finding {
    let what = "memory";
    match protection {
        Protection::Locked => good(what, "keys are locked in RAM, and in no dump"),
        Protection::Swappable(why) => warning(
            what,
            format!("keys may get into the swap: {}", io::Error::from(why)),
            "Let more memory be locked: ulimit -l 64, or LimitMEMLOCK=64K in a unit; or encrypt the swap.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vault::report::Verdict;

    #[test]
    fn keys_that_may_be_swapped_out_are_a_warning() {
        let Verdict::Warning { cause, advice } = judged(Protection::Swappable(io::ErrorKind::OutOfMemory)).verdict
        else {
            panic!("no warning")
        };
        assert!(cause.contains("swap") && advice.contains("ulimit -l"), "{cause} {advice}");
        assert!(matches!(judged(Protection::Locked).verdict, Verdict::Good(_)));
    }
}
