//! What the services of the estate are made of: their routes, who may call them, who runs them.

use super::super::AuthorizerKind;

/// A service that one or several APIs offer.
#[derive(Debug)]
pub struct Service {
    /// The word in the API's name.
    pub word: &'static str,
    pub purpose: &'static str,
    pub team: &'static str,
    pub authorizer: Option<AuthorizerKind>,
    /// Whether the guarded methods want an API key too.
    pub api_keys: bool,
    /// Most used first; an API may lack some of the last.
    pub operations: &'static [Operation],
}

/// One method or route.
#[derive(Debug, Clone, Copy)]
pub struct Operation {
    /// Empty for a route without one, such as `$connect`.
    pub verb: &'static str,
    pub path: &'static str,
    pub name: &'static str,
    pub access: Access,
}

/// Who may call an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    Open,
    Iam,
    /// Whom the API's authorizer lets in.
    Authorizer,
}

const fn guarded(verb: &'static str, path: &'static str, name: &'static str) -> Operation {
    Operation { verb, path, name, access: Access::Authorizer }
}

const fn open(verb: &'static str, path: &'static str, name: &'static str) -> Operation {
    Operation { verb, path, name, access: Access::Open }
}

const fn signed(verb: &'static str, path: &'static str, name: &'static str) -> Operation {
    Operation { verb, path, name, access: Access::Iam }
}

/// The REST API that every cell has.
pub static CELL: Service = Service {
    word: "api",
    purpose: "Orders, carts and products",
    team: "checkout",
    authorizer: Some(AuthorizerKind::Token),
    api_keys: true,
    operations: &[
        guarded("GET", "/orders/{orderId}", "getOrder"),
        guarded("POST", "/orders", "createOrder"),
        guarded("GET", "/orders", "listOrders"),
        guarded("GET", "/products/{productId}", "getProduct"),
        guarded("GET", "/products", "listProducts"),
        guarded("GET", "/carts/{cartId}", "getCart"),
        guarded("POST", "/carts/{cartId}/items", "addCartItem"),
        guarded("GET", "/customers/{customerId}", "getCustomer"),
        open("GET", "/health", "getHealth"),
        guarded("PUT", "/customers/{customerId}", "putCustomer"),
        guarded("DELETE", "/orders/{orderId}", "cancelOrder"),
        guarded("DELETE", "/carts/{cartId}/items/{itemId}", "removeCartItem"),
    ],
};

/// An HTTP API that the larger cells have beside it.
pub static ORDERS: Service = Service {
    word: "orders",
    purpose: "Order tracking for the mobile applications",
    team: "mobile",
    authorizer: Some(AuthorizerKind::Jwt),
    api_keys: false,
    operations: &[
        guarded("GET", "/orders/{orderId}", "trackOrder"),
        guarded("GET", "/orders", "listMyOrders"),
        guarded("POST", "/orders", "placeOrder"),
        open("GET", "/health", "getHealth"),
        guarded("GET", "/orders/{orderId}/events", "listOrderEvents"),
        guarded("POST", "/orders/{orderId}/cancel", "cancelOrder"),
        guarded("PUT", "/orders/{orderId}/address", "changeAddress"),
    ],
};

/// A WebSocket API for live updates.
pub static LIVE: Service = Service {
    word: "live",
    purpose: "Live order and courier positions",
    team: "mobile",
    authorizer: Some(AuthorizerKind::Request),
    api_keys: false,
    operations: &[
        guarded("", "$connect", "connect"),
        open("", "$disconnect", "disconnect"),
        open("", "$default", "unknownMessage"),
        open("", "subscribe", "subscribe"),
        open("", "position", "reportPosition"),
        open("", "unsubscribe", "unsubscribe"),
    ],
};

/// The API that looks a customer's cell up.
pub static ROUTER: Service = Service {
    word: "router",
    purpose: "Which cell serves which customer",
    team: "platform",
    authorizer: None,
    api_keys: false,
    operations: &[
        open("GET", "/route/{customerId}", "routeCustomer"),
        signed("GET", "/cells", "listCells"),
        signed("POST", "/route", "assignCustomer"),
        open("GET", "/health", "getHealth"),
    ],
};

/// The staff's API.
pub static ADMIN: Service = Service {
    word: "admin",
    purpose: "Back office for the support staff",
    team: "platform",
    authorizer: Some(AuthorizerKind::Cognito),
    api_keys: false,
    operations: &[
        guarded("GET", "/tenants/{tenantId}", "getTenant"),
        guarded("GET", "/tenants", "listTenants"),
        guarded("POST", "/tenants", "createTenant"),
        guarded("PUT", "/tenants/{tenantId}", "putTenant"),
        guarded("GET", "/audit", "listAuditEvents"),
        guarded("GET", "/reports/{reportId}", "getReport"),
        guarded("POST", "/reports", "createReport"),
        guarded("DELETE", "/tenants/{tenantId}", "deleteTenant"),
    ],
};

/// What partners call.
pub static PARTNER: Service = Service {
    word: "partner",
    purpose: "Catalogue and quotes for partners",
    team: "partners",
    authorizer: Some(AuthorizerKind::Jwt),
    api_keys: false,
    operations: &[
        guarded("GET", "/catalogue/{sku}", "getArticle"),
        guarded("GET", "/catalogue", "listArticles"),
        guarded("POST", "/quotes", "createQuote"),
        guarded("GET", "/quotes/{quoteId}", "getQuote"),
        guarded("POST", "/shipments", "createShipment"),
    ],
};

/// The public status page's source.
pub static STATUS: Service = Service {
    word: "status",
    purpose: "Public status page",
    team: "platform",
    authorizer: None,
    api_keys: false,
    operations: &[
        open("GET", "/status", "getStatus"),
        open("GET", "/status/{component}", "getComponentStatus"),
        open("GET", "/incidents", "listIncidents"),
    ],
};

/// Calls from outside providers.
pub static WEBHOOKS: Service = Service {
    word: "webhooks",
    purpose: "Events from payment and shipping providers",
    team: "payments",
    authorizer: Some(AuthorizerKind::Request),
    api_keys: false,
    operations: &[
        guarded("POST", "/webhooks/{provider}", "receiveEvent"),
        open("GET", "/webhooks/{provider}/challenge", "answerChallenge"),
        guarded("POST", "/replays", "replayEvents"),
    ],
};

/// What a larger estate has beyond the services above; each is a REST API per cell.
pub static FURTHER: [Service; 6] = [
    further("payments", "Payments and refunds", "payments"),
    further("inventory", "Stock and reservations", "warehouse"),
    further("search", "Search and suggestions", "discovery"),
    further("profiles", "Customer profiles and consent", "accounts"),
    further("pricing", "Prices and promotions", "discovery"),
    further("returns", "Returns and claims", "checkout"),
];

static FURTHER_OPERATIONS: [Operation; 6] = [
    guarded("GET", "/items/{itemId}", "getItem"),
    guarded("GET", "/items", "listItems"),
    guarded("POST", "/items", "createItem"),
    open("GET", "/health", "getHealth"),
    guarded("PUT", "/items/{itemId}", "putItem"),
    guarded("DELETE", "/items/{itemId}", "deleteItem"),
];

const fn further(word: &'static str, purpose: &'static str, team: &'static str) -> Service {
    Service {
        word,
        purpose,
        team,
        authorizer: Some(AuthorizerKind::Token),
        api_keys: false,
        operations: &FURTHER_OPERATIONS,
    }
}
