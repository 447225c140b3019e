//! Panels: the rows of one measured thing (a stage, a rule of a web ACL, a function), and the faces under which AWS
//! shows them.
//!
//! A row is stored once. `{ApiName}` adds up the stages of the name, and a cell's own metrics those of its APIs, when
//! they are read.

use super::layout::{Layout, Measure};
use super::row::Row;
use super::timeline::{Minute, Timeline};

/// A panel of one store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PanelId(pub(super) usize);

/// Panels whose past comes from one source, and is made at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GroupId(pub u32);

/// What a panel is called within the store, and how the world sees it.
#[derive(Clone, Debug)]
pub struct PanelSpec {
    /// Unique among the panels; clients never see it.
    pub name: String,
    /// Where its past comes from; `None` for a thing without a past.
    pub group: Option<GroupId>,
    pub faces: Vec<Face>,
}

/// A set of dimensions under which a panel shows up, added to other panels of the same dimensions.
#[derive(Clone, Debug)]
pub struct Face {
    pub layout: &'static Layout,
    /// In any order.
    pub dimensions: Vec<(&'static str, String)>,
}

/// Dimensions, sorted by name.
pub type Dimensions = Vec<(String, String)>;

impl Face {
    /// A face of this layout with these dimensions.
    pub fn new<const N: usize>(layout: &'static Layout, dimensions: [(&'static str, &str); N]) -> Self {
        Self { layout, dimensions: dimensions.map(|(name, value)| (name, value.to_owned())).into() }
    }

    pub(super) fn key(&self) -> (&'static str, Dimensions) {
        let mut dimensions: Dimensions =
            self.dimensions.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        dimensions.sort();
        (self.layout.namespace, dimensions)
    }
}

/// The rows of one thing.
#[derive(Debug)]
pub(super) struct Panel {
    pub rows: Timeline<Row>,
    pub group: Option<GroupId>,
    layouts: Vec<&'static Layout>,
    /// The last minute, of those that are over, in which a measure had data.
    seen: Vec<(&'static Measure, Minute)>,
}

impl Panel {
    pub fn new(spec: &PanelSpec) -> Self {
        let mut layouts: Vec<&'static Layout> = Vec::new();
        for face in &spec.faces {
            if !layouts.iter().any(|known| std::ptr::eq(*known, face.layout)) {
                layouts.push(face.layout);
            }
        }
        Self { rows: Timeline::default(), group: spec.group, layouts, seen: Vec::new() }
    }

    /// Notes which measures have data in a minute.
    pub fn see(&mut self, minute: Minute, row: &Row) {
        for measure in self.layouts.iter().flat_map(|layout| layout.measures) {
            if measure.reading.has_data(row) {
                match self.seen.iter_mut().find(|(known, _)| std::ptr::eq(*known, measure)) {
                    Some((_, last)) => *last = (*last).max(minute),
                    None => self.seen.push((measure, minute)),
                }
            }
        }
    }

    /// Notes which measures have data in the last minute.
    pub fn see_latest(&mut self) {
        let Some((minute, row)) = self.rows.latest() else { return };
        let row = row.clone();
        self.see(minute, &row);
    }

    /// The last minute in which a measure of its layouts had data.
    pub fn last(&self, measure: &Measure) -> Option<Minute> {
        if let Some((minute, row)) = self.rows.latest()
            && measure.reading.has_data(row)
        {
            return Some(minute);
        }
        self.seen.iter().find(|(known, _)| std::ptr::eq(*known, measure)).map(|(_, last)| *last)
    }
}

/// All panels with the same dimensions.
#[derive(Debug)]
pub(super) struct Shown {
    pub layout: &'static Layout,
    pub panels: Vec<PanelId>,
}
