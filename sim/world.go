package sim

import (
	"fmt"
	"io"
	"math/rand/v2"
	"runtime/debug"
	"time"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/replica"
	"github.com/hustings/hustings/vfs"
)

const (
	atHome = 3 // nodes

	heartbeat = 10 * time.Millisecond
	election  = 100 * time.Millisecond

	patience  = 60 * time.Second // until everything must have become equal
	checkOnce = 200              // events between the checks that are dear
)

var epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// Options of a run.
type Options struct {
	Length time.Duration // of the time in which things go wrong; 0: 6 s
	Trace  io.Writer     // what happened, line by line; nil: nowhere
}

// Result is what became of a run.
type Result struct {
	Seed    uint64
	Trace   uint64 // hash of everything that happened
	Events  uint64
	Fired   [Faults]int
	Batches int // executed
	Answers int // that clients got
	Reads   int // fresh ones
	Moved   int // transfers credited
	Markets int // that moved
	Time    time.Duration
	Err     error // the first thing that was not as it must be
}

// world is everything there is.
type world struct {
	schedule
	*rand.Rand
	set    settings
	net    network
	nodes  []*node
	groups []*group
	pairs  []*carrier
	movers []*mover
	sweeps []*sweeper
	herald []*herald
	history
	desk   *desk
	ending bool // nothing goes wrong any more
	region region
	result Result

	failure error
}

// settings make one run different from another.
type settings struct {
	shards, clients      int
	elsewhere            int  // nodes in other regions
	synchronous          bool // those have everything that is acknowledged, always
	walSegment           int64
	snapshotEvery, kept  int
	downtime             time.Duration
	partSize             int
	idleFor              exchange.Duration // until cash goes home
	brokenFetches, pause int               // in 100; mean milliseconds between faults
	cutsInSync           int               // in 1000
}

// network is how badly messages fare, in 1000.
type network struct {
	lost, twice, late int
	lateness, far     time.Duration
	cut               [8][8]bool // from, to; by node
}

// Run lets a seed happen. The consensus library draws from crypto/rand beside it.
func Run(seed uint64, options Options) Result {
	w := newWorld(seed, options)
	w.run(options.Length)
	w.result.Seed, w.result.Trace, w.result.Events, w.result.Time, w.result.Err = seed, w.trace, w.serial, w.now, w.failure
	for _, g := range w.groups {
		w.result.Batches += len(g.oracle.entries)
	}
	return w.result
}

func newWorld(seed uint64, options Options) *world {
	w := &world{Rand: rand.New(rand.NewPCG(seed, 0x5eed))}
	w.out = options.Trace
	w.set = settings{shards: 2 + w.IntN(2), clients: 2 + w.IntN(5), walSegment: 128 << 10 << w.IntN(3), snapshotEvery: 30 + w.IntN(200),
		kept: 10 + w.IntN(60), downtime: time.Duration(20+w.IntN(600)) * time.Millisecond, partSize: 200 << w.IntN(5), brokenFetches: 10 + w.IntN(50), pause: 30 + w.IntN(250), cutsInSync: w.IntN(25)}
	w.net = network{lost: w.IntN(50), twice: w.IntN(50), late: w.IntN(100), lateness: time.Duration(1+w.IntN(80)) * time.Millisecond,
		far: time.Duration(w.IntN(8)) * time.Millisecond}
	w.set.idleFor = exchange.Duration(500*time.Millisecond + w.upTo(3*time.Second))
	switch seed % 3 {
	case 1: // Two shards that know of each other can lose nothing of what they have said.
		w.set.elsewhere, w.set.synchronous = 1+w.IntN(2), true
	case 2:
		w.set.elsewhere, w.set.shards = 1+w.IntN(2), 1
	}
	for n := range uint16(atHome + w.set.elsewhere) {
		w.nodes = append(w.nodes, &node{number: n + 1, home: n < atHome})
	}
	for s := range w.set.shards {
		w.found(exchange.ShardID(s + 1))
	}
	for _, from := range w.groups {
		for _, to := range w.groups {
			w.pairs = append(w.pairs, newCarrier(w, from, to)) // a shard can send to itself
			if from != to {
				w.movers = append(w.movers, &mover{w: w, from: from, to: to})
			}
		}
	}
	for _, from := range w.groups[1:] {
		w.sweeps = append(w.sweeps, &sweeper{w: w, from: from})
		w.herald = append(w.herald, &herald{w: w, home: w.groups[0], other: from})
	}
	w.desk = newDesk(w)
	if err := w.retell(); err != nil {
		panic(err) // there is nothing to tell
	}
	return w
}

// found makes the group of a shard.
func (w *world) found(shard exchange.ShardID) {
	g := &group{w: w, shard: shard, past: map[replica.ID]*replica.Manual{}}
	var first replica.Members
	for _, n := range w.nodes[:atHome] {
		first = append(first, replica.Member{Replica: replica.NewID(n.number, 0), Role: replica.Voter, Wanted: replica.Voter, Address: "node"})
	}
	g.oracle = newOracle(first)
	for _, n := range w.nodes {
		h := &host{w: w, node: n, group: g, id: replica.NewID(n.number, 0), disk: vfs.NewMem()}
		if n.home {
			h.first, h.wanted = first, replica.Voter
		}
		g.hosts, n.hosts = append(g.hosts, h), append(n.hosts, h)
	}
	w.groups = append(w.groups, g)
}

func (w *world) group(shard exchange.ShardID) *group {
	if shard == 0 || int(shard) > len(w.groups) {
		return nil
	}
	return w.groups[shard-1]
}

func (w *world) run(length time.Duration) {
	defer func() {
		if p := recover(); p != nil {
			w.fail(fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
		}
		for _, g := range w.groups {
			for _, h := range g.hosts {
				if h.up {
					h.stop(h.disk)
				}
			}
		}
	}()
	if length == 0 {
		length = 6 * time.Second
	}
	for _, n := range w.nodes {
		n.restart()
	}
	for _, n := range w.nodes[atHome:] {
		for _, h := range n.hosts {
			h.group.join(h)
			h.tend()
		}
	}
	w.desk.open()
	for _, c := range w.pairs {
		c.walk()
	}
	for _, m := range w.movers {
		m.walk()
	}
	for _, s := range w.sweeps {
		s.walk()
	}
	for _, h := range w.herald {
		h.walk()
	}
	w.after(time.Second, w.trouble)
	if w.set.elsewhere > 0 {
		w.after(time.Second+w.upTo(length/2), w.loseRegion)
	}
	w.after(200*time.Millisecond, w.compareVotes)
	w.after(length, w.mend)
	for end := length + patience; w.failure == nil && !w.over(); w.next() {
		if w.now > end {
			w.fail(fmt.Errorf("%v after everything was mended the replicas are not equal: %s", patience, w.standing()))
		}
		if w.serial%checkOnce == 0 {
			w.examine()
		}
	}
	if w.failure == nil {
		w.compareAll()
	}
}

// fail ends the run.
func (w *world) fail(err error) {
	if w.failure == nil {
		w.failure = fmt.Errorf("after %v: %w", w.now, err)
	}
}

func (w *world) count(f Fault) {
	w.result.Fired[f]++
	w.note("fault", uint64(f))
}

func (w *world) chance(percent int) bool { return w.IntN(100) < percent }

// permille is for what the end of a run spares.
func (w *world) permille(n int) bool { return w.IntN(1000) < n && !w.ending }

// upTo draws a time.
func (w *world) upTo(most time.Duration) time.Duration {
	return time.Duration(w.Int64N(max(1, int64(most))))
}

func (w *world) isCut(from, to *node) bool {
	return w.net.cut[from.number][to.number] || from.away != to.away
}
