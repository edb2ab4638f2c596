package router

import (
	"cmp"
	"context"
	"log/slog"
	"time"

	"github.com/hustings/hustings/courier"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
	"github.com/hustings/hustings/placement"
	"github.com/hustings/hustings/replica"
)

// Departure is the replica of the shard that markets leave; a *replica.Replica is one.
type Departure interface {
	Leader() (replica.ID, <-chan struct{})
	// Fresh returns when all that was published before the call, and more, is where it cannot be lost any more.
	Fresh(ctx context.Context) error
	View() *projection.View
	// WriteMarket returns a market in parts, as it is from being frozen on; nil if it is not frozen.
	WriteMarket(ctx context.Context, id exchange.MarketID) ([][]byte, error)
}

// Arrival is the replica of the shard that markets come to; a *replica.Replica is one.
type Arrival interface {
	Fresh(ctx context.Context) error
	View() *projection.View
}

// Mover moves markets from one shard to another where the placement says that they belong, in steps that package courier
// decides, a few at a time: a market stands still from its freezing until the destination has it. There may be any number of
// movers for the same two shards, and each may end at any place: another one goes on. So every node has one, which works
// while the source is led there.
type Mover struct {
	From, To    exchange.ShardID
	Self        uint16 // the node
	Source      Departure
	Departures  Submitter // to the source
	Arrival     Arrival
	Destination Submitter
	Places      func() *placement.Map
	Log         *slog.Logger
	Calm        func() bool               // whether a write of a log would be a short one now; nil: nobody knows
	Moved       func(stood time.Duration) // told how long a market stood still; may be nil

	markets   map[exchange.MarketID]*courier.Market // those on their way
	later     map[exchange.MarketID]time.Time       // when to try again to freeze those that could not be
	batch     int                                   // how many are frozen at once
	next      exchange.MarketID                     // behind which one to look for those that can be moved
	hangs     bool                                  // something is on its way, and waits for others
	awaitCalm time.Duration                         // how long a calm moment is waited for; 0: noLonger
}

const (
	leastBatch = 4
	mostBatch  = 16
	mostOrders = 1_000                 // that rest in the markets of a batch, if these are several
	shortStand = 15 * time.Millisecond // a batch that stands still for longer was too large

	rest       = 3                     // times as long as a round took, before the next one
	rounds     = 2 * time.Second       // between looks at all markets while the placement stays as it is
	glance     = 20 * time.Millisecond // between looks at the placement
	soon       = 100 * time.Millisecond
	notSoon    = 10 * time.Second // after a move that was given up
	notForLong = time.Minute      // where a market is about to end

	// A market that is frozen stands still for as long as two writes of logs take. Where these stand still themselves, it waits
	// until they go on; but not for ever, for an exchange may have no calm moment.
	quick    = 10 * time.Millisecond // an answer of the destination
	unsteady = 10 * time.Millisecond // between looks
	noLonger = time.Second
)

// Run moves markets until ctx ends.
func (m *Mover) Run(ctx context.Context) {
	pause := firstPause
	for ctx.Err() == nil {
		leader, changed := m.Source.Leader()
		if leader.Node() != m.Self {
			m.markets, m.later = nil, nil
			select {
			case <-changed:
			case <-ctx.Done():
			}
			continue
		}
		places, begun := m.Places(), time.Now()
		idle, err := m.round(ctx, places)
		switch {
		case err != nil && ctx.Err() == nil:
			m.Log.Warn("markets between shards wait", "from", m.From, "to", m.To, "error", err)
			sleep(ctx, pause)
			pause = min(2*pause, soon)
		case idle:
			m.await(ctx, places, changed)
		default:
			pause = firstPause
			sleep(ctx, rest*time.Since(begun)) // there are movers on other shards too, and those who trade
		}
	}
}

// await waits until there may be something to do: there is another placement or another leader, a market may be tried again, or
// it is time to look.
func (m *Mover) await(ctx context.Context, places *placement.Map, changed <-chan struct{}) {
	end := time.Now().Add(rounds)
	if m.hangs {
		end = time.Now().Add(glance)
	}
	for _, at := range m.later {
		if at.Before(end) {
			end = at
		}
	}
	for ctx.Err() == nil && m.Places() == places && time.Now().Before(end) {
		select {
		case <-changed:
			return
		default:
			sleep(ctx, glance)
		}
	}
}

// round goes on with what is on its way or, where nothing is, begins to move some markets. It reports whether there was
// nothing to do.
func (m *Mover) round(ctx context.Context, places *placement.Map) (idle bool, err error) {
	leaving, misplaced := m.look(places)
	if idle, err = m.goOn(ctx, leaving); !idle || err != nil {
		return false, err
	}
	m.hangs = len(leaving) > 0
	if len(misplaced) > 0 {
		return false, m.begin(ctx, misplaced)
	}
	return true, nil
}

// look finds the markets that are on their way from here to there, and some of those that belong there and can be moved.
func (m *Mover) look(places *placement.Map) (leaving, misplaced []exchange.MarketID) {
	view := m.Source.View()
	for _, id := range view.UnderWay() {
		if x := view.Moving(id); x.With == m.To && (x.Stage == projection.StageFrozen || x.Stage == projection.StageDropping) {
			leaving = append(leaving, id)
		}
	}
	begun := m.next
	if misplaced = m.misplaced(view, places); len(misplaced) == 0 && begun > 0 {
		misplaced = m.misplaced(view, places) // from the first one on
	}
	return leaving, misplaced
}

// misplaced returns the next few markets that are to be frozen together.
func (m *Mover) misplaced(view *projection.View, places *placement.Map) (some []exchange.MarketID) {
	now, orders := time.Now(), uint32(0)
	m.batch = cmp.Or(m.batch, leastBatch)
	from := m.next
	m.next = 0
	view.Here(from, func(id exchange.MarketID, moving projection.Moving) bool {
		if moving.Stage == projection.StageHere && places.Of(id) == m.To && m.mayLeave(view, id, now) {
			x, _ := view.Market(id)
			if orders += x.OpenOrders; len(some) > 0 && orders > mostOrders {
				return false
			}
			some = append(some, id)
		}
		m.next = id
		return len(some) < m.batch
	})
	if len(some) == 0 {
		m.next = 0
	}
	return some
}

// mayLeave spares the source questions of which the answer is known.
func (m *Mover) mayLeave(view *projection.View, id exchange.MarketID, now time.Time) bool {
	if now.Before(m.later[id]) {
		return false
	}
	delete(m.later, id)
	x, ok := view.Market(id)
	switch {
	case !ok || x.State == exchange.StateSettled || x.State == exchange.StateVoided:
		return false
	case x.Halted || x.State == exchange.StateVoiding || x.State == exchange.StateResolved && x.PayAfter <= view.Now():
		return false
	}
	return true
}

// mayCome reports whether the destination has room for a market. One with the same id must not be there: two gateways that go
// by different placements might open it at the same moment.
func (m *Mover) mayCome(id exchange.MarketID) bool {
	there := m.Arrival.View()
	if m.market(id).Next(projection.Moving{}, there.Moving(id)) != courier.Freeze {
		m.postpone(id, soon) // it drops what it has of the last time
		return false
	}
	if _, exists := there.Market(id); exists {
		m.Log.Error("there is another market of this id, so this one stays", "market", id, "from", m.From, "to", m.To)
		m.postpone(id, notForLong)
		return false
	}
	return true
}

// postpone tries a market again after a while.
func (m *Mover) postpone(id exchange.MarketID, d time.Duration) {
	if m.later == nil {
		m.later = map[exchange.MarketID]time.Time{}
	}
	m.later[id] = time.Now().Add(d)
}

// market returns what is kept of a market on its way.
func (m *Mover) market(id exchange.MarketID) *courier.Market {
	x := m.markets[id]
	if x == nil {
		if m.markets == nil {
			m.markets = map[exchange.MarketID]*courier.Market{}
		}
		x = &courier.Market{ID: id, From: m.From, To: m.To}
		m.markets[id] = x
	}
	return x
}
