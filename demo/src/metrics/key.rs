//! What names a metric: namespace, metric name and dimensions.

/// The identity of one time series.
///
/// AWS: each unique combination of dimensions is a metric of its own; nothing is summed over dimensions.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MetricKey {
    namespace: String,
    name: String,
    /// Sorted by name, so that the order in a request makes no difference.
    dimensions: Vec<(String, String)>,
}

impl MetricKey {
    /// A key; the dimensions may come in any order.
    pub fn new<N: Into<String>, V: Into<String>>(
        namespace: impl Into<String>,
        name: impl Into<String>,
        dimensions: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        let mut dimensions: Vec<(String, String)> =
            dimensions.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        dimensions.sort();
        Self { namespace: namespace.into(), name: name.into(), dimensions }
    }

    /// The namespace, such as `AWS/ApiGateway`.
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// The metric's name, such as `5XXError`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The dimensions, sorted by name.
    pub fn dimensions(&self) -> &[(String, String)] {
        &self.dimensions
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_dimensions_makes_no_difference() {
        let one = MetricKey::new("AWS/ApiGateway", "Count", [("Stage", "prod"), ("ApiName", "a")]);
        let other = MetricKey::new("AWS/ApiGateway", "Count", [("ApiName", "a"), ("Stage", "prod")]);
        assert_eq!(one, other);
    }
}
