//! Draws messages as text with carets. The only file that names `annotate-snippets`.
