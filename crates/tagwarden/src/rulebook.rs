use crate::plan::Plan;
use crate::schema::Schema;
use std::sync::Arc;
#[derive(Clone, Debug)]
pub struct Rulebook(Arc<Plan>);
impl Rulebook {
    pub(crate) fn plan(&self) -> &Plan {
        &self.0
    }
    pub fn schema(&self) -> &Schema {
        &self.0.tree.schema
    }
}
impl Rulebook {
    pub(crate) fn fingerprint(&self) -> u128 {
        0
    }
}
