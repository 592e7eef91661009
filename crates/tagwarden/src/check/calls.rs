//! Functions and the tests of texts.

use super::Checker;
use super::names::{Kind, enumerate};
use super::scope::Scope;
use super::tree::{Expr, ExprKind, Function, KeywordsId, Type};
use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::syntax::ast::{self, ExprKind as Ast, Spanned};
use crate::text::{Regex, TextError};

/// Functions of one argument: the word, its type, the result's type.
const FUNCTIONS: [(&str, Function, Type, Type); 11] = [
    ("hour", Function::Hour, Type::Time, Type::Number),
    ("weekday", Function::Weekday, Type::Time, Type::Number),
    ("day", Function::Day, Type::Time, Type::Number),
    ("month", Function::Month, Type::Time, Type::Number),
    ("date", Function::Date, Type::Time, Type::Time),
    ("is_anniversary", Function::IsAnniversary, Type::Time, Type::Bool),
    ("age", Function::Age, Type::Time, Type::Number),
    ("length", Function::Length, Type::Text, Type::Number),
    ("lower", Function::Lower, Type::Text, Type::Text),
    ("abs", Function::Abs, Type::Number, Type::Number),
    ("round", Function::Round, Type::Number, Type::Number),
];

/// Other words before a bracket, for suggestions.
const OTHERS: [&str; 12] =
    ["hits", "words", "count", "sum", "avg", "min", "max", "distinct", "days", "first", "latest", "level"];

impl Checker<'_> {
    pub(super) fn call(
        &mut self,
        from: &ast::Expr,
        name: &ast::Name,
        args: &[ast::Expr],
        scope: &Scope,
    ) -> Option<Expr> {
        if matches!(name.text.as_str(), "hits" | "words") {
            return self.hits(from, name, args, scope);
        }
        let Some((_, function, takes, gives)) = FUNCTIONS.into_iter().find(|(word, ..)| *word == name.text)
        else {
            let words = FUNCTIONS.iter().map(|(word, ..)| *word).chain(OTHERS);
            let near = match name.text.as_str() {
                "average" | "mean" => Some("avg"),
                "last" => Some("latest"),
                "total" => Some("sum"),
                "len" => Some("length"),
                "lowercase" => Some("lower"),
                "unique" | "count_distinct" => Some("distinct"),
                other => nearest(other, words),
            };
            self.report(
                Diagnostic::new(
                    Code::UnknownName,
                    name.span,
                    format!("there is no function called `{}`", name.text),
                    "expected a function",
                )
                .with_help(match near {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("the functions: {}", enumerate(FUNCTIONS.iter().map(|(word, ..)| *word))),
                }),
            );
            return None;
        };
        let [arg] = args else {
            self.wrong_count(from, name, args.len(), 1, &format!("{}(x)", name.text));
            return None;
        };
        let arg = self.expr(arg, scope)?;
        let arg = self.expect_type(arg, takes)?;
        // Of an absent birthday it is simply false.
        let arg = if function == Function::IsAnniversary { arg } else { self.expect_present(arg)? };
        let private = arg.private;
        Some(self.present(from, ExprKind::Call(function, vec![arg]), gives, private))
    }

    fn wrong_count(&mut self, from: &ast::Expr, name: &ast::Name, found: usize, expected: usize, form: &str) {
        let plural = if expected == 1 { "" } else { "s" };
        self.report(
            Diagnostic::new(
                Code::WrongArguments,
                from.span,
                format!("`{}` takes {expected} argument{plural}, found {found}", name.text),
                format!("expected {expected} argument{plural}"),
            )
            .with_help(format!("write `{form}`")),
        );
    }

    /// `hits(text, KEYWORDS)` and `words(text, KEYWORDS)`
    fn hits(
        &mut self,
        from: &ast::Expr,
        name: &ast::Name,
        args: &[ast::Expr],
        scope: &Scope,
    ) -> Option<Expr> {
        let [text, set] = args else {
            self.wrong_count(from, name, args.len(), 2, &format!("{}(text, KEYWORDS)", name.text));
            return None;
        };
        let text = self.text(text, scope);
        let set_name = match &set.kind {
            Ast::Name(name) | Ast::Text(name) => ast::Name { text: name.clone(), span: set.span },
            _ => {
                self.report(
                    Diagnostic::new(
                        Code::WrongArguments,
                        set.span,
                        format!("the second argument of `{}` is the name of a keyword set", name.text),
                        "expected a name",
                    )
                    .with_help(format!("write `{}(text, KEYWORDS)`", name.text)),
                );
                return None;
            }
        };
        let set = self.keywords_id(&set_name);
        let (text, set) = (text?, set?);
        let private = text.private;
        let kind = match name.text.as_str() {
            "hits" => ExprKind::Hits(Box::new(text), set),
            _ => ExprKind::Words(Box::new(text), set),
        };
        Some(self.present(from, kind, Type::Number, private))
    }

    fn keywords_id(&mut self, name: &ast::Name) -> Option<KeywordsId> {
        let id = self.resolve(Kind::Keywords, name)?;
        self.keywords_used.insert(id);
        Some(KeywordsId(id))
    }

    /// A text that may be absent.
    fn text(&mut self, from: &ast::Expr, scope: &Scope) -> Option<Expr> {
        let expr = self.expr(from, scope)?;
        self.expect_type(expr, Type::Text)
    }

    /// `contains`, `starts with`, `ends with`: false of an absent text.
    pub(super) fn text_test(
        &mut self,
        from: &ast::Expr,
        text: &ast::Expr,
        part: &ast::Expr,
        scope: &Scope,
        kind: fn(Box<Expr>, Box<Expr>) -> ExprKind,
    ) -> Option<Expr> {
        let text = self.text(text, scope);
        let part = self.text(part, scope);
        let (text, part) = (text?, part?);
        let private = text.private || part.private;
        Some(self.present(from, kind(Box::new(text), Box::new(part)), Type::Bool, private))
    }

    pub(super) fn matches(
        &mut self,
        from: &ast::Expr,
        text: &ast::Expr,
        regex: &Spanned<String>,
        scope: &Scope,
    ) -> Option<Expr> {
        let text = self.text(text, scope);
        match Regex::compile(&regex.node, self.limits) {
            Ok(_) => {}
            Err(TextError::RegexTooLarge { limit }) => {
                self.report(
                    Diagnostic::new(
                        Code::RegexTooLarge,
                        regex.span,
                        "this regular expression is too large",
                        format!("compiled, it takes more than {limit} bytes"),
                    )
                    .with_help("repeat less, or use narrower classes such as `[0-9]` for `\\d`"),
                );
                return None;
            }
            Err(error) => {
                let error = error.to_string();
                let why = error.lines().last().unwrap_or_default();
                let why = why.strip_prefix("error: ").unwrap_or(why).to_owned();
                self.report(
                    Diagnostic::new(Code::BadRegex, regex.span, "this is no regular expression", why)
                        .with_help("a character with a meaning of its own is taken literally behind a `\\`"),
                );
                return None;
            }
        }
        let text = text?;
        let private = text.private;
        let kind = ExprKind::Matches(Box::new(text), regex.node.as_str().into());
        Some(self.present(from, kind, Type::Bool, private))
    }

    pub(super) fn has(
        &mut self,
        from: &ast::Expr,
        text: &ast::Expr,
        keywords: &ast::Name,
        category: Option<&ast::Name>,
        scope: &Scope,
    ) -> Option<Expr> {
        let text = self.text(text, scope);
        let keywords = self.keywords_id(keywords)?;
        let category = match category {
            Some(category) => Some(self.keyword_category(keywords.0, category)?),
            None => None,
        };
        let text = text?;
        let private = text.private;
        let kind = ExprKind::Has { text: Box::new(text), keywords, category };
        Some(self.present(from, kind, Type::Bool, private))
    }
}
