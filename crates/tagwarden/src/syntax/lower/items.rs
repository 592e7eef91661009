//! Declarations, guards and tests.

use super::{Kids, Lower, Mark, Pair, Rule};
use crate::syntax::ast::{
    Event, Expectation, Field, FieldType, Guard, GuardTarget, Item, ItemKind, KeepPart, Keywords,
    KeywordsBody, Level, LevelEffect, List, Name, Pattern, Permission, Score, TagGroup, Test, TestStep,
    TestStepKind,
};

impl Lower<'_> {
    pub(super) fn item(&mut self, pair: Pair<'_>) -> Option<Item> {
        let inner = Kids::of(pair).next()?;
        let span = self.span(&inner);
        let rule = inner.as_rule();
        if rule == Rule::rule_item {
            let rule = self.rule(inner)?;
            return Some(Item { kind: ItemKind::Rule(Box::new(rule)), span });
        }
        if rule == Rule::strict {
            return Some(Item { kind: ItemKind::StrictTags, span });
        }
        let mut kids = Kids::of(inner);
        let first = kids.next()?;
        let kind = match rule {
            Rule::timezone => ItemKind::Timezone(self.name(first)),
            Rule::entity => ItemKind::Entity(self.name(first)),
            Rule::use_item => ItemKind::Use(self.name(first)),
            Rule::event => ItemKind::Event(self.event(first, kids)?),
            Rule::keywords => ItemKind::Keywords(self.keywords(first, kids)?),
            Rule::tag => {
                let name = self.name(first);
                ItemKind::Tag { name, life: kids.next().map(|pair| self.duration(&pair)) }
            }
            Rule::tags => ItemKind::TagGroup(self.tags(first, kids)),
            Rule::score => ItemKind::Score(self.score(first, kids)?),
            Rule::list => ItemKind::List(self.list(first, kids)?),
            Rule::exempt => ItemKind::Exempt(self.guard(first, kids)?),
            Rule::approve => ItemKind::Approve(self.guard(first, kids)?),
            Rule::role => {
                let name = self.name(first);
                let mut may = Vec::new();
                while let Some(pair) = kids.next() {
                    let mut kids = Kids::of(pair);
                    let verb = kids.next()?;
                    may.push(Permission {
                        verb: self.name(verb),
                        target: kids.next().map(|pair| self.name(pair)),
                    });
                }
                ItemKind::Role { name, may }
            }
            Rule::keep => {
                let mut parts = Vec::new();
                let mut next = Some(first);
                while let Some(pair) = next {
                    let mut part = Kids::of(pair);
                    let (what, time) = (part.next()?, part.next()?);
                    parts.push(KeepPart { what: self.name(what), time: self.duration(&time) });
                    next = kids.next();
                }
                ItemKind::Keep(parts)
            }
            Rule::test => {
                let name = self.name(first);
                let mut steps = Vec::new();
                while let Some(pair) = kids.next() {
                    self.mark(&pair, Mark::Line);
                    steps.push(self.step(pair));
                }
                let steps = steps.into_iter().collect::<Option<_>>()?;
                ItemKind::Test(Test { name, steps })
            }
            _ => return None,
        };
        Some(Item { kind, span })
    }

    fn event(&mut self, name: Pair<'_>, mut kids: Kids<'_>) -> Option<Event> {
        let name = self.name(name);
        let mut entities = Vec::new();
        while let Some(pair) = kids.optional(Rule::name) {
            entities.push(self.name(pair));
        }
        let mut fields = Vec::new();
        while let Some(pair) = kids.next() {
            self.mark(&pair, Mark::Field);
            fields.push(self.field(pair)?);
        }
        Some(Event { name, entities, fields })
    }

    fn field(&mut self, pair: Pair<'_>) -> Option<Field> {
        let mut kids = Kids::of(pair);
        let name = kids.next()?;
        let name = self.name(name);
        let ty_pair = kids.next()?;
        let ty_span = self.span(&ty_pair);
        let mut choices = Vec::new();
        let mut ty = FieldType::Text;
        let mut inner = Kids::of(ty_pair);
        while let Some(pair) = inner.next() {
            match pair.as_rule() {
                Rule::string => choices.push(self.name(pair)),
                _ => {
                    ty = match pair.as_str() {
                        "string" => FieldType::Text,
                        "number" => FieldType::Number,
                        "bool" => FieldType::Bool,
                        "time" => FieldType::Time,
                        other => FieldType::Unknown(other.to_owned()),
                    };
                }
            }
        }
        if !choices.is_empty() {
            ty = FieldType::Choice(choices);
        }
        let optional = kids.optional(Rule::optional).is_some();
        let private = kids.optional(Rule::private).is_some();
        Some(Field { name, ty, ty_span, optional, private })
    }

    fn keywords(&mut self, name: Pair<'_>, mut kids: Kids<'_>) -> Option<Keywords> {
        let name = self.name(name);
        let mut ignoring = Vec::new();
        let mut exactly = None;
        let (mut patterns, mut exceptions) = (Vec::new(), Vec::new());
        let mut body = None;
        while let Some(pair) = kids.next() {
            let rule = pair.as_rule();
            let mut inner = Kids::of(pair);
            match rule {
                Rule::ignoring => self.folds(inner, &mut ignoring),
                Rule::exactly => self.folds(inner, exactly.get_or_insert_with(Vec::new)),
                Rule::keywords_from => body = Some(KeywordsBody::From(self.name(inner.next()?))),
                _ => {
                    while let Some(entry) = inner.next() {
                        self.mark(&entry, Mark::Fill);
                        let entry = entry.into_inner().next()?;
                        if entry.as_rule() == Rule::except {
                            exceptions.extend(Kids::of(entry).all(Rule::string).map(|text| self.name(text)));
                        } else {
                            patterns.push(self.pattern(entry)?);
                        }
                    }
                }
            }
        }
        let body = body.unwrap_or(KeywordsBody::Patterns { patterns, except: exceptions });
        Some(Keywords { name, ignoring, exactly, body })
    }

    fn pattern(&mut self, pair: Pair<'_>) -> Option<Pattern> {
        let mut kids = pair.into_inner();
        let text = kids.next()?;
        let mut pattern =
            Pattern { text: self.name(text), anywhere: false, ignoring: Vec::new(), category: None };
        for part in kids {
            let span = self.span(&part);
            match part.as_rule() {
                Rule::k_anywhere => pattern.anywhere = true,
                Rule::ignoring => self.folds(Kids::of(part), &mut pattern.ignoring),
                _ => {
                    let category = self.name(Kids::of(part).next()?);
                    if pattern.category.replace(category).is_some() {
                        self.repeated(span, "the category");
                    }
                }
            }
        }
        Some(pattern)
    }

    /// The words behind `ignoring` or `exactly`.
    fn folds(&mut self, mut kids: Kids<'_>, folds: &mut Vec<Name>) {
        for fold in kids.all(Rule::fold) {
            self.mark(&fold, Mark::NoComma);
            folds.push(self.name(fold));
        }
    }

    fn tags(&mut self, name: Pair<'_>, kids: Kids<'_>) -> TagGroup {
        let name = self.name(name);
        let mut ordered = false;
        let mut members = Vec::new();
        for pair in kids.pairs {
            match pair.as_rule() {
                Rule::less => ordered = true,
                Rule::name => {
                    if !ordered && !members.is_empty() {
                        self.mark(&pair, Mark::Comma);
                    }
                    members.push(self.name(pair));
                }
                _ => {}
            }
        }
        TagGroup { name, ordered, members }
    }

    fn score(&mut self, name: Pair<'_>, mut kids: Kids<'_>) -> Option<Score> {
        let mut score = Score { name: self.name(name), half_life: None, between: None };
        while let Some(part) = kids.next() {
            self.mark(&part, Mark::Field);
            let part = part.into_inner().next()?;
            let span = self.span(&part);
            let rule = part.as_rule();
            let mut kids = Kids::of(part);
            if rule == Rule::half_life {
                if score.half_life.replace(self.duration(&kids.next()?)).is_some() {
                    self.repeated(span, "the half-life");
                }
            } else {
                let (low, high) = (kids.next()?, kids.next()?);
                if score.between.replace((self.number(&low), self.number(&high))).is_some() {
                    self.repeated(span, "`between`");
                }
            }
        }
        Some(score)
    }

    fn list(&mut self, name: Pair<'_>, mut kids: Kids<'_>) -> Option<List> {
        let name = self.name(name);
        let mut list = List { name, levels: Vec::new(), categories: Vec::new(), life: None, review: None };
        while let Some(part) = kids.next() {
            self.mark(&part, Mark::Line);
            let part = part.into_inner().next()?;
            let span = self.span(&part);
            let rule = part.as_rule();
            let mut kids = Kids::of(part);
            match rule {
                Rule::level => list.levels.push(self.level(kids)?),
                Rule::categories => list.categories.extend(kids.all(Rule::name).map(|name| self.name(name))),
                Rule::list_life => {
                    if list.life.replace(self.duration(&kids.next()?)).is_some() {
                        self.repeated(span, "how long entries live");
                    }
                }
                _ => {
                    if list.review.replace(self.duration(&kids.next()?)).is_some() {
                        self.repeated(span, "the review");
                    }
                }
            }
        }
        Some(list)
    }

    fn level(&mut self, mut kids: Kids<'_>) -> Option<Level> {
        let number = self.number(&kids.next()?);
        let label = kids.optional(Rule::title).map(|pair| self.name(pair));
        let effect = match kids.next() {
            Some(pair) => {
                let rule = pair.as_rule();
                let mut kids = Kids::of(pair);
                Some(match rule {
                    Rule::denies => LevelEffect::DeniesAll,
                    Rule::limits => {
                        let count = self.number(&kids.next()?);
                        LevelEffect::Limits { count, per: self.duration(&kids.next()?) }
                    }
                    _ => LevelEffect::Allows(kids.all(Rule::name).map(|name| self.name(name)).collect()),
                })
            }
            None => None,
        };
        Some(Level { number, label, effect })
    }

    fn guard(&mut self, target: Pair<'_>, mut kids: Kids<'_>) -> Option<Guard> {
        let mut inner = target.into_inner();
        let first = inner.next()?;
        let target = match first.as_rule() {
            Rule::k_tag => GuardTarget::Tag(self.name(inner.next()?)),
            _ => GuardTarget::List(self.name(first)),
        };
        Some(Guard { target, condition: self.expression(kids.next()?)? })
    }

    fn step(&mut self, pair: Pair<'_>) -> Option<TestStep> {
        let span = self.span(&pair);
        let inner = pair.into_inner().next()?;
        let rule = inner.as_rule();
        let mut kids = Kids::of(inner);
        let kind = if rule == Rule::expect {
            let key = kids.next()?;
            let key = self.name(key);
            let negated = kids.optional(Rule::k_not).is_some();
            let what = self.expectation(kids.next()?)?;
            TestStepKind::Expect { key, negated, what, time: self.time(&kids.next()?) }
        } else {
            let count = kids.optional(Rule::amount).map(|pair| self.number(&pair));
            let event = kids.next()?;
            let event = self.name(event);
            let every = match kids.optional(Rule::events_every) {
                Some(pair) => Some(self.duration(&Kids::of(pair).next()?)),
                None => None,
            };
            let time = self.time(&kids.next()?);
            let keys = kids.all(Rule::name).collect::<Vec<_>>();
            let keys = keys.into_iter().map(|key| self.name(key)).collect();
            let fields = match kids.next() {
                Some(object) => self.object(object)?,
                None => Vec::new(),
            };
            TestStepKind::Events { count, event, every, time, keys, fields }
        };
        Some(TestStep { kind, span })
    }

    fn expectation(&mut self, pair: Pair<'_>) -> Option<Expectation> {
        let inner = pair.into_inner().next()?;
        let rule = inner.as_rule();
        let mut kids = Kids::of(inner);
        let name = kids.next()?;
        let name = self.name(name);
        Some(match rule {
            Rule::expect_in => {
                let level = match kids.next() {
                    Some(pair) => Some(self.level_test(pair)?),
                    None => None,
                };
                Expectation::In { list: name, level }
            }
            Rule::expect_tagged => Expectation::Tagged(name),
            Rule::expect_fired => Expectation::Fired(name),
            _ => {
                let op = super::exprs::compare_op(kids.next()?.as_str())?;
                Expectation::Score { score: name, op, value: self.number(&kids.next()?) }
            }
        })
    }
}
