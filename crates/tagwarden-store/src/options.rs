//! How a ledger is kept.

use tagwarden::{Duration, EngineOptions, Keep, Limits, Orphans};

/// How a [`crate::Ledger`] treats its inputs and its file.
///
/// ```
/// use tagwarden::Keep;
/// use tagwarden_store::Options;
/// let options = Options {
///     pseudonyms: true,
///     keep: vec!["decisions 3y".parse::<Keep>()?],
///     ..Options::new(*b"sixteen bytes ok")
/// };
/// assert_eq!(options.keep[0].to_string(), "decisions 3y");
/// # Ok::<(), String>(())
/// ```
#[derive(Clone)]
#[allow(clippy::exhaustive_structs, reason = "built with ..Options::new(key)")]
pub struct Options {
    /// Key of every hash in the ledger, and of what is sealed in it. Keep it secret, apart from the file, and for as
    /// long as the file: without it the ledger cannot be opened.
    pub key: [u8; 16],
    /// A name that goes into the audit log's first link, so that the logs of two ledgers with one key differ.
    pub name: String,
    /// As [`EngineOptions::lateness`]. Fixed when the ledger is made.
    pub lateness: Duration,
    /// As [`EngineOptions::dedup`]. Fixed when the ledger is made. Idempotency keys do not need it.
    pub dedup: Option<Duration>,
    /// What the state may grow to.
    pub limits: Limits,
    /// Whether keyed hashes stand for the subjects' keys everywhere in the file and in the decisions. Fixed when the
    /// ledger is made; [`crate::Ledger::pseudonym`] says which stands for which.
    pub pseudonyms: bool,
    /// How long what is kept stays, beside what the rulebook says (`keep decisions 3y`): for a kind that stands in both, this counts.
    /// Ticks delete what is older, and the audit log says so. Remembered by the ledger when it is made.
    pub keep: Vec<Keep>,
    /// After how many inputs a snapshot is taken, so that opening need not apply more than these again.
    pub snapshot_every: u32,
    /// What to do when the rulebook is not the one that ran last: `None` refuses to open.
    pub reload: Option<Orphans>,
    /// Whether a file that is not there is made.
    pub create: bool,
    /// Whether every transaction waits until the disk has it. Without, a power cut may lose the last transactions (never
    /// a part of one); a crash of the process alone loses nothing either way.
    pub power_safe: bool,
    /// The key of an encrypted file. Needs the feature `encryption`.
    pub encryption: Option<String>,
}

impl Options {
    /// The defaults: no lateness, raw keys, everything is kept, a snapshot every 50,000 inputs, the file made if
    /// missing, safe against power cuts.
    #[must_use]
    pub fn new(key: [u8; 16]) -> Options {
        Options {
            key,
            name: String::new(),
            lateness: Duration::ZERO,
            dedup: None,
            limits: Limits::default(),
            pseudonyms: false,
            keep: Vec::new(),
            snapshot_every: 50_000,
            reload: None,
            create: true,
            power_safe: true,
            encryption: None,
        }
    }

    pub(crate) fn engine(&self) -> EngineOptions {
        EngineOptions {
            lateness: self.lateness,
            dedup: self.dedup,
            hash_key: self.key,
            limits: self.limits.clone(),
        }
    }
}

impl std::fmt::Debug for Options {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options")
            .field("name", &self.name)
            .field("lateness", &self.lateness)
            .field("dedup", &self.dedup)
            .field("pseudonyms", &self.pseudonyms)
            .field("keep", &self.keep)
            .field("snapshot_every", &self.snapshot_every)
            .finish_non_exhaustive()
    }
}
