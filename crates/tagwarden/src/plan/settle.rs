//! What an event reads lies side by side.

use super::{EntityPlan, Page, Stream};

impl EntityPlan {
    /// Allocates selectors and pages anew, each selector with the pages that it feeds. They were put together piece by piece, and
    /// so their parts lie all over the memory: with thousands of rules, an event that touches ten would wait for each of them.
    pub(super) fn settle(&mut self) {
        let mut pages: Vec<Option<Page>> = vec![None; self.pages.len()];
        let mut streams: Vec<Stream> = Vec::with_capacity(self.streams.len());
        for stream in &self.streams {
            streams.push(stream.clone());
            for feed in &stream.feeds {
                let at = feed.page as usize;
                if let (Some(settled @ None), Some(page)) = (pages.get_mut(at), self.pages.get(at)) {
                    *settled = Some(page.clone());
                }
            }
        }
        let rest = pages.into_iter().zip(&self.pages);
        self.pages = rest.map(|(settled, page)| settled.unwrap_or_else(|| page.clone())).collect();
        self.streams = streams;
    }
}
