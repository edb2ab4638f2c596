package gateway

import (
	"context"
	"errors"

	"github.com/hustings/hustings/exchange"
)

// ErrNotSubmitted is wrapped by a Submitter's error when it is certain that nothing was and nothing will be done.
var ErrNotSubmitted = errors.New("nothing was submitted")

// A Submitter puts commands through the replicated log. It may be called concurrently.
type Submitter interface {
	// Submit submits the frames of n commands, which take effect in order, and fills replies[:n] when all have taken
	// effect durably. After an error that does not wrap ErrNotSubmitted they may take effect later or never.
	// It does not keep commands or replies after it has returned.
	Submit(ctx context.Context, commands []byte, n int, replies []exchange.Reply) error
}

// A Reader answers from the read model. It may be called concurrently. What it returns is the caller's, except where
// a method says that it is shared: then nobody may change it.
type Reader interface {
	// Seq is the last event that the read model has seen.
	Seq() exchange.Seq
	// WaitSeq returns when the read model has seen seq, or with ctx's error.
	WaitSeq(ctx context.Context, seq exchange.Seq) error

	// Credential finds the credential with this hash, unless it is revoked. It may have expired.
	Credential(hash [32]byte) (Credential, bool)
	// Credentials lists an account's credentials that are neither sessions nor revoked, by id.
	Credentials(account exchange.AccountID) []Credential
	// Password finds an account's password hash.
	Password(account exchange.AccountID) (string, bool)
	// AccountNamed finds an account by its name.
	AccountNamed(name string) (exchange.AccountID, bool)
	Account(account exchange.AccountID) (Account, bool)
	// Accounts lists up to limit accounts with ids above after, by id.
	Accounts(after exchange.AccountID, limit int) []Account

	// Spec returns what a market was made with. Outcomes and Tick never change. It is shared.
	Spec(market exchange.MarketID) (*exchange.MarketSpec, bool)
	Market(market exchange.MarketID) (Market, bool)
	Markets(q MarketQuery) []Market
	// Depth returns up to levels price levels on each side of a book, best first.
	Depth(market exchange.MarketID, outcome exchange.Outcome, levels int) (bids, asks []Level)

	// Order finds an open order, and perhaps one that was lately done.
	Order(order exchange.OrderID) (Order, bool)
	// OpenOrders lists up to limit open orders of an account with ids below before (0: all), in one market or (0) in
	// all, newest first.
	OpenOrders(account exchange.AccountID, market exchange.MarketID, before exchange.OrderID, limit int) []Order
	// Positions lists up to limit positions after the given place, by account, market and outcome: those of one
	// account (0: all), in one market (0: all). One of the two is given.
	Positions(account exchange.AccountID, market exchange.MarketID, after PositionKey, limit int) []Position
	Group(group exchange.GroupID) (Group, bool)
	// Groups lists an account's groups that are not deleted, by id.
	Groups(account exchange.AccountID) []Group
}

// ErrNoSuchTime says that a past instant lies before the journal or in the future.
var ErrNoSuchTime = errors.New("the journal does not reach to that time")

// A History answers from the journal. It may be called concurrently.
type History interface {
	// AccountEvents calls visit with an account's events below before (0: all), newest first, until visit returns
	// false. The event is valid during the call only.
	AccountEvents(ctx context.Context, account exchange.AccountID, before exchange.Seq, visit func(Record) bool) error
	// MarketEvents does the same with a market's events.
	MarketEvents(ctx context.Context, market exchange.MarketID, before exchange.Seq, visit func(Record) bool) error
	// MarketAt returns the read model of one market as it was after the last event at or before at; it has no other
	// market in it. Its Seq is that event's.
	MarketAt(ctx context.Context, market exchange.MarketID, at exchange.Time) (Reader, error)
	// Checkpoint returns the newest signed checkpoint.
	Checkpoint(ctx context.Context) (Checkpoint, error)
	// Prove returns an event, and its inclusion proof in a checkpoint that covers it. It returns false when there is no
	// such event, or no checkpoint covers it yet.
	Prove(ctx context.Context, seq exchange.Seq) (Proof, bool, error)
}

// Record is an event in its place.
type Record struct {
	Seq   exchange.Seq
	Time  exchange.Time
	Event exchange.Event
}
