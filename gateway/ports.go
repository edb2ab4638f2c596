package gateway

import (
	"context"
	"errors"
	"fmt"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
)

// ErrNotSubmitted is wrapped by a Submitter's error when it is certain that nothing was and nothing will be done.
var ErrNotSubmitted = errors.New("nothing was submitted")

// ErrNoLeader is wrapped by a Submitter's error when it does not even try, because nobody has led for some time.
var ErrNoLeader = fmt.Errorf("no leader: %w", ErrNotSubmitted)

// A Submitter puts commands through the replicated log. It may be called concurrently.
type Submitter interface {
	// Submit submits the frames of n commands, which take effect in order, and fills replies[:n] when all have taken
	// effect durably. After an error that does not wrap ErrNotSubmitted they may take effect later or never.
	// It does not keep commands or replies after it has returned.
	Submit(ctx context.Context, commands []byte, n int, replies []exchange.Reply) error
	// Fresh waits until the Reader has seen everything that was acknowledged anywhere before the call. It asks a quorum.
	Fresh(ctx context.Context) error
}

// A Reader answers from the read model; a *projection.View is one. It may be called concurrently.
type Reader interface {
	Seq() exchange.Seq
	Now() exchange.Time
	WaitSeq(ctx context.Context, seq exchange.Seq) error
	Totals() projection.Totals
	Rules() int   // version of the rules that hold
	Halted() bool // no orders are taken
	Approvals() exchange.Approvals
	Proposals() []projection.Proposal // that wait

	Account(id exchange.AccountID) (projection.Account, bool)
	AccountByName(name string) (projection.Account, bool)
	CredentialByHash(hash [32]byte) (projection.Credential, bool)
	Credentials(account exchange.AccountID) []projection.Credential
	Groups(account exchange.AccountID) []projection.Group
	Portfolio(account exchange.AccountID) (projection.Portfolio, bool)
	Position(account exchange.AccountID, market exchange.MarketID, outcome exchange.Outcome) (projection.Position, bool)
	Positions(account exchange.AccountID, after projection.PositionCursor, limit int) []projection.Position
	Order(market exchange.MarketID, order exchange.OrderID) (projection.Order, bool)
	Holders(market exchange.MarketID) []projection.Position
	OpenOrders(account exchange.AccountID, market exchange.MarketID, after exchange.OrderID, limit int) []projection.Order

	Market(id exchange.MarketID) (projection.Market, bool)
	Markets(f projection.MarketFilter) projection.MarketPage
	Depth(market exchange.MarketID, outcome exchange.Outcome, levels int) (projection.Depth, bool)
}

// A History answers from the journal. It may be called concurrently.
type History interface {
	// Newest shows the events of a key of projection.AppendKeys with Seqs below before (0: all), newest first, until
	// visit returns false. A frame is valid during the visit only.
	Newest(key uint64, before exchange.Seq, visit Visit) error
	// Oldest shows the events of a key with Seqs above after and up to until (0: all), oldest first, of the shard that these name.
	Oldest(key uint64, after, until exchange.Seq, visit Visit) error
	// Of returns where a market is and was, newest first; at least one stay. Clocks of shards differ, so what happened to a market
	// that moved follows from this and not from the times of events.
	Of(market exchange.MarketID) []Stay
	// LastAt returns the last event at or before an instant; ok is false if there is none.
	LastAt(at exchange.Time) (seq exchange.Seq, ok bool, err error)
	// Checkpoint returns the newest signed checkpoint; ok is false if there is none yet.
	Checkpoint() (c Checkpoint, ok bool)
	// Prove returns an event with a proof that it is in the journal; ok is false if no checkpoint covers it yet.
	Prove(seq exchange.Seq) (p Proof, ok bool, err error)
}

// Stay is the time of a market on one shard, with the history of that. A market may come to the same shard again.
type Stay struct {
	History
	Begin exchange.Seq // the event with which it had come; of a market that began there the one before the shard's first
	End   exchange.Seq // behind the event with which it left, or the last one
}

// Has reports whether an event of the market is of this stay.
func (s *Stay) Has(seq exchange.Seq) bool { return s.Begin <= seq && seq < s.End }

// Visit is shown an event's frame in its place. It returns false to end the walk.
type Visit func(seq exchange.Seq, at exchange.Time, frame []byte) bool

// Checkpoint is a signed statement about the journal.
type Checkpoint struct {
	Size uint64 // events covered
	Note string
	Key  string // the public key that verifies it
}

// Proof is an event with the proof that a checkpoint covers it.
type Proof struct {
	Frame []byte
	Text  string
	Key   string // the public key that verifies the checkpoint
}
