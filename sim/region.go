package sim

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/journal"
	"github.com/hustings/hustings/replica"
	"github.com/hustings/hustings/vfs"
)

// region is what becomes of the nodes at home.
type region struct {
	fading  bool // its words do not arrive any more, or only when it is lost
	lost    bool // and nobody is back yet
	running bool // they go on where nobody else reaches them
	times   int
}

const mostLosses = 2 // of the region, in a run

// promise is what clients were told while a replica was a synchronous copy.
type promise struct {
	seq   exchange.Seq // by an answer
	index uint64       // by a fresh read
}

// promised notes that a host has told a client something: all that were synchronous copies at some time before, and before and after
// its last step, have it.
func (h *host) promised(before replica.Members, note func(*promise)) {
	for _, m := range h.replica.Members() {
		was, ok := h.marked.Find(m.Replica)
		if first, there := before.Find(m.Replica); ok && was.Synchronous && m.Synchronous && there && first.Synchronous {
			all := h.group.oracle.promises
			if all[m.Replica] == nil {
				all[m.Replica] = &promise{}
			}
			note(all[m.Replica])
		}
	}
}

// bygone reports whether the group has begun anew without this replica's knowledge, or has not shown it yet with what.
func (h *host) bygone() bool { return h.entering || h.id.Generation() != h.group.generation }

// on returns the host on a node.
func (g *group) on(node uint16) *host {
	if node == 0 || int(node) > len(g.hosts) {
		return nil
	}
	return g.hosts[node-1]
}

// tend has a member elsewhere be what the operator wants it to be, again and again.
func (h *host) tend() {
	w, g := h.w, h.group
	w.after(50*time.Millisecond+w.upTo(100*time.Millisecond), h.tend)
	lead := g.leader()
	if lead == nil || w.region.lost {
		return
	}
	m, there := lead.replica.Members().Find(h.id)
	switch {
	case !there:
	case h.changing && m.Role == h.wanted:
		h.changing = false
		w.count(RoleChanged)
	case h.changing:
		lead.replica.SetRole(h.id, h.wanted)
	case !m.Synchronous && (w.set.synchronous || w.chance(40)):
		w.count(CopyMarked)
		lead.replica.SetSynchronous(h.id, true)
	case m.Synchronous && !w.set.synchronous && w.chance(15):
		w.count(CopyUnmarked)
		lead.replica.SetSynchronous(h.id, false)
	}
	lead.kick()
}

// redecide gives a member elsewhere a vote now and then, or takes it away.
func (w *world) redecide() {
	g := w.groups[w.IntN(len(w.groups))]
	h := g.hosts[w.IntN(len(g.hosts))]
	if !w.chance(60) || h.node.home || w.region.lost || !g.settled() {
		return
	}
	h.wanted, h.changing = 1-h.wanted, true
}

// loseRegion loses all nodes at home at once, when that may be borne.
func (w *world) loseRegion() {
	if w.ending || w.region.times == mostLosses {
		return
	}
	for _, g := range w.groups {
		if !g.survives() {
			w.after(20*time.Millisecond, w.loseRegion)
			return
		}
	}
	if !w.region.fading {
		w.region.fading = true
		for _, g := range w.groups {
			for _, h := range g.hosts[atHome:] {
				h.deaf = w.chance(70)
				w.after(700*time.Millisecond, h.listen)
			}
		}
		w.after(w.upTo(150*time.Millisecond), w.loseRegion)
		return
	}
	w.count(RegionLost)
	w.region = region{lost: true, running: w.set.synchronous && w.chance(50), times: w.region.times + 1}
	for _, n := range w.nodes[:atHome] {
		if n.away = true; !w.region.running {
			n.gone = true
			n.crash(w)
		}
	}
	for _, g := range w.groups {
		w.after(100*time.Millisecond+w.upTo(300*time.Millisecond), g.seize)
	}
	w.comeBack()
}

// survives reports whether the nodes elsewhere could go on without those at home, and only so: they are members, a majority
// is not among them, and where several shards depend on one another one of them has all that was ever acknowledged.
func (g *group) survives() bool {
	members := g.oracle.members[0]
	left, safe := 0, !g.w.set.synchronous
	for _, h := range g.hosts[atHome:] {
		m, there := members.Find(h.id)
		if !there || !h.up || h.bygone() || g.joining > 0 || g.leaving != 0 {
			return false
		}
		left += int(m.Role)
		own, has := h.replica.Members().Find(h.id)
		if !has { // nothing yet
			return false
		}
		safe = safe || own.Synchronous
	}
	return safe && left <= members.Voters()/2
}

// survivors are the hosts that the group may go on with; nil if one of them does not answer.
func (g *group) survivors() (all []*host) {
	for _, h := range g.hosts[atHome:] {
		if !h.up || h.cut || h.replica.Err() != nil || h.node.stalled > g.w.now {
			return nil
		}
		if _, member := h.replica.Members().Find(h.id); member {
			all = append(all, h)
		}
	}
	return all
}

// seize has the survivor with the most of the log begin the group anew, a moment after all were asked.
func (g *group) seize() {
	w := g.w
	survivors := g.survivors()
	if len(survivors) == 0 {
		w.after(10*time.Millisecond+w.upTo(50*time.Millisecond), g.seize)
		return
	}
	most := slices.MaxFunc(survivors, func(a, b *host) int {
		x, y := promisesOf(a.replica), promisesOf(b.replica)
		if x.lastTerm != y.lastTerm {
			return int(x.lastTerm) - int(y.lastTerm)
		}
		return int(x.last) - int(y.last)
	})
	var members replica.Members
	for _, m := range most.replica.Members() {
		h := g.host(m.Replica)
		if h == nil || h.node.home {
			continue
		}
		m.Replica, m.Wanted, m.Synchronous, m.Role = m.Replica.In(g.generation+1), h.wanted, false, replica.Learner
		if h == most {
			m.Role, m.Wanted, h.wanted = replica.Voter, replica.Voter, replica.Voter
		}
		members = append(members, m)
	}
	w.after(w.upTo(150*time.Millisecond), func() { g.goOn(most, members) })
}

// goOn begins the group anew as it was decided, when all are perhaps not as they were then.
func (g *group) goOn(most *host, members replica.Members) {
	w := g.w
	w.count(Seized)
	g.generation++
	g.leaving = 0
	for _, h := range g.hosts {
		h.changing = false
	}
	most.begin(members)
	for _, h := range g.hosts[atHome:] {
		if h != most {
			w.after(w.upTo(100*time.Millisecond), h.listen)
			w.after(w.upTo(400*time.Millisecond), func() { h.enter(members) })
		}
	}
}

var errSeize = errors.New("the power fails within a seizure")

// begin begins the group anew with what this host has. The power may fail within it, any number of times.
func (h *host) begin(members replica.Members) {
	w, g := h.w, h.group
	kept := map[replica.ID]promise{} // by the survivors
	for _, m := range members {
		if p := g.oracle.promises[m.Replica.In(g.generation-1)]; p != nil {
			kept[m.Replica] = *p
		}
	}
	h.rename(members)
	for w.failure == nil {
		disk := h.disk
		faulty := vfs.NewFaulty(disk)
		if w.chance(40) {
			faulty.Add(&vfs.Rule{On: []vfs.Op{vfs.OpWrite, vfs.OpSync}[w.IntN(2)], Skip: w.IntN(2), Times: 1, Err: errSeize})
		}
		off, err := replica.Seize(faulty, "data", h.id, members)
		if len(off.Files) > 0 {
			w.count(JournalCut)
		}
		if h.disk = disk.CrashKeeping(w.Uint64()); err == nil {
			break
		} else if !errors.Is(err, errSeize) {
			w.fail(fmt.Errorf("%v does not begin its group anew: %w", h, err))
		}
		w.count(SeizeCut)
	}
	h.holding = true
	h.restart()
	h.holding = false
	if w.failure != nil {
		return
	}
	if err := g.begun(h, members, kept); err != nil {
		w.fail(fmt.Errorf("%v has begun its group anew: %w", h, err))
	}
	for _, a := range h.held {
		h.applied(a)
	}
	h.held = nil
	for id, p := range kept {
		if g.oracle.seq < p.seq {
			w.fail(fmt.Errorf("%v has begun its group anew with event %d, and %d was acknowledged while %v was a synchronous copy", h, g.oracle.seq, p.seq, id))
		}
	}
}

// begun takes in with how much of the log a group goes on: nothing but its end may be lost.
func (g *group) begun(h *host, members replica.Members, kept map[replica.ID]promise) error {
	first, last := h.replica.Log()
	for id, p := range kept {
		if p.index >= last { // the last entry is the one that begins the group anew
			return fmt.Errorf("with entry %d, and a fresh read has told of %d while %v was a synchronous copy", last-1, p.index, id)
		}
	}
	o := g.oracle
	end := min(o.last, last)
	for ; end >= first; end-- {
		if e, ok := o.entries[end]; ok && h.replica.Term(end) == e.term {
			break
		}
	}
	// Those of entries that did nothing too, which the oracle has not heard of.
	maps.DeleteFunc(o.states, func(i uint64, _ replica.StateSum) bool { return i > end })
	if end < o.last {
		g.w.count(TailLost)
		if err := g.cutBehind(end); err != nil {
			return err
		}
		g.w.desk.forget(g, o.seq)
		for _, c := range g.w.pairs {
			c.forget() // what it has learnt of the end
		}
		for _, r := range h.reads {
			r.least = min(r.least, o.acked)
		}
	}
	g.begunIn = h.replica.Term(last)
	o.members, o.changedAt = [2]replica.Members{members, members}, last
	clear(o.promises)
	g.w.note("begun", uint64(g.shard), uint64(h.id), end, last)
	return nil
}

// cutBehind forgets what was executed behind an entry.
func (g *group) cutBehind(index uint64) error {
	o := g.oracle
	maps.DeleteFunc(o.entries, func(i uint64, _ executed) bool { return i > index })
	for o.last = index; o.last > 0; o.last-- {
		if _, ok := o.entries[o.last]; ok {
			break
		}
	}
	g.w.all = slices.DeleteFunc(g.w.all, func(t told) bool { return t.group == g && t.Index > index })
	if err := g.w.retell(); err != nil {
		return fmt.Errorf("following the logs once more: %w", err)
	}
	maps.DeleteFunc(o.tips, func(seq uint64, _ journal.Tip) bool { return seq > uint64(o.seq) })
	o.acked = min(o.acked, o.seq)
	return nil
}

// kept copies what an entry did.
func kept(a replica.Applied) replica.Applied {
	out := *a.Output
	out.Events, out.Replies = bytes.Clone(out.Events), slices.Clone(out.Replies)
	a.Batch, a.Output = bytes.Clone(a.Batch), &out
	return a
}

// rename ends a host's life and gives it its name in the new generation.
func (h *host) rename(members replica.Members) {
	h.stop(h.disk.CrashKeeping(h.w.Uint64()))
	h.group.past[h.id] = h.replica
	h.id = h.id.In(h.group.generation)
}

// enter lets a survivor hear that its group has begun anew. One whose disk is newer than what the group knows begins with
// nothing.
func (h *host) enter(members replica.Members) {
	h.stop(h.disk.CrashKeeping(h.w.Uint64()))
	if _, member := members.Find(h.id.In(h.group.generation)); member {
		h.rename(members)
		h.entering = true
		h.restart()
		return
	}
	h.lost = true
	h.renew()
}

// comeBack lets the nodes at home be there again once their groups have gone on without them, and hear of that.
func (w *world) comeBack() {
	for _, g := range w.groups {
		if g.generation < uint8(w.region.times) || slices.ContainsFunc(g.hosts[atHome:], (*host).bygone) {
			w.after(100*time.Millisecond, w.comeBack)
			return
		}
	}
	w.after(w.upTo(1500*time.Millisecond), func() {
		for _, n := range w.nodes[:atHome] {
			n.gone, n.away = false, false
			for _, h := range n.hosts {
				if h.lost = h.lost || !w.set.synchronous && !h.up; !h.lost { // otherwise it would answer: it is fenced off
					h.restart()
				}
				w.after(w.upTo(200*time.Millisecond), h.leave)
			}
		}
		w.after(200*time.Millisecond, func() {
			w.region.lost = false
			w.after(w.upTo(2*time.Second), w.loseRegion)
		})
	})
}

// leave lets a replica hear that the group has gone on without it.
func (h *host) leave() {
	if !h.bygone() {
		return // it has begun with a new disk already
	}
	if h.up {
		h.w.count(OldVoter)
		h.stop(h.disk)
	}
	h.lost = true
	h.renew()
}
