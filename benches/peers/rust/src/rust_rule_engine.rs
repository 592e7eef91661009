//! rust-rule-engine: one rule a condition, over counts that are kept by hand.

use rust_rule_engine::{EngineConfig, Facts, GRLParser, KnowledgeBase, RustRuleEngine, Value};
use tagwarden_peers::{Arguments, LIMITS, conditions};

fn main() {
    let arguments = Arguments::read();
    let rules = if arguments.workload == "w1" { &LIMITS[..1] } else { &LIMITS[..] };
    let knowledge = KnowledgeBase::new("conditions");
    for (field, limit) in rules {
        let text = format!("rule \"{field}\" {{ when {field} > {limit} then hit_{field} = true; }}");
        for rule in GRLParser::parse_rules(&text).expect("parses") {
            knowledge.add_rule(rule).expect("is new");
        }
    }
    let config = EngineConfig { max_cycles: 1, timeout: None, enable_stats: false, debug_mode: false };
    let mut engine = RustRuleEngine::with_config(knowledge, config);
    let facts = Facts::new();
    let names: Vec<String> = LIMITS.iter().map(|(field, _)| format!("hit_{field}")).collect();
    conditions(&arguments, "1.21.10", |limits, values, hits| {
        for (((field, _), value), name) in limits.iter().zip(values).zip(&names) {
            facts.set(field, Value::Integer(*value as i64));
            facts.set(name, Value::Boolean(false));
        }
        engine.execute(&facts).expect("runs");
        for (hits, name) in hits.iter_mut().zip(&names) {
            if facts.get(name) == Some(Value::Boolean(true)) {
                *hits += 1;
            }
        }
    });
}
