//! The agent, and the lock that it keeps.

use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;

use super::Unlocking;

/// How long the vault stays open without a request: `90s`, `15m`, `8h`, `never`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Idle(pub Option<u32>);

impl FromStr for Idle {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "never" {
            return Ok(Self(None));
        }
        let wrong = "write a number and s, m or h, such as 15m, or never";
        let mut units = [('s', 1), ('m', 60), ('h', 3600)].into_iter();
        let split = units.find_map(|(unit, seconds)| Some((text.strip_suffix(unit)?, seconds)));
        let (number, seconds) = split.ok_or(wrong)?;
        let number: u32 = number.parse().map_err(|_| wrong)?;
        let seconds = number.checked_mul(seconds).filter(|seconds| *seconds <= 30 * 86_400);
        seconds.filter(|seconds| *seconds > 0).map(|seconds| Self(Some(seconds))).ok_or("between 1s and 720h")
    }
}

/// `strongroom unlock`
#[derive(Debug, Args)]
pub struct UnlockArgs {
    /// Lock again after so long without a request: 90s, 15m, 8h, never [default: what the agent was started with, else 15m]
    #[arg(long, value_name = "TIME")]
    pub idle: Option<Idle>,
    /// The passphrase.
    #[command(flatten)]
    pub unlocking: Unlocking,
}

/// `strongroom status`
#[derive(Debug, Args)]
pub struct StatusArgs {
    /// As JSON, for scripts
    #[arg(long)]
    pub json: bool,
}

/// `strongroom agent`
#[derive(Debug, Args)]
pub struct AgentArgs {
    /// Lock the vault after so long without a request: 90s, 15m, 8h, never
    #[arg(long, value_name = "TIME", default_value = "15m")]
    pub idle: Idle,
    /// Append events to F: times, processes and what they asked for, no names and no values
    #[arg(long, value_name = "F")]
    pub log: Option<PathBuf>,
    /// Serve several users of this machine: each signs in as the member that strongroom member bind has bound to them
    #[arg(long, conflicts_with = "spawned")]
    pub system: bool,
    /// Where their socket is [default: $STRONGROOM_SOCKET_DIR, else /run/strongroom]
    #[arg(long, value_name = "DIR", requires = "system")]
    pub socket_dir: Option<PathBuf>,
    /// A command started it: it leaves the terminal, and ends when nobody needs it any more.
    #[arg(long, hide = true)]
    pub spawned: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_units() {
        let read = |text: &str| text.parse::<Idle>().map(|idle| idle.0);
        assert_eq!(read("90s"), Ok(Some(90)));
        assert_eq!(read("15m"), Ok(Some(900)));
        assert_eq!(read("8h"), Ok(Some(28_800)));
        assert_eq!(read("never"), Ok(None));
        for wrong in ["", "15", "m", "-1m", "0s", "1d", "1.5h", "721h", "4294967295h", "15mm"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
