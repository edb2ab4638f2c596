package feed

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
	"github.com/hustings/hustings/exchange/wire"
)

// Feed is the market data of an exchange on one node. Make one with New, give it shards with Open, serve it as a
// http.Handler, and end it with Close.
type Feed struct {
	config   Config
	metrics  *metrics
	lanes    []*lane
	tasks    mailbox[func()]
	quit     chan struct{}
	life     context.Context // of requests that wait: until Close
	die      context.CancelFunc
	closing  atomic.Bool
	entering sync.Mutex
	open     atomic.Int64 // connections
	next     atomic.Uint32
	deaf     atomic.Bool // there is nobody to fold records for; the hub sets it
	readers  sync.WaitGroup
	running  sync.WaitGroup
	ended    sync.Once

	hub
}

// hub is what belongs to one goroutine.
type hub struct {
	inlets   []*inlet // by shard
	markets  map[exchange.MarketID]*market
	accounts map[exchange.AccountID]*account
	everyone []*everything // subscriptions to all markets, those to come included
	streams  []*stream
	decoder  wire.Decoder
	touched  []*market
	moved    []*account
	conns    map[*conn]struct{} // with a credential or a subscription
	buf      []byte
	spare    []func()
	beat     time.Time
}

// New starts a feed without shards.
func New(config Config) *Feed {
	config.complete()
	f := &Feed{config: config, tasks: newMailbox[func()](), quit: make(chan struct{}), hub: hub{
		markets: map[exchange.MarketID]*market{}, accounts: map[exchange.AccountID]*account{}, conns: map[*conn]struct{}{},
	}}
	f.life, f.die = context.WithCancel(context.Background())
	f.metrics = newMetrics(config.Metrics, f)
	for range config.Lanes {
		l := newLane(f, len(f.lanes))
		f.lanes = append(f.lanes, l)
		f.running.Go(l.run)
	}
	f.running.Go(f.run)
	return f
}

// Open adds a shard. The view must not have another follower.
func (f *Feed) Open(shard exchange.ShardID, view *projection.View) {
	done := make(chan struct{})
	f.tasks.put(func() {
		in := &inlet{shard: shard, view: view, wake: f.tasks.ring, deaf: &f.deaf}
		in.seen = view.Follow(in)
		f.inlets = append(f.inlets, in)
		slices.SortFunc(f.inlets, func(a, b *inlet) int { return int(a.shard) - int(b.shard) })
		close(done)
	})
	select {
	case <-done:
	case <-f.quit:
	}
}

// Close tells all connections that the exchange is going away, ends them, and stops.
func (f *Feed) Close() {
	f.ended.Do(func() {
		f.entering.Lock()
		f.closing.Store(true)
		f.entering.Unlock()
		for _, l := range f.lanes {
			l.box.put(item{do: l.dismiss})
		}
		f.die()
		f.readers.Wait()
		close(f.quit)
		f.running.Wait()
	})
}

// tick is how often the hub looks at what is due by the clock.
const tick = 10 * time.Millisecond

func (f *Feed) run() {
	clock := time.NewTicker(tick)
	defer clock.Stop()
	defer f.unfollow()
	for {
		select {
		case <-f.quit:
			return
		case <-f.tasks.wake:
			f.work()
		case <-clock.C:
			f.work()
			f.due(f.config.Now())
		}
		for _, l := range f.lanes {
			l.hand()
		}
	}
}

func (f *Feed) unfollow() {
	for _, in := range f.inlets {
		in.view.Follow(nil)
	}
}

// work does what there is to do.
func (f *Feed) work() {
	tasks := f.tasks.take(f.spare)
	for _, do := range tasks {
		do()
	}
	f.spare = tasks
	for _, in := range f.inlets {
		f.drain(in)
	}
}

// drain folds what has come from a shard.
func (f *Feed) drain(in *inlet) {
	for in.hold == nil || in.hold.over(f) {
		if len(in.held) == 0 {
			if in.take(); len(in.held) == 0 {
				return
			}
		}
		n := 0
		for n < len(in.held) && f.fold(in, in.held[n]) {
			n++
		}
		in.done(in.held[:n])
		in.held = slices.Delete(in.held, 0, n)
	}
}

// due does what is due by the clock.
func (f *Feed) due(now time.Time) {
	for _, s := range f.streams {
		if s.class > 0 && s.pending() && now.Sub(s.sent) >= s.class {
			f.emit(s)
		}
	}
	if now.Sub(f.beat) < time.Second {
		return
	}
	f.beat = now
	for _, s := range f.streams {
		if now.Sub(s.sent) >= f.config.Heartbeat && !s.pending() {
			f.heartbeat(s, now)
		}
	}
	f.forget(now)
	f.deaf.Store(f.config.Alone && len(f.markets) == 0 && len(f.conns) == 0)
	f.expire(now)
	f.metrics.levels(f)
}
