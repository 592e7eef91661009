//! A rulebook: sources compiled to a plan, shared by every engine that runs it.

use crate::check::tree::Tree;
use crate::check::{self, Read, Resolver};
use crate::diagnostic::{Code, CompileError, Diagnostic, Severity};
use crate::limits::Limits;
use crate::plan::{Plan, Shortcuts};
use crate::schema::Schema;
use crate::small::{BTreeMap, BTreeSet, sort_by_key};
use crate::source::{Source, Sources, Span};
use crate::syntax::{self, ast};
use crate::text::{Keywords, Place, TextError};
use siphasher::sip128::{Hasher128, SipHasher24};
use std::collections::VecDeque;
use std::hash::Hasher;
use std::sync::Arc;

/// A compiled rulebook. Cloning it is cheap, and any number of engines, on any number of threads, can share it.
///
/// ```
/// use tagwarden::Rulebook;
///
/// let rulebook = Rulebook::compile(
///     "entity customer
///      event order(customer) { amount: number }
///      rule gold { while sum(order.amount) over 365d >= 10000 then tag gold }",
/// )?;
/// assert_eq!(rulebook.schema().events.len(), 1);
/// assert!(rulebook.warnings().is_empty());
///
/// let error = Rulebook::compile("rule gold { when count(ordr) > 3 then tag gold }").unwrap_err();
/// assert_eq!(error.diagnostics[0].code.as_str(), "E0101");
/// # Ok::<(), tagwarden::CompileError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Rulebook(Arc<Compiled>);

#[derive(Debug)]
struct Compiled {
    plan: Plan,
    sources: Sources,
    keyword_files: Vec<(Arc<str>, Arc<str>)>,
    warnings: Vec<Diagnostic>,
    fingerprint: u128,
}

impl Rulebook {
    /// Compiles one text that uses no other file.
    ///
    /// # Errors
    /// Every mistake in the text, at once.
    pub fn compile(text: &str) -> Result<Rulebook, CompileError> {
        Rulebook::compiler().source("rulebook.tw", text).compile()
    }

    /// Compiles more than one text, or with limits, or with `use` and keyword files.
    pub fn compiler<'r>() -> Compiler<'r> {
        Compiler::default()
    }

    /// The entities and events that it declares.
    #[must_use]
    pub fn schema(&self) -> &Schema {
        &self.plan().tree.schema
    }

    /// What compiled, but probably does not mean what was meant.
    #[must_use]
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.0.warnings
    }

    /// The texts that it was compiled from, and that [`Rulebook::warnings`] point into.
    #[must_use]
    pub fn sources(&self) -> &Sources {
        &self.0.sources
    }

    /// The files that `keywords … from` read, by name, each with its text. With [`Rulebook::sources`] they are all that is
    /// needed to compile the same rulebook again.
    pub fn keyword_files(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.keyword_files.iter().map(|(name, text)| (&**name, &**text))
    }

    /// What it means, for the project's own tests.
    #[cfg(feature = "machinery")]
    #[doc(hidden)]
    #[must_use]
    pub fn tree(&self) -> &crate::check::tree::Tree {
        &self.plan().tree
    }

    pub(crate) fn plan(&self) -> &Plan {
        &self.0.plan
    }

    /// A hash of every text that it was compiled from: state can only be restored into a rulebook with the same.
    pub(crate) fn fingerprint(&self) -> u128 {
        self.0.fingerprint
    }
}

/// Collects what a rulebook is compiled from.
///
/// ```
/// use tagwarden::Rulebook;
///
/// let rulebook = Rulebook::compiler()
///     .source("main.tw", "use \"schema.tw\"\n rule vip { on order where amount > 1000 then tag vip }")
///     .resolver(|name| match name {
///         "schema.tw" => Some("entity customer  event order(customer) { amount: number }".to_owned()),
///         _ => None,
///     })
///     .compile()?;
/// assert_eq!(rulebook.sources().iter().count(), 2);
/// # Ok::<(), tagwarden::CompileError>(())
/// ```
#[derive(Default)]
#[must_use = "nothing is compiled before `compile`"]
pub struct Compiler<'r> {
    sources: Vec<Source>,
    resolver: Option<Box<Resolver<'r>>>,
    limits: Limits,
    keywords: Option<Vec<u8>>,
    shortcuts: Shortcuts,
}

impl<'r> Compiler<'r> {
    /// Adds a text under a name that messages call it by. `use` finds it by that name.
    pub fn source(mut self, name: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> Self {
        self.sources.push(Source::new(name, text));
        self
    }

    /// Finds the text of a file that `use "…"` or `keywords … from "…"` names. Without one, no such file is found.
    pub fn resolver(mut self, resolver: impl Fn(&str) -> Option<String> + 'r) -> Self {
        self.resolver = Some(Box::new(resolver));
        self
    }

    /// Takes keyword automata from [`Rulebook::keyword_automata`], so that large sets need not be built again. Where they
    /// are damaged, written by another version, or of other sets than the rulebook's, they are built all the same.
    ///
    /// ```
    /// use tagwarden::Rulebook;
    ///
    /// let text = "entity customer  event message(customer) { text: string }
    ///     keywords abuse { \"scam\" }  rule a { on message where text has abuse then tag abusive }";
    /// let automata = Rulebook::compile(text)?.keyword_automata();
    /// let again = Rulebook::compiler().source("main.tw", text).keyword_automata(automata).compile()?;
    /// assert_eq!(again.find_keywords("abuse", "a Scam").unwrap().len(), 1);
    /// # Ok::<(), tagwarden::CompileError>(())
    /// ```
    pub fn keyword_automata(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.keywords = Some(bytes.into());
        self
    }

    /// Forces shortcuts on or off.
    #[cfg(feature = "machinery")]
    pub fn shortcuts(mut self, shortcuts: Shortcuts) -> Self {
        self.shortcuts = shortcuts;
        self
    }

    /// Sets the limits.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Compiles everything.
    ///
    /// # Errors
    /// Every mistake in every text, at once.
    pub fn compile(self) -> Result<Rulebook, CompileError> {
        let limits = self.limits;
        let resolver = self.resolver.unwrap_or_else(|| Box::new(|_: &str| None));
        let keyword_files = Remembered::new(&*resolver);
        let Understood { files, sources, tree, diagnostics } =
            understand(self.sources, &*resolver, &keyword_files, &limits);
        let mut diagnostics = diagnostics;
        let failed = diagnostics.iter().any(|diagnostic| diagnostic.severity() == Severity::Error);
        let (Some(tree), false) = (tree, failed) else {
            return Err(CompileError { diagnostics, sources });
        };
        let set_names: Vec<Arc<str>> = tree.keywords.iter().map(|set| set.name.clone()).collect();
        let keywords = Keywords::compile_or_load(&tree.keywords, self.keywords.as_deref(), &limits);
        match keywords.and_then(|keywords| Plan::build(tree, keywords, &limits, self.shortcuts)) {
            Ok(plan) => {
                let fingerprint = fingerprint(&sources, &keyword_files);
                let keyword_files = keyword_files.texts.into_inner().into_iter();
                let keyword_files = keyword_files.map(|(name, text)| (name.into(), text)).collect();
                let warnings = diagnostics;
                Ok(Rulebook(Arc::new(Compiled { plan, sources, keyword_files, warnings, fingerprint })))
            }
            Err(error) => {
                diagnostics.push(text_error(&error, &files, &set_names));
                Err(CompileError { diagnostics, sources })
            }
        }
    }
}

/// As much as can be understood of texts that may have mistakes.
pub(crate) struct Understood {
    pub(crate) files: Vec<(u16, ast::File)>,
    pub(crate) sources: Sources,
    /// Where there is no error.
    pub(crate) tree: Option<Tree>,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

impl Compiler<'_> {
    /// Reads and checks, and compiles nothing: for editors.
    pub(crate) fn understood(self) -> Understood {
        let resolver = self.resolver.unwrap_or_else(|| Box::new(|_: &str| None));
        let keyword_files = Remembered::new(&*resolver);
        understand(self.sources, &*resolver, &keyword_files, &self.limits)
    }
}

fn understand(
    given: Vec<Source>,
    resolver: &Resolver<'_>,
    keyword_files: &Remembered<'_>,
    limits: &Limits,
) -> Understood {
    let Loaded { files, sources, mut diagnostics } = load(given, resolver, limits);
    let read = if diagnostics.iter().any(|diagnostic| diagnostic.code == Code::MissingFile) {
        Read::FilesMissing
    } else if diagnostics.is_empty() {
        Read::All
    } else {
        Read::Partly
    };
    let lookup = |name: &str| keyword_files.find(name);
    let (tree, found) = check::check(&files, &sources, read, &lookup, limits);
    diagnostics.extend(found);
    sort_by_key(&mut diagnostics, |diagnostic| (diagnostic.primary.span, diagnostic.code));
    Understood { files, sources, tree, diagnostics }
}

/// Asks the host for keyword files, and keeps what it gave.
struct Remembered<'r> {
    resolver: &'r Resolver<'r>,
    texts: std::cell::RefCell<BTreeMap<String, Arc<str>>>,
}

impl<'r> Remembered<'r> {
    fn new(resolver: &'r Resolver<'r>) -> Remembered<'r> {
        Remembered { resolver, texts: std::cell::RefCell::default() }
    }

    fn find(&self, name: &str) -> Option<String> {
        let text = (self.resolver)(name)?;
        self.texts.borrow_mut().insert(name.to_owned(), text.as_str().into());
        Some(text)
    }
}

fn fingerprint(sources: &Sources, keyword_files: &Remembered<'_>) -> u128 {
    let mut hash = SipHasher24::new();
    for source in sources.iter() {
        hash.write_u64(source.text.len() as u64);
        hash.write(source.text.as_bytes());
    }
    for (name, text) in keyword_files.texts.borrow().iter() {
        let mut content = SipHasher24::new();
        content.write(text.as_bytes());
        hash.write(name.as_bytes());
        hash.write(&content.finish128().as_u128().to_le_bytes());
    }
    hash.finish128().as_u128()
}

/// Every file, parsed.
struct Loaded {
    files: Vec<(u16, ast::File)>,
    sources: Sources,
    diagnostics: Vec<Diagnostic>,
}

/// Parses the sources and what they use, each once, in the order of first mention.
fn load(given: Vec<Source>, resolver: &Resolver<'_>, limits: &Limits) -> Loaded {
    let mut loaded = Loaded { files: Vec::new(), sources: Sources::default(), diagnostics: Vec::new() };
    let mut known: BTreeSet<Arc<str>> = given.iter().map(|source| source.name.clone()).collect();
    let mut waiting: VecDeque<Source> = given.into();
    let mut bytes = 0_usize;
    while let Some(source) = waiting.pop_front() {
        bytes = bytes.saturating_add(source.text.len());
        let index = loaded.sources.add(source.clone());
        if bytes > limits.source_bytes {
            loaded.diagnostics.push(Diagnostic::new(
                Code::SourceTooLarge,
                Span { source: index, start: 0, end: 0 },
                format!("all sources together have more than {} bytes", limits.source_bytes),
                "this one is too much",
            ));
            break;
        }
        let (file, found) = syntax::parse(index, &source, limits);
        loaded.diagnostics.extend(found);
        for item in &file.items {
            let ast::ItemKind::Use(name) = &item.kind else { continue };
            if known.contains(name.text.as_str()) {
                continue;
            }
            known.insert(name.text.as_str().into());
            if loaded.files.len() + waiting.len() >= usize::from(u16::MAX) {
                loaded.diagnostics.push(Diagnostic::new(
                    Code::TooMany,
                    name.span,
                    format!("there are more than {} files", u16::MAX),
                    "one too many",
                ));
                break;
            }
            match resolver(&name.text) {
                Some(text) => waiting.push_back(Source::new(name.text.as_str(), text)),
                None => loaded.diagnostics.push(
                    Diagnostic::new(
                        Code::MissingFile,
                        name.span,
                        format!("there is no file `{}`", name.text),
                        "the host did not find it",
                    )
                    .with_help(
                        "a path is looked up by the host; see to it that the file is where the host looks",
                    ),
                ),
            }
        }
        loaded.files.push((index, file));
    }
    loaded
}

/// What the keyword and regex compilers refuse, at its place.
fn text_error(error: &TextError, files: &[(u16, ast::File)], sets: &[Arc<str>]) -> Diagnostic {
    let keywords = files.iter().flat_map(|(_, file)| &file.items).filter_map(|item| match &item.kind {
        ast::ItemKind::Keywords(keywords) => Some(keywords),
        _ => None,
    });
    match error {
        TextError::Blank { set, place } => {
            let name = sets.get(set.index());
            let set =
                keywords.into_iter().find(|keywords| name.is_some_and(|name| **name == *keywords.name.text));
            let span = set.map_or(Span::default(), |set| match (&set.body, place) {
                (ast::KeywordsBody::From(file), _) => file.span,
                (ast::KeywordsBody::Patterns { patterns, .. }, Place::Pattern(at)) => {
                    patterns.get(*at).map_or(set.name.span, |pattern| pattern.text.span)
                }
                (ast::KeywordsBody::Patterns { except, .. }, Place::Except(at)) => {
                    except.get(*at).map_or(set.name.span, |phrase| phrase.span)
                }
            });
            Diagnostic::new(
                Code::BlankPattern,
                span,
                "this pattern has nothing that can be seen",
                "it would be found everywhere",
            )
            .with_help("remove it")
        }
        other => {
            let span = keywords.into_iter().next().map_or(Span::default(), |set| set.name.span);
            Diagnostic::new(Code::TooMany, span, "the keywords cannot be compiled", other.to_string())
        }
    }
}
