//! Events from JSON and CSV.

/// Unit of times that are written as integers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum TimeUnit {
    /// Seconds since 1970.
    Seconds,
    /// Milliseconds since 1970.
    #[default]
    Millis,
    /// Microseconds since 1970.
    Micros,
}

/// Reads inputs by the schema of a rulebook.
#[derive(Clone, Debug)]
pub struct Reader;
