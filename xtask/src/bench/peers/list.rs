//! The peers: what each is called, what it needs, and what it runs. Their order is that of the table.

use super::super::environment::Needs;

pub(super) const ALL: usize = 1_000_000;

/// A row of the table.
pub(super) struct Peer {
    pub(super) name: &'static str,
    /// How it comes to its windows.
    pub(super) how: &'static str,
    pub(super) needs: Needs,
    pub(super) runs: &'static [Run],
}

/// One cell of the table.
#[derive(Clone, Copy)]
pub(super) struct Run {
    /// The column.
    pub(super) column: &'static str,
    /// What the program is told.
    pub(super) workload: &'static str,
    pub(super) events: usize,
    pub(super) repeats: usize,
}

const fn run(column: &'static str, workload: &'static str, events: usize, repeats: usize) -> Run {
    Run { column, workload, events, repeats }
}

const fn python(script: &'static str, packages: &'static [&'static str]) -> Needs {
    Needs::Python { script, packages }
}

pub(super) const OURS: &str = "Tagwarden";
pub(super) const SLICES: &str = "Tagwarden, many events a call";
pub(super) const LIVE: &str = "Tagwarden, live, exact ends";
pub(super) const FROM_JSON: &str = "Tagwarden, from JSON Lines";
pub(super) const LIMIT: &str = "hand-written limit";
pub(super) const COLUMNS: &str = "Tagwarden, from an Arrow table";
pub(super) const FROM_PARQUET: &str = "Tagwarden, from Parquet";
pub(super) const FROM_IPC: &str = "Tagwarden, from an Arrow file";
pub(super) const FROM_PYTHON: &str = "Tagwarden in Python, process_batch";
pub(super) const BACKTEST: &str = "Tagwarden in Python, backtest";
pub(super) const COUNTING: &str = "Tagwarden in Python, backtest that only counts";
pub(super) const COUNTING_ALONE: &str = "Tagwarden in Python, backtest that only counts, one thread";
pub(super) const PARSER: &str = "JSON Lines read and forgotten (sonic-rs)";
const BY_HAND: &str = "conditions only, counts by hand";

const WHEEL: Needs = Needs::Wheel { script: "tagwarden_peer.py" };

const FLINK: &[&str] = &["apache-flink-libraries==2.3.0"];

/// Whoever is slow runs on the first events only; the rate is then of those.
pub(super) const PEERS: &[Peer] = &[
    Peer {
        name: LIMIT,
        how: "safe Rust for this alone",
        needs: Needs::Ours,
        runs: &[run("w1", "limit-w1", ALL, 5), run("w2", "limit-w2", ALL, 5)],
    },
    Peer {
        name: OURS,
        how: "rules, typed events, one thread",
        needs: Needs::Ours,
        runs: &[run("w1", "w1", ALL, 5), run("w2", "w2", ALL, 5), run("w3", "w3", ALL, 5)],
    },
    Peer {
        name: SLICES,
        how: "rules, typed events, one thread",
        needs: Needs::Ours,
        runs: &[run("w1", "w1-slices", ALL, 5), run("w2", "w2-slices", ALL, 5)],
    },
    Peer {
        name: LIVE,
        how: "rules, tags that end by themselves",
        needs: Needs::Ours,
        runs: &[run("w2", "w2-live", ALL, 5)],
    },
    Peer {
        name: FROM_JSON,
        how: "rules, reading included",
        needs: Needs::Ours,
        runs: &[run("w1", "w1-json", ALL, 3), run("w2", "w2-json", ALL, 3)],
    },
    Peer {
        name: COLUMNS,
        how: "rules, reading and a table of decisions included",
        needs: Needs::Ours,
        runs: &[run("w1", "w1-columns", ALL, 3), run("w2", "w2-columns", ALL, 3)],
    },
    Peer {
        name: FROM_PARQUET,
        how: "the same from a file, a thread reads ahead",
        needs: Needs::Ours,
        runs: &[run("w1", "w1-parquet", ALL, 3), run("w2", "w2-parquet", ALL, 3)],
    },
    Peer {
        name: FROM_IPC,
        how: "the same from a file, a thread reads ahead",
        needs: Needs::Ours,
        runs: &[run("w1", "w1-ipc", ALL, 3), run("w2", "w2-ipc", ALL, 3)],
    },
    Peer {
        name: FROM_PYTHON,
        how: "rules, from an Arrow table to one of decisions",
        needs: WHEEL,
        runs: &[run("w1", "batch-w1", ALL, 3), run("w2", "batch-w2", ALL, 3)],
    },
    Peer {
        name: BACKTEST,
        how: "the same, with coverage, overlap and tags over time, all cores",
        needs: WHEEL,
        runs: &[run("w1", "backtest-w1", ALL, 3), run("w2", "backtest-w2", ALL, 3)],
    },
    Peer {
        name: COUNTING,
        how: "the same, without a table of decisions, all cores",
        needs: WHEEL,
        runs: &[run("w1", "backtest-w1-count", ALL, 3), run("w2", "backtest-w2-count", ALL, 3)],
    },
    Peer {
        name: COUNTING_ALONE,
        how: "the same",
        needs: WHEEL,
        runs: &[run("w1", "backtest-w1-count-alone", ALL, 3), run("w2", "backtest-w2-count-alone", ALL, 3)],
    },
    Peer {
        name: PARSER,
        how: "no rules at all",
        needs: Needs::Rust { feature: "parsers" },
        runs: &[run("w1", "sonic", ALL, 3), run("w2", "sonic", ALL, 3)],
    },
    Peer {
        name: "polars",
        how: "batch, rolling sums over each customer",
        needs: python("polars_peer.py", &["polars==2.1.0", "pyarrow==26.0.1"]),
        runs: &[run("w1", "w1", ALL, 3), run("w2", "w2", ALL, 3)],
    },
    Peer {
        name: "polars, tuned by hand",
        how: "batch, the best of several tricks",
        needs: python("polars_peer.py", &["polars==2.1.0", "pyarrow==26.0.1"]),
        runs: &[run("w1", "w1-tuned", ALL, 3), run("w2", "w2-tuned", ALL, 3)],
    },
    Peer {
        name: "duckdb",
        how: "batch, SQL windows",
        needs: python("duckdb_peer.py", &["duckdb==2.0.0", "pyarrow==26.0.1"]),
        runs: &[run("w1", "w1", ALL, 3), run("w2", "w2", ALL, 1)],
    },
    Peer {
        name: "pandas",
        how: "batch, rolling sums over each customer",
        needs: python("pandas_peer.py", &["pandas==3.1.1", "pyarrow==26.0.1"]),
        runs: &[run("w1", "w1", ALL, 1), run("w2", "w2", ALL, 1)],
    },
    Peer {
        name: "Python",
        how: "deques by hand",
        needs: python("deques.py", &["pyarrow==26.0.1"]),
        runs: &[run("w1", "w1", ALL, 3), run("w2", "w2", ALL, 1)],
    },
    Peer {
        name: "cel (Rust)",
        how: BY_HAND,
        needs: Needs::Rust { feature: "cel" },
        runs: &[run("w1", "w1", ALL, 3), run("w2", "w2", ALL, 1)],
    },
    Peer {
        name: "rust-rule-engine",
        how: BY_HAND,
        needs: Needs::Rust { feature: "rust-rule-engine" },
        runs: &[run("w1", "w1", ALL, 3), run("w2", "w2", ALL, 1)],
    },
    Peer {
        name: "zen-engine (Python)",
        how: BY_HAND,
        needs: python("zen_peer.py", &["zen-engine==2.1.3", "pyarrow==26.0.1"]),
        runs: &[run("w1", "w1", 200_000, 1), run("w2", "w2", 100_000, 1)],
    },
    Peer {
        name: "durable_rules (Python)",
        how: BY_HAND,
        needs: python("durable_peer.py", &["durable_rules==2.0.28", "pyarrow==26.0.1"]),
        runs: &[run("w1", "w1", 100_000, 1), run("w2", "w2", 10_000, 1)],
    },
    Peer {
        name: "json-rules-engine (Node)",
        how: BY_HAND,
        needs: Needs::Node { script: "json-rules-engine.mjs" },
        runs: &[run("w1", "w1", 200_000, 1), run("w2", "w2", 50_000, 1)],
    },
    Peer {
        name: "bytewax (Python)",
        how: "stream engine, state by hand in Python, one worker, start of the flow included",
        needs: python("bytewax_peer.py", &["bytewax==0.21.1", "pyarrow==26.0.1"]),
        runs: &[run("w1", "w1", ALL, 3), run("w2", "w2", ALL, 1)],
    },
    Peer {
        name: "pathway (Python)",
        how: "stream engine, interval join of the events with themselves, start of the flow included",
        needs: Needs::PythonApart {
            script: "pathway_peer.py",
            packages: &["pathway==0.33.0"],
            folder: "python-pathway",
        },
        runs: &[run("w1", "w1", 20_000, 1)],
    },
    Peer {
        name: "Flink DataStream",
        how: "stream engine, state by hand in Java, two subtasks, start of the job included",
        needs: Needs::Java { class: "FlinkStream", packages: FLINK, jars: "pyflink/lib" },
        runs: &[run("w1", "w1", ALL, 3), run("w2", "w2", ALL, 3)],
    },
    Peer {
        name: "Flink SQL",
        how: "stream engine, its own OVER windows, two subtasks, planning and start of the job included",
        needs: Needs::Java { class: "FlinkSql", packages: FLINK, jars: "pyflink/lib" },
        runs: &[run("w1", "w1", 200_000, 3), run("w2", "w2", 20_000, 3)],
    },
    Peer {
        name: "Spark",
        how: "batch, SQL windows, two cores, start of the query included",
        needs: Needs::PythonOnJvm {
            script: "spark_peer.py",
            packages: &["pyspark==4.3.0", "pyarrow==26.0.1"],
        },
        runs: &[run("w1", "w1", ALL, 3), run("w2", "w2", 100_000, 1)],
    },
    Peer {
        name: "Drools Fusion",
        how: "rule engine, its own windows per customer",
        needs: Needs::Java { class: "DroolsFusion", packages: &["drools-jpy==0.4.1"], jars: "drools/jars" },
        runs: &[run("w1", "w1", ALL, 1), run("w2", "w2", 200_000, 1)],
    },
    Peer {
        name: "ahocorasick_rs (Python)",
        how: "keywords only",
        needs: python("ahocorasick_peer.py", &["ahocorasick_rs==1.0.3", "pyarrow==26.0.1"]),
        runs: &[run("w3", "w3", ALL, 3)],
    },
    Peer {
        name: "flashtext2 (Python)",
        how: "keywords only, no overlaps",
        needs: python("flashtext_peer.py", &["flashtext2==1.1.0", "pyarrow==26.0.1"]),
        runs: &[run("w3", "w3", ALL, 3)],
    },
];
