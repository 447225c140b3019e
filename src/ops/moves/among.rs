//! Which of a cell's customers are meant at all: by a pattern of their id, and by what their items say.

use std::collections::BTreeMap;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};

use super::plan::READS_AT_ONCE;
use crate::aws::{LARGEST_BATCH, Mode, Session};
use crate::domain::cell::matches_glob;
use crate::domain::change::Refusal;
use crate::domain::filter::{Filter, Filterable, Value};
use crate::domain::moves::settings::MoveTable;
use crate::ops::change::ChangeError;

/// What a customer must be like. Nothing said, all are meant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Among {
    /// A pattern of the id, in which `*` is any run of characters; capitals count.
    pub glob: Option<String>,
    /// Comparisons with attributes of the item, in the grammar of [`Filter`]; all must hold.
    pub filter: Option<String>,
}

struct Row {
    customer: String,
    attributes: BTreeMap<String, Value>,
}

impl Filterable for Row {
    fn text(&self) -> String {
        self.customer.clone()
    }

    fn value(&self, column: &str) -> Value {
        self.attributes.get(column).cloned().unwrap_or(Value::Absent)
    }
}

impl Among {
    /// Those of the customers who are meant. A filter reads the item of each.
    ///
    /// # Errors
    /// A filter that is none, or that names what no item has; items that can't be read.
    pub async fn choose<M: Mode>(
        &self,
        session: &Session<M>,
        table: &MoveTable,
        mut customers: Vec<String>,
    ) -> Result<Vec<String>, ChangeError> {
        if let Some(glob) = &self.glob {
            customers.retain(|customer| matches_glob(glob, customer));
        }
        let Some(text) = &self.filter else { return Ok(customers) };
        let ids: Vec<&str> = customers.iter().map(String::as_str).collect();
        // Boxed and listed, so that whoever awaits this may do so on any thread.
        let reads: Vec<BoxFuture<'_, _>> =
            ids.chunks(LARGEST_BATCH).map(|batch| session.mapping_attributes(table, batch).boxed()).collect();
        let read: Vec<Vec<Option<BTreeMap<String, Value>>>> =
            stream::iter(reads).buffered(READS_AT_ONCE).try_collect().await?;
        let rows: Vec<Row> = customers
            .iter()
            .zip(read.into_iter().flatten())
            // One who has gone since the cell was listed is nobody's any more.
            .filter_map(|(customer, attributes)| {
                Some(Row { customer: customer.clone(), attributes: attributes? })
            })
            .collect();
        Ok(passing(text, rows, table)?.into_iter().map(|row| row.customer).collect())
    }
}

fn passing(text: &str, rows: Vec<Row>, table: &MoveTable) -> Result<Vec<Row>, Refusal> {
    let illegal = |legal: String| Refusal::Illegal {
        what: "the filter of customers".to_owned(),
        value: text.to_owned(),
        legal,
    };
    let own = [table.customer_attribute.clone(), table.cell_attribute.clone()];
    let mut columns: Vec<String> =
        rows.iter().flat_map(|row| row.attributes.keys().cloned()).chain(own).collect();
    columns.sort_unstable();
    columns.dedup();
    let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
    let filter = Filter::parse(text, &columns).map_err(|error| illegal(error.to_string()))?;
    if filter.is_empty() || !filter.compares_alone() {
        return Err(illegal(
            "comparisons with attributes are needed, such as tier=gold; a pattern of the id is another option".to_owned(),
        ));
    }
    Ok(filter.apply(rows))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::moves::settings::{Fence, Stamp};

    fn chosen(filter: &str) -> Result<Vec<String>, String> {
        let table = MoveTable {
            name: "CellMappings".into(),
            customer_attribute: "CustomerId".into(),
            cell_attribute: "CellId".into(),
            fence: Fence::default(),
            stamp: Stamp::default(),
        };
        let row = |customer: &str, attributes: &[(&str, Value)]| Row {
            customer: customer.to_owned(),
            attributes: attributes.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
        };
        let rows = vec![
            row("a", &[("tier", Value::Text("gold".into())), ("version", Value::Number(7.0))]),
            row("b", &[("tier", Value::Text("free".into()))]),
            row("c", &[]),
        ];
        let passed = passing(filter, rows, &table).map_err(|refusal| refusal.to_string())?;
        Ok(passed.into_iter().map(|row| row.customer).collect())
    }

    #[test]
    fn attributes_are_compared_and_words_are_refused() {
        let ids = |ids: &[&str]| Ok(ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>());
        assert_eq!(chosen("tier=gold"), ids(&["a"]));
        assert_eq!(chosen("version>=7 tier=GOLD"), ids(&["a"]));
        assert_eq!(chosen("tier!=gold"), ids(&["b"]), "no comparison holds of what isn't there");
        assert_eq!(chosen("!tier=gold"), ids(&["b", "c"]), "and its opposite does");
        assert!(chosen("teir=gold").unwrap_err().contains("did you mean 'tier'?"));
        assert!(chosen("gold").unwrap_err().contains("comparisons with attributes are needed"));
        assert!(chosen(" ").unwrap_err().contains("comparisons with attributes are needed"));
    }
}
