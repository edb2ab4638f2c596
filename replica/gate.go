package replica

import (
	"slices"
	"sync"
	"time"

	"go.etcd.io/raft/v3"
	"go.etcd.io/raft/v3/tracker"

	"github.com/hustings/hustings/exchange"
)

// gate holds back the answers of a leader until the group's synchronous copies have the entries that they answer. Without
// such copies it lets everything pass.
type gate struct {
	mu      sync.Mutex
	change  *memberChange // which members reached is about
	closed  bool          // some of them are synchronous
	leads   bool
	reached uint64       // index of the last entry that all synchronous ones have
	held    []heldAnswer // by index
}

type heldAnswer struct {
	p       *proposal
	replies []exchange.Reply
	since   time.Time
}

// setMembers takes in who the members are from an entry on.
func (r *Replica) setMembers(m Members, index uint64) {
	change := &memberChange{Members: m, index: index}
	r.gate.mu.Lock()
	defer r.gate.mu.Unlock()
	r.gate.change, r.gate.closed, r.gate.reached = change, m.Synchronous(), 0
	r.storage.members.Store(change)
}

// answer answers a proposal that was applied, now or when it may be. Replies are the caller's again when it returns.
func (g *gate) answer(p *proposal, replies []exchange.Reply) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case !g.closed || len(p.subs) == 0 || p.index <= g.reached:
		p.answer(replies, nil)
	case !g.leads:
		p.answer(nil, ErrLost)
	default:
		g.held = append(g.held, heldAnswer{p, slices.Clone(replies), time.Now()})
	}
}

// passed reports whether all synchronous copies have an entry.
func (g *gate) passed(index uint64) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return !g.closed || index <= g.reached
}

// reach takes in how far the synchronous ones among some members have the log, and gives the answers that waited for it.
func (g *gate) reach(change *memberChange, index uint64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if change != g.change {
		return
	}
	g.reached = max(g.reached, index)
	n := 0
	for n < len(g.held) && (!g.closed || g.held[n].p.index <= g.reached) {
		g.held[n].p.answer(g.held[n].replies, nil)
		n++
	}
	g.held = slices.Delete(g.held, 0, n)
}

// lead takes in whether this replica leads. What a new leader knows of its copies is learnt anew.
func (g *gate) lead(leads bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.leads != leads {
		g.leads, g.reached = leads, 0
	}
}

// abandon answers all that is held with an error, and what comes later too until this replica leads.
func (g *gate) abandon(err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.leads = false
	for _, h := range g.held {
		h.p.answer(nil, err)
	}
	g.held = nil
}

// len is how many answers are held.
func (g *gate) len() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.held)
}

// oldest is the index that is waited for, and since when; 0 if none is.
func (g *gate) oldest() (index uint64, since time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.held) == 0 {
		return 0, since
	}
	return g.held[0].p.index, g.held[0].since
}

// openGate lets pass what the synchronous copies have.
func (l *loop) openGate() {
	if !l.leads {
		return
	}
	if l.r.closing.Load() { // the copies may be out of reach, and a stop does not wait for them
		l.r.gate.abandon(ErrLost)
	}
	now, reached := l.r.storage.members.Load(), uint64(0)
	if now.Synchronous() {
		reached = l.copied(now.Members)
	}
	l.r.gate.reach(now, reached)
	n := 0
	for n < len(l.reads.held) && l.told(l.reads.held[n].index) {
		l.reads.held[n].give()
		n++
	}
	l.reads.held = slices.Delete(l.reads.held, 0, n)
}

// copied is the index of the last entry that all synchronous members have.
func (l *loop) copied(members Members) uint64 {
	least, found := uint64(0), 0
	l.node.WithProgress(func(id uint64, _ raft.ProgressType, p tracker.Progress) {
		if m, there := members.Find(ID(id)); there && m.Synchronous {
			if found == 0 || p.Match < least {
				least = p.Match
			}
			found++
		}
	})
	for _, m := range members {
		if m.Synchronous {
			found--
		}
	}
	if found != 0 { // the consensus does not know one of them yet
		return 0
	}
	return least
}
