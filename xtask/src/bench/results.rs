//! `benches/RESULTS.md`: each task that measures owns one section of it and leaves the others as they are.

use crate::process::{self, Done};
use std::fs;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

const HEAD: &str = "# What it costs\n\n\
Written by `cargo xtask bench peers`, `cargo xtask bench words` and `cargo xtask bench scale`; do not edit. Take ratios from one run, and not absolute figures:\n\
machines differ, and repeats on a shared one vary. A ratio under 1.5 is a tie.\n";

/// Where data, environments and results of single runs are kept.
pub(crate) fn folder() -> PathBuf {
    process::target_dir().join("bench")
}

/// Writes a chart beside the results.
pub(crate) fn chart(name: &str, svg: &str) -> Done {
    let path = process::root().join("benches").join(name);
    fs::write(&path, svg).map_err(|error| format!("cannot write {}: {error}", path.display()))
}

/// Replaces one section of the results, or adds it at the end.
pub(crate) fn section(name: &str, text: &str) -> Done {
    let path = process::root().join("benches/RESULTS.md");
    let (begin, end) = (format!("<!-- {name} -->\n"), format!("<!-- end of {name} -->\n"));
    let whole = fs::read_to_string(&path).unwrap_or_else(|_| HEAD.to_owned());
    let new = format!("{begin}{}\n{end}", text.trim_end());
    let whole = match (whole.find(&begin), whole.find(&end)) {
        (Some(from), Some(to)) if from < to => {
            format!("{}{new}{}", &whole[..from], &whole[to + end.len()..])
        }
        _ => format!("{}\n\n{new}", whole.trim_end()),
    };
    fs::write(&path, whole).map_err(|error| format!("cannot write {}: {error}", path.display()))
}

/// The machine and the day, in one line, and a warning where the machine has other things to do.
pub(crate) fn circumstances() -> String {
    let cpu = read_field("/proc/cpuinfo", "model name").unwrap_or_else(|| std::env::consts::ARCH.into());
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let memory = read_field("/proc/meminfo", "MemTotal")
        .and_then(|text| text.split(' ').next()?.parse::<u64>().ok())
        .map_or(String::new(), |kib| format!(", {} GiB", kib.div_ceil(1 << 20)));
    let compiler = output("rustc", &["--version"]).unwrap_or_default();
    let compiler = compiler.split(' ').take(2).collect::<Vec<_>>().join(" ");
    let mut text =
        format!("{}, {cores} cores{memory}, {}, {compiler}, {}.", cpu, std::env::consts::OS, today());
    if let Some(load) = load().filter(|load| *load > 0.5) {
        text.push_str(&format!(
            " **The machine was busy when this began (load {load:.1}): these figures are not final.**"
        ));
    }
    text
}

/// How many programs wanted to run over the last minute, where the system tells.
pub(crate) fn load() -> Option<f64> {
    fs::read_to_string("/proc/loadavg").ok()?.split(' ').next()?.parse().ok()
}

fn read_field(path: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

fn output(program: &str, arguments: &[&str]) -> Option<String> {
    let output = process::command(program, arguments).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The date in UTC, from the days since 1970 (Howard Hinnant's `civil_from_days`).
pub(crate) fn today() -> String {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
    let days = (seconds / 86_400) as i64 + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    format!("{:04}-{month:02}-{day:02}", year + era * 400 + i64::from(month <= 2))
}
