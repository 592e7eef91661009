//! A rulebook as a tree of pieces of text, so that it can be made smaller piece by piece.

use std::fmt::Write;

/// What a piece is: one may stand in for another of its sort. Whether the result makes sense the compiler says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    Rulebook,
    Item,
    Clause,
    Part,
    Cond,
    Num,
    Text,
    Time,
    Selector,
    Duration,
}

impl Sort {
    /// The simplest pieces of the sort.
    fn simplest(self) -> &'static [&'static str] {
        match self {
            Sort::Cond => &["tagged t1", "count(activity) >= 1", "count(order) >= 1"],
            Sort::Num => &["1"],
            Sort::Text => &["\"x\""],
            Sort::Selector => &["order", "activity"],
            Sort::Duration => &["1h", "1d"],
            _ => &[],
        }
    }
}

#[derive(Clone, Debug)]
pub struct Node {
    pub sort: Sort,
    pub parts: Vec<Part>,
}

#[derive(Clone, Debug)]
pub enum Part {
    Text(String),
    Kid(Node),
    /// May be left out.
    Maybe(Node),
    /// An expression within the quotes of a text.
    Quoted(Node),
}

/// Makes a node of texts and nodes: `node!(Cond: "(", a, " and ", b, ")")`.
macro_rules! node {
    ($sort:ident: $($part:expr),* $(,)?) => {
        $crate::generate::node::Node {
            sort: $crate::generate::node::Sort::$sort,
            parts: vec![$($crate::generate::node::Part::from($part)),*],
        }
    };
}
pub(crate) use node;

impl From<&str> for Part {
    fn from(text: &str) -> Part {
        Part::Text(text.to_owned())
    }
}

impl From<String> for Part {
    fn from(text: String) -> Part {
        Part::Text(text)
    }
}

impl From<Node> for Part {
    fn from(node: Node) -> Part {
        Part::Kid(node)
    }
}

/// A way to make a tree smaller.
#[derive(Clone, Debug)]
pub enum Cut {
    /// Leaves out the piece at this path.
    Drop(Vec<usize>),
    /// Puts one of its descendants, by its path from there, in the place of the piece.
    Lift(Vec<usize>, Vec<usize>),
    /// Puts a simplest piece there.
    Simplify(Vec<usize>, &'static str),
}

impl Node {
    pub fn render(&self) -> String {
        let mut text = String::new();
        self.write(&mut text);
        text
    }

    fn write(&self, out: &mut String) {
        for part in &self.parts {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Kid(node) | Part::Maybe(node) => node.write(out),
                Part::Quoted(node) => {
                    let inner = node.render().replace('\\', "\\\\").replace('"', "\\\"");
                    let _ = write!(out, "{{{inner}}}");
                }
            }
        }
    }

    fn kid(&self, at: usize) -> Option<&Node> {
        match self.parts.get(at)? {
            Part::Text(_) => None,
            Part::Kid(node) | Part::Maybe(node) | Part::Quoted(node) => Some(node),
        }
    }

    fn kid_mut(&mut self, at: usize) -> Option<&mut Node> {
        match self.parts.get_mut(at)? {
            Part::Text(_) => None,
            Part::Kid(node) | Part::Maybe(node) | Part::Quoted(node) => Some(node),
        }
    }

    fn at(&self, path: &[usize]) -> Option<&Node> {
        path.iter().try_fold(self, |node, at| node.kid(*at))
    }

    fn at_mut(&mut self, path: &[usize]) -> Option<&mut Node> {
        path.iter().try_fold(self, |node, at| node.kid_mut(*at))
    }

    /// Every way to make it smaller, big cuts first.
    pub fn cuts(&self) -> Vec<Cut> {
        let (mut drops, mut rest) = (Vec::new(), Vec::new());
        self.collect(&mut Vec::new(), &mut drops, &mut rest);
        drops.sort_by_key(|cut| match cut {
            Cut::Drop(path) => path.len(),
            _ => 0,
        });
        drops.extend(rest);
        drops
    }

    fn collect(&self, path: &mut Vec<usize>, drops: &mut Vec<Cut>, rest: &mut Vec<Cut>) {
        let text = self.render();
        for simple in self.sort.simplest() {
            if simple.len() < text.len() || (simple.len() == text.len() && *simple < text.as_str()) {
                rest.push(Cut::Simplify(path.clone(), simple));
            }
        }
        let mut below = Vec::new();
        self.descendants(self.sort, &mut Vec::new(), &mut below);
        rest.extend(below.into_iter().map(|to| Cut::Lift(path.clone(), to)));
        for (at, part) in self.parts.iter().enumerate() {
            path.push(at);
            match part {
                Part::Text(_) => {}
                Part::Kid(node) | Part::Quoted(node) => node.collect(path, drops, rest),
                Part::Maybe(node) => {
                    drops.push(Cut::Drop(path.clone()));
                    node.collect(path, drops, rest);
                }
            }
            path.pop();
        }
    }

    fn descendants(&self, sort: Sort, path: &mut Vec<usize>, found: &mut Vec<Vec<usize>>) {
        for at in 0..self.parts.len() {
            let Some(kid) = self.kid(at) else { continue };
            path.push(at);
            if kid.sort == sort {
                found.push(path.clone());
            }
            kid.descendants(sort, path, found);
            path.pop();
        }
    }

    pub fn cut(&self, cut: &Cut) -> Option<Node> {
        let mut tree = self.clone();
        match cut {
            Cut::Drop(path) => {
                let (last, above) = path.split_last()?;
                let parent = tree.at_mut(above)?;
                matches!(parent.parts.get(*last)?, Part::Maybe(_)).then_some(())?;
                parent.parts.remove(*last);
            }
            Cut::Lift(path, to) => {
                let lifted = self.at(path)?.at(to)?.clone();
                *tree.at_mut(path)? = lifted;
            }
            Cut::Simplify(path, simple) => {
                let node = tree.at_mut(path)?;
                node.parts = vec![Part::Text((*simple).to_owned())];
            }
        }
        Some(tree)
    }
}
