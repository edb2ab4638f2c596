package projection

import (
	"fmt"
	"hash/maphash"
	"sync"
	"sync/atomic"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/wire"
)

// A View is the read model of one shard. Make one with New or a Builder. Apply and the builder belong to one goroutine;
// all other methods may be called from any number of goroutines at any time. What they return is a copy.
type View struct {
	mu       sync.RWMutex
	seen     atomic.Uint64 // seq, for Seq
	waiters  waiters
	follower Follower // nil: nobody
	changes  []Change // of the record that is being folded, for the follower
	contents
}

// contents are what a View has folded.
type contents struct {
	decoder wire.Decoder
	seq     exchange.Seq  // of the last event
	now     exchange.Time // of the last record
	failed  error         // what Apply returned, for good

	// alone is set in the fold of a single market, which sees only that market's events: accounts are made as they
	// turn up, and nothing that depends on other markets is checked.
	alone bool

	accounts    paged[account]
	credentials paged[credential]
	groups      paged[group]
	orders      paged[order]
	foreign     foreign
	positions   store[position]
	markets     paged[market]
	books       store[book]

	sessions map[exchange.AccountID][]uint32 // of each account those that are not forgotten

	lastAccount    uint32
	lastCredential uint32
	lastGroup      uint32
	groupNews      changes // of groups
	lastMarket     uint32
	lastOrder      uint64 // number of the newest order

	seed        maphash.Seed
	names       hashIndex // accounts by name
	secrets     hashIndex // credentials by hash
	clientIDs   clientIDs
	positionsOf hashIndex
	words       wordIndex
	ranks       ranks
	touched     []touched // markets to be ranked anew after the record
	leaving     []uint32  // settled markets whose positions are not all released yet
	arriving    arrival

	moves     map[exchange.MarketID]Moving // of markets that ever moved; their Stage is in the market
	underWay  []exchange.MarketID          // those on their way, by id
	rules     uint32
	halted    bool
	approval  approval
	placement placement
	outbox    outbox
	total     Totals
}

// New returns a View of a shard in which nothing has happened yet.
func New() *View {
	return &View{contents: contents{seed: maphash.MakeSeed(), rules: exchange.FirstRules, moves: map[exchange.MarketID]Moving{},
		sessions: map[exchange.AccountID][]uint32{}}}
}

// Replace makes a View one that has seen all that other has, which must be later and is not to be used afterwards.
// It belongs to the goroutine of Apply.
func (v *View) Replace(other *View) {
	v.mu.Lock()
	v.contents = other.contents
	v.seen.Store(uint64(v.seq))
	follower := v.follower
	v.mu.Unlock()
	v.waiters.wake(v.Seq())
	if follower != nil {
		follower.Replaced(v.Seq())
	}
}

// Seq returns the Seq of the last event that every later read has seen.
func (v *View) Seq() exchange.Seq { return exchange.Seq(v.seen.Load()) }

// Now returns the log time of the last record, 0 before the first.
func (v *View) Now() exchange.Time {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.now
}

// Apply folds the events of one journal record: count frames, the first of which has the Seq first. A record holds
// what whole commands did, so that readers never see half a command. An error is final, and most often an
// *InconsistencyError; every later call returns it again.
func (v *View) Apply(now exchange.Time, first exchange.Seq, events []byte, count int) error {
	v.mu.Lock()
	if v.failed == nil {
		v.failed = v.record(now, first, events, count)
	}
	err := v.failed
	follower := v.follower
	v.mu.Unlock()
	v.waiters.wake(v.Seq())
	if follower != nil && err == nil {
		follower.Folded(now, first, events, count, v.changes)
		v.changes = v.changes[:0]
	}
	return err
}

func (v *View) record(now exchange.Time, first exchange.Seq, events []byte, count int) error {
	if first != v.seq+1 {
		return &InconsistencyError{Seq: first, What: fmt.Sprintf("the event before it was %d", v.seq)}
	}
	if now < v.now {
		return &InconsistencyError{Seq: first, What: fmt.Sprintf("log time goes back from %d to %d", v.now, now)}
	}
	v.now = now
	for range count {
		frame, rest, err := wire.Next(events)
		if err != nil {
			return fmt.Errorf("reading event %d: %w", v.seq+1, err)
		}
		event, err := v.decoder.Event(frame)
		if err != nil {
			return fmt.Errorf("reading event %d: %w", v.seq+1, err)
		}
		v.seq++
		if fault := v.event(event); fault != nil {
			fault.complete(v.seq, event)
			return fault
		}
		events = rest
	}
	if len(events) != 0 {
		return fmt.Errorf("%d bytes follow the %d events from %d on", len(events), count, first)
	}
	if fault := v.arrived(); fault != nil {
		fault.Seq = v.seq
		return fault
	}
	v.rankTouched()
	v.sweep()
	v.seen.Store(uint64(v.seq))
	return nil
}

// event folds one event. The frequent ones come first.
func (v *View) event(event exchange.Event) *InconsistencyError {
	switch e := event.(type) {
	case *exchange.OrderPlaced:
		return v.orderPlaced(e)
	case *exchange.OrderMatched:
		return v.orderMatched(e)
	case *exchange.OrderCancelled:
		return v.orderReleased(&e.Release)
	case *exchange.OrderExpired:
		return v.orderReleased(&e.Release)
	case *exchange.OrderReduced:
		return v.orderReduced(&e.Release)
	case *exchange.OrderRested:
		return v.orderRested(e)
	case *exchange.OrderAmended:
		return v.orderAmended(e)
	case *exchange.PositionOpened:
		return v.positionOpened(e)
	case *exchange.PositionClosed:
		return v.positionClosed(e)
	case *exchange.RulesSwitched:
		return v.rulesSwitched(e)
	case *exchange.HaltSet:
		v.halted = e.Halted
		return nil
	case *exchange.OperatorActed: // for the journal
		return nil
	case *exchange.ApprovalsSet:
		v.approval.asked = e.Approvals
		return nil
	case *exchange.ActProposed:
		return v.actProposed(e)
	case *exchange.ActDecided:
		return v.actDecided(e)
	case *exchange.PlacementSet:
		return v.placementSet(e)
	case *exchange.TransferSent:
		return v.transferSent(e)
	case *exchange.TransferReceived:
		return v.transferReceived(e)
	case *exchange.TransferReleased:
		return v.transferReleased(e)
	case *exchange.MarketFrozen, *exchange.MarketThawed, *exchange.MarketPartAdopted, *exchange.MarketPartDropped:
		return v.moveEvent(event)
	case *exchange.OrderRejected, *exchange.CommandRejected:
		return nil
	case *exchange.MassCancelAccepted, *exchange.GroupCreated, *exchange.GroupChanged, *exchange.GroupSet, *exchange.GroupCounted, *exchange.DeadManSet, *exchange.AccountRegistered,
		*exchange.PasswordSet, *exchange.CredentialCreated, *exchange.CredentialRevoked, *exchange.FundsDeposited,
		*exchange.FundsWithdrawn, *exchange.LimitsSet, *exchange.TierSet, *exchange.SessionsEnded:
		return v.accountEvent(e)
	}
	return v.marketEvent(event)
}
