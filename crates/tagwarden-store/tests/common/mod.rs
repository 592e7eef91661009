//! What the tests of the ledger share: a rulebook, and a stream of inputs that a number determines.

#![allow(dead_code, reason = "each test takes what it needs")]

use tagwarden::{Input, Reader, Rulebook, TimeUnit};

/// Rules of every kind, with a private text.
pub(crate) const RULES: &str = r#"
    entity customer
    event order(customer) { amount: number }
    event refund(customer) {}
    event complaint(customer) { text: string private }
    keywords abuse { "scam" "rip-off" }
    score risk { half-life 5d, between 0 and 100 }
    tags tier: silver < gold
    list blocked {
        level 1 "stop" denies all
        level 2 "slow" limits 3 per 1d
        category "abuse", "refunds"
        review every 10d
    }
    rule abusive   { on complaint where text has abuse then add to blocked level 2 category "abuse" for 3d then risk += 30 }
    rule refunds   { when count(refund) over 7d >= 3 then add to blocked level 1 category "refunds" until on order }
    rule silver    { while sum(order.amount) over 10d >= 100 then tag silver }
    rule gold      { while sum(order.amount) over 10d >= 300 then tag gold }
    rule quiet     { while no order for 4d then tag quiet }
    rule risky     { when risk >= 50 then propose add to blocked level 1 }
    rule told      { on refund then notify desk "a refund" }
"#;

/// The key of every test.
pub(crate) fn key() -> [u8; 16] {
    *b"the tests' key !"
}

/// A folder that goes away with the test.
pub(crate) fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

/// Events of 40 customers over some weeks, and a tick now and then.
pub(crate) struct Stream {
    reader: Reader,
    state: u64,
    time: u64,
}

impl Stream {
    pub(crate) fn new(rulebook: &Rulebook, seed: u64) -> Stream {
        let reader = Reader::new(rulebook.schema(), TimeUnit::Millis);
        Stream { reader, state: seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1, time: 1_767_225_600_000 }
    }

    fn number(&mut self, below: u64) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.state % below
    }

    pub(crate) fn take(mut self, count: usize) -> Vec<Input> {
        (0..count).map(|_| self.input()).collect()
    }

    /// Passes over inputs without making them.
    pub(crate) fn skip(mut self, count: u64) -> Stream {
        for _ in 0..count {
            self.line();
        }
        self
    }

    pub(crate) fn input(&mut self) -> Input {
        let line = self.line();
        self.reader.json(line.as_bytes()).unwrap()
    }

    fn line(&mut self) -> String {
        self.time += 1 + self.number(1_200_000);
        let (time, customer) = (self.time, self.number(40));
        let head = |ty: &str| format!(r#"{{"type":"{ty}","time":{time},"customer":"c{customer}""#);
        let command = |name: &str, rest: &str| {
            format!(
                r#"{{"command":"{name}","time":{time},"actor":"u7","customer":"c{customer}","reason":"because",{rest}}}"#
            )
        };
        match self.number(16) {
            0..=4 => format!(r#"{},"amount":{}.{:02}}}"#, head("order"), self.number(90), self.number(100)),
            5..=7 => format!("{}}}", head("refund")),
            8 => format!(r#"{},"text":"such a scam, really private words"}}"#, head("complaint")),
            9..=10 => format!(r#"{},"text":"it came late, private words"}}"#, head("complaint")),
            11 => command("list", r#""list":"blocked","level":2,"for":"2d""#),
            12 => command("suspend", r#""list":"blocked","for":"5h""#),
            13 => command("tag", r#""tag":"quiet","for":"1d""#),
            14 => command("release", r#""list":"blocked""#),
            _ => format!(r#"{{"tick":{time}}}"#),
        }
    }
}

/// Every decision as it is kept.
pub(crate) fn decisions(path: &std::path::Path) -> String {
    let connection = rusqlite::Connection::open(path).unwrap();
    let mut rows = connection.prepare("SELECT body FROM decisions ORDER BY id").unwrap();
    let rows = rows.query_map([], |row| row.get::<_, String>(0)).unwrap();
    rows.map(|row| row.unwrap() + "\n").collect()
}

/// The audit log's export.
pub(crate) fn audit(ledger: &tagwarden_store::Ledger) -> Vec<u8> {
    let mut file = Vec::new();
    ledger.export_audit(&mut file).unwrap();
    file
}
