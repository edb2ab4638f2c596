package gateway

import "github.com/hustings/hustings/exchange"

// Credential is an API key or a session.
type Credential struct {
	ID          exchange.CredentialID
	Account     exchange.AccountID
	Permissions exchange.Permission
	Session     bool
	CreatedAt   exchange.Time
	ExpireAt    exchange.Time
	Label       string
}

// Account is an account as it stands.
type Account struct {
	ID            exchange.AccountID
	Name          string
	Cash          exchange.Money
	Held          exchange.Money
	Receivable    exchange.Money // owed to the house
	OpenOrders    uint32
	MaxOpenOrders uint32
	Blocked       bool
	DeadManAt     exchange.Time
	CreatedAt     exchange.Time
	Version       uint32
}

// Market is a market as it stands.
type Market struct {
	ID         exchange.MarketID
	Spec       *exchange.MarketSpec // shared
	State      exchange.MarketState
	Halted     bool
	Version    uint32
	CreatedAt  exchange.Time
	Volume     uint64
	Trades     uint64
	Books      []BookSummary // one for each book
	Values     []exchange.Price
	Source     string
	Evidence   string
	PayAfter   exchange.Time
	VoidReason string
}

// BookSummary is the top of a book and what happened in it. Prices are 0 where there is none.
type BookSummary struct {
	Bid, Ask, Last exchange.Price
	Volume         uint64
	OpenInterest   uint64 // pairs of Yes and No
}

// Level is what rests at one price.
type Level struct {
	Price    exchange.Price
	Quantity uint64
	Orders   uint32
}

// MarketSort is an order of markets.
type MarketSort uint8

// Orders of markets.
const (
	SortNewest  MarketSort = iota // greatest id first
	SortVolume                    // most contracts traded first
	SortClosing                   // earliest close time first, markets without one last
)

// MarketQuery asks for a page of markets.
type MarketQuery struct {
	Words  string // each must begin a word of the question
	State  exchange.MarketState
	Any    bool // any state
	Sort   MarketSort
	Offset int
	Limit  int
}

// Order is an order as it stands.
type Order struct {
	ID          exchange.OrderID
	Account     exchange.AccountID
	Market      exchange.MarketID
	Outcome     exchange.Outcome
	Side        exchange.Side
	TimeInForce exchange.TimeInForce
	SelfTrade   exchange.SelfTrade
	Flags       exchange.OrderFlags
	Price       exchange.Price
	Quantity    exchange.Quantity
	Filled      exchange.Quantity
	Remaining   exchange.Quantity
	Group       exchange.GroupID
	ExpireAt    exchange.Time
	PlacedAt    exchange.Time
	Version     uint32
	Cancelled   bool // some of it was cancelled
	Expired     bool
	Reason      exchange.CancelReason // of the last cancellation
	ClientID    string
}

// PositionKey is the place of a position in a list.
type PositionKey struct {
	Account exchange.AccountID
	Market  exchange.MarketID
	Outcome exchange.Outcome
}

// Position is what an account holds in one book.
type Position struct {
	PositionKey
	Yes, No                 exchange.Quantity
	ReservedYes, ReservedNo exchange.Quantity
	Paid                    exchange.Money // since the market opened, fees included, less what was received
	Last                    exchange.Price // of Yes; 0: none traded
}

// Group is an order group as it stands.
type Group struct {
	ID        exchange.GroupID
	Account   exchange.AccountID
	Limit     exchange.Quantity
	Window    exchange.Duration
	Triggered bool
}

// Checkpoint is a signed statement about the journal.
type Checkpoint struct {
	Size uint64
	Note string
	Key  string // verifier key
}

// Proof is an event with its audit path.
type Proof struct {
	Event      []byte
	Kind       exchange.EventKind
	Index      uint64
	Path       [][32]byte
	Checkpoint Checkpoint
}
