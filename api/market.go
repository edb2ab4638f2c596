package api

// Words of a market's kind.
const (
	Binary      = "binary"
	Categorical = "categorical"
)

// MarketInfo is a market as it stands. Lists leave Rules out.
type MarketInfo struct {
	Market               ID            `json:"market"`
	Question             string        `json:"question"`
	Rules                string        `json:"rules,omitzero"`
	Kind                 string        `json:"kind"`   // "binary" or "categorical"
	Status               string        `json:"status"` // open, suspended, closed, resolved, settled, voiding, voided
	Halted               bool          `json:"halted,omitzero"`
	HaltDetail           string        `json:"halt_detail,omitzero"`
	Outcomes             []OutcomeInfo `json:"outcomes"` // of a binary market "yes" and "no", two views of one book
	CreatedAt            Time          `json:"created_at"`
	ActiveAt             Time          `json:"active_at"` // of the last trade or, before the first, created_at
	CloseAt              Time          `json:"close_at,omitzero"`
	Tick                 Tick          `json:"tick"`
	TakerFee             Rate          `json:"taker_fee"`
	MakerShare           Rate          `json:"maker_share"`
	PositionLimit        uint32        `json:"position_limit"`
	Collar               Price         `json:"collar,omitzero"`
	DisputeWindowSeconds int64         `json:"dispute_window_seconds,omitzero"`
	KeepOrdersOnSuspend  bool          `json:"keep_orders_on_suspend,omitzero"`
	SelfTradesAllowed    bool          `json:"self_trades_allowed,omitzero"`
	Volume               uint64        `json:"volume"`     // contracts traded
	DayVolume            uint64        `json:"day_volume"` // the same in the last 24 hours
	Trades               uint64        `json:"trades"`
	Resolution           *Resolution   `json:"resolution,omitzero"`
	VoidReason           string        `json:"void_reason,omitzero"`
	Version              uint32        `json:"version"`
	Seq                  ID            `json:"seq,omitzero"`
}

// OutcomeInfo is the state of an outcome. Prices are of its Yes contract (of a binary market's "no", of No).
type OutcomeInfo struct {
	Outcome      string `json:"outcome"`
	BestBid      Price  `json:"best_bid,omitzero"`
	BestAsk      Price  `json:"best_ask,omitzero"`
	LastPrice    Price  `json:"last_price,omitzero"`
	DayOpenPrice Price  `json:"day_open_price,omitzero"` // the last price 24 hours ago
	Volume       uint64 `json:"volume"`
	DayVolume    uint64 `json:"day_volume"`
	OpenInterest uint64 `json:"open_interest"` // pairs of Yes and No that exist
}

// Resolution says what each outcome pays, in the order of the market's outcomes ("yes" first in a binary market).
type Resolution struct {
	Values   []Price `json:"values"`
	Source   string  `json:"source"`
	Evidence string  `json:"evidence,omitzero"`
	PayAfter Time    `json:"pay_after,omitzero"`
}

// Tick says which prices a market accepts: multiples of Step, but multiples of EdgeStep below EdgeWidth and above
// 1 − EdgeWidth. Steps are 0.0001, 0.0010 or 0.0100.
type Tick struct {
	Step      Price `json:"step"`
	EdgeStep  Price `json:"edge_step,omitzero"`
	EdgeWidth Price `json:"edge_width,omitzero"`
}

// Markets is a page of markets.
type Markets struct {
	Markets []MarketInfo `json:"markets"`
	Page
}

// OrderBook is the depth of a market's books.
type OrderBook struct {
	Market ID     `json:"market"`
	Books  []Book `json:"books"` // of a binary market "yes" and "no", two views of one book
	Seq    ID     `json:"seq,omitzero"`
}

// Book is the depth of one outcome, best prices first.
type Book struct {
	Outcome string  `json:"outcome"`
	Bids    []Level `json:"bids"`
	Asks    []Level `json:"asks"`
}

// Level is what rests at one price.
type Level struct {
	Price    Price  `json:"price"`
	Quantity uint64 `json:"quantity"`
	Orders   uint32 `json:"orders,omitzero"`
}

// Trade is one match. Its seq is its identifier, and its place in the journal.
type Trade struct {
	Seq       ID     `json:"seq"`
	Time      Time   `json:"time"`
	Market    ID     `json:"market"`
	Outcome   string `json:"outcome"`
	Price     Price  `json:"price"` // of the Yes contract
	Quantity  uint32 `json:"quantity"`
	TakerSide string `json:"taker_side"`
}

// Trades is a page of trades, newest first.
type Trades struct {
	Trades []Trade `json:"trades"`
	Page
}

// MarketAt is a market as it was.
type MarketAt struct {
	Market   ID            `json:"market"`
	Time     Time          `json:"time"` // as asked for
	Seq      ID            `json:"seq"`  // the last event at or before Time
	Status   string        `json:"status"`
	Outcomes []OutcomeInfo `json:"outcomes"`
	Books    []Book        `json:"books"`
}

// CreateMarket opens a market. All but the question has a default.
type CreateMarket struct {
	Question             string   `json:"question"`                        // 10 to 500 characters
	Rules                string   `json:"rules,omitzero"`                  // up to 10,000 characters
	Outcomes             []string `json:"outcomes,omitzero"`               // left out: binary; else 2 to 64 distinct names
	CloseAt              Time     `json:"close_at,omitzero"`               // left out: closed by hand
	Tick                 *Tick    `json:"tick,omitzero"`                   // default: 0.0001
	TakerFee             *Rate    `json:"taker_fee,omitzero"`              // default: 0
	MakerShare           *Rate    `json:"maker_share,omitzero"`            // maker's rate as a share of TakerFee; default 0
	PositionLimit        *uint32  `json:"position_limit,omitzero"`         // default: 1,000,000,000
	Collar               *Price   `json:"collar,omitzero"`                 // default: none
	DisputeWindowSeconds *int64   `json:"dispute_window_seconds,omitzero"` // default: 0
	KeepOrdersOnSuspend  bool     `json:"keep_orders_on_suspend,omitzero"`
	SelfTradesAllowed    bool     `json:"self_trades_allowed,omitzero"`
}

// UpdateMarket replaces what it names.
type UpdateMarket struct {
	Question string `json:"question,omitzero"`
	Rules    string `json:"rules,omitzero"` // refused once the first order was accepted
	CloseAt  Time   `json:"close_at,omitzero"`
}

// ResolveMarket says what each outcome pays. A binary market has one value, that of Yes.
type ResolveMarket struct {
	Values   []Price `json:"values"`
	Source   string  `json:"source"`            // 1 to 500 characters
	Evidence string  `json:"evidence,omitzero"` // up to 2,000 characters
}

// VoidMarket gives everybody back what they paid.
type VoidMarket struct {
	Reason string `json:"reason"` // 1 to 500 characters
}

// MarketAnswer is the answer to every act on a market.
type MarketAnswer struct {
	Receipt
	Market   ID     `json:"market"`
	Version  uint32 `json:"version"`
	Proposal ID     `json:"proposal,omitzero"` // waits for another operator: nothing has happened in the market yet
}
