package api

// Words of an order.
const (
	Buy  = "buy"
	Sell = "sell"

	Yes = "yes"
	No  = "no"

	TypeLimit  = "limit"
	TypeMarket = "market"

	GTC = "gtc" // good till cancelled
	GTT = "gtt" // good till time
	IOC = "ioc" // immediate or cancel
	FOK = "fok" // fill or kill

	CancelTaker  = "cancel_taker"
	CancelMaker  = "cancel_maker"
	CancelBoth   = "cancel_both"
	DecreaseBoth = "decrease_both"
	AllowSelf    = "allow"
)

// Words of an order's status.
const (
	StatusOpen      = "open"
	StatusFilled    = "filled"
	StatusCancelled = "cancelled"
	StatusExpired   = "expired"
	StatusDone      = "done" // after an amendment: filled or cancelled
)

// Words of an account's side of a trade.
const (
	RoleMaker = "maker"
	RoleTaker = "taker"
)

// PlaceOrder asks for an order.
type PlaceOrder struct {
	// Outcome is "yes" or "no" in a binary market, else the name of the outcome.
	Outcome string `json:"outcome"`
	// Contract is which contract of a categorical market's outcome is meant, "yes" (default) or "no". It is refused in
	// a binary market, where the outcome says it.
	Contract string `json:"contract,omitzero"`
	Side     string `json:"side"`          // "buy" or "sell"
	Type     string `json:"type,omitzero"` // "limit" (default) or "market"
	// Price is the limit; for a market order the worst price, which may be left out if MaxCost is given.
	Price    Price  `json:"price,omitzero"`
	Quantity uint32 `json:"quantity"` // 1 to 1,000,000
	// TimeInForce is "gtc" (default), "gtt", "ioc" (default of market orders) or "fok".
	TimeInForce string `json:"time_in_force,omitzero"`
	ExpiresAt   Time   `json:"expires_at,omitzero"`  // with "gtt" only
	PostOnly    bool   `json:"post_only,omitzero"`   // refused if it would trade at once
	ReduceOnly  bool   `json:"reduce_only,omitzero"` // closes what the account holds, and opens nothing
	// SelfTrade is "cancel_taker" (default), "cancel_maker", "cancel_both", "decrease_both" or, where the market
	// permits it, "allow".
	SelfTrade string `json:"self_trade,omitzero"`
	MaxCost   Money  `json:"max_cost,omitzero"` // market orders only: most to pay, fees included
	Group     ID     `json:"group,omitzero"`    // the order group that it belongs to
	// ClientOrderID is the caller's own id, 1 to 64 printable ASCII characters. It is the idempotency key where the
	// request has no other.
	ClientOrderID string `json:"client_order_id,omitzero"`
}

// Receipt heads every answer to a mutation.
type Receipt struct {
	Seq  ID   `json:"seq"`  // a read that has seen it has seen the effects
	Time Time `json:"time"` // log time at which it took effect
}

// OrderAnswer is the answer to a placed order. It says what happened at once; amounts are of this request alone.
type OrderAnswer struct {
	Receipt
	Order         ID     `json:"order"`
	Market        ID     `json:"market"`
	Outcome       string `json:"outcome"`
	Contract      string `json:"contract,omitzero"` // categorical markets only
	Side          string `json:"side"`
	Type          string `json:"type"`
	Price         Price  `json:"price"` // as ordered, the worst price for a market order
	Quantity      uint32 `json:"quantity"`
	TimeInForce   string `json:"time_in_force"`
	Status        string `json:"status"` // "open", "filled" or "cancelled"
	Filled        uint32 `json:"filled"`
	Remaining     uint32 `json:"remaining"` // rests in the book
	Cost          Money  `json:"cost"`      // sum of price × quantity of the trades, in the order's terms
	Fees          Money  `json:"fees"`
	Version       uint32 `json:"version"`
	ClientOrderID string `json:"client_order_id,omitzero"`
}

// AmendOrder changes an order. What is left out stays.
type AmendOrder struct {
	Price Price `json:"price,omitzero"`
	// Contract is the contract that Price speaks of, "yes" or "no"; by default the one that the order was placed on.
	Contract string `json:"contract,omitzero"`
	Quantity uint32 `json:"quantity,omitzero"` // the new total, filled contracts included
}

// AmendAnswer is the answer to an amendment. Amounts are of this request alone.
type AmendAnswer struct {
	Receipt
	Order     ID     `json:"order"`
	Market    ID     `json:"market"`
	Contract  string `json:"contract,omitzero"` // whose terms Price and Cost are in; only with a new price
	Price     Price  `json:"price,omitzero"`    // as asked for
	Quantity  uint32 `json:"quantity,omitzero"` // as asked for
	Status    string `json:"status"`            // "open" or "done"
	Filled    uint32 `json:"filled"`
	Remaining uint32 `json:"remaining"`
	Cost      Money  `json:"cost"`
	Fees      Money  `json:"fees"`
	Version   uint32 `json:"version"`
}

// CancelAnswer is the answer to a cancelled order.
type CancelAnswer struct {
	Receipt
	Order  ID     `json:"order"`
	Market ID     `json:"market"`
	Status string `json:"status"` // "cancelled"
}

// MassCancelAnswer is the answer to cancelling many orders. None of them trades any more; they leave the book soon.
type MassCancelAnswer struct {
	Receipt
	Orders uint32 `json:"orders"` // how many will be cancelled, where known
}

// Batch cancels and places up to 100 orders in one request, cancels first. Each succeeds or is refused by itself.
type Batch struct {
	Cancels []BatchCancel `json:"cancels,omitzero"`
	Orders  []BatchOrder  `json:"orders,omitzero"`
}

// BatchCancel names an order to cancel.
type BatchCancel struct {
	Market ID `json:"market"`
	Order  ID `json:"order"`
}

// BatchOrder is an order and its market.
type BatchOrder struct {
	Market ID `json:"market"`
	PlaceOrder
}

// BatchAnswer has one result for each item, in the order of the request.
type BatchAnswer struct {
	Seq     ID                  `json:"seq"` // the greatest of all
	Cancels []BatchCancelResult `json:"cancels,omitzero"`
	Orders  []BatchOrderResult  `json:"orders,omitzero"`
}

// BatchCancelResult has exactly one field.
type BatchCancelResult struct {
	Cancelled *CancelAnswer `json:"cancelled,omitzero"`
	Refused   *Problem      `json:"refused,omitzero"`
}

// BatchOrderResult has exactly one field.
type BatchOrderResult struct {
	Placed  *OrderAnswer `json:"placed,omitzero"`
	Refused *Problem     `json:"refused,omitzero"`
}

// Order is an order as it stands.
type Order struct {
	Order         ID     `json:"order"`
	Market        ID     `json:"market"`
	Outcome       string `json:"outcome"`
	Contract      string `json:"contract,omitzero"`
	Side          string `json:"side"`
	Type          string `json:"type"`
	Price         Price  `json:"price"`
	Quantity      uint32 `json:"quantity"`
	Filled        uint32 `json:"filled"`
	Remaining     uint32 `json:"remaining"`
	Status        string `json:"status"`          // "open", "filled", "cancelled" or "expired"
	Reason        string `json:"reason,omitzero"` // why it was cancelled
	TimeInForce   string `json:"time_in_force"`
	ExpiresAt     Time   `json:"expires_at,omitzero"`
	PostOnly      bool   `json:"post_only,omitzero"`
	ReduceOnly    bool   `json:"reduce_only,omitzero"`
	SelfTrade     string `json:"self_trade"`
	Group         ID     `json:"group,omitzero"`
	ClientOrderID string `json:"client_order_id,omitzero"`
	PlacedAt      Time   `json:"placed_at"`
	Version       uint32 `json:"version"`
}

// Orders is a page of orders, newest first.
type Orders struct {
	Orders []Order `json:"orders"`
	Page
}

// Page tells where a list goes on.
type Page struct {
	NextCursor string `json:"next_cursor,omitzero"` // left out at the end; a page may be short or empty before it
	Seq        ID     `json:"seq,omitzero"`         // the read model's place when the page was made
}
