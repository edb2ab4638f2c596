package sim

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/hustings/hustings/replica"
	"github.com/hustings/hustings/vfs"
)

// node is a machine. It has one replica of each shard.
type node struct {
	number  uint16
	home    bool // where the voters are
	gone    bool // its power does not come back
	away    bool // nobody in another region reaches it
	hosts   []*host
	clock   time.Duration // ahead of the world's
	stalled time.Duration // until when it stands still
	slow    time.Duration // until when its disk is slow
}

// host is a node's place for a replica of one shard, with a disk of its own.
type host struct {
	w     *world
	node  *node
	group *group
	id    replica.ID
	disk  *vfs.Mem
	first replica.Members // of the group, for one that was among them

	wanted   replica.Role
	changing bool            // its role is
	marked   replica.Members // synchronous members after the last step
	entering bool            // a generation that has not shown yet to have what was executed here
	holding  bool            // it begins the group anew: what it executes is looked at when it is open
	held     []replica.Applied

	replica *replica.Manual // of this life or, while down, of the last
	rules   *vfs.Faulty
	up      bool
	cut     bool     // the power has failed and nobody has noticed
	left    *vfs.Mem // what is on the disk then
	had     *promises
	life    int

	persisting bool // the log is being written

	planned [steps]bool
	deaf    bool     // nothing from home arrives
	unheard [][]byte // meanwhile

	tries []*try
	reads []*read
	lost  bool // the replica was removed, or its disk is gone
	led   uint64
}

// step is what one of the replica's goroutines would do.
type step int

const (
	work step = iota
	persist
	apply
	publish
	snapshot
	fetch
	steps
)

var stepNames = [steps]string{"work", "persist", "apply", "publish", "snapshot", "fetch"}

var errPower = errors.New("the power failed")

// start opens the replica on its disk.
func (h *host) start() {
	w := h.w
	config := replica.Config{FS: h.disk, Dir: "data", WALSegment: w.set.walSegment, JournalSegment: 4 << 20,
		SnapshotEvery: w.set.snapshotEvery, KeptEntries: w.set.kept, Now: func() time.Time { return epoch.Add(w.now + h.node.clock) },
		Group: replica.Group{Self: h.id, First: h.first, Transport: &link{h, h.life}, Heartbeat: heartbeat, Election: election},
		Log:   slog.New(slog.NewTextHandler(io.Discard, nil))}
	h.rules = vfs.NewFaulty(vfs.NewFaulty(h.disk, &vfs.Rule{On: vfs.OpSync, Path: "*.wal", Before: h.whileSyncing}))
	config.FS = h.rules
	m, err := replica.OpenManual(config, h.applied)
	if err != nil {
		w.fail(fmt.Errorf("%v does not start: %w", h, err))
		return
	}
	h.replica, h.up, h.marked = m, true, nil
	h.planned, h.led = [steps]bool{}, 0
	if m.Recovery().TornBytes > 0 {
		w.count(TornTail)
	}
	has := promisesOf(m)
	w.note("start", uint64(h.group.shard), uint64(h.id), has.last, has.lastTerm, has.term, has.vote)
	if h.had != nil && !h.lost {
		if err := h.had.kept(promisesOf(m)); err != nil {
			w.fail(fmt.Errorf("%v after a crash: %w", h, err))
		}
	}
	h.lost, h.had = false, nil
	life := h.life
	w.after(w.upTo(heartbeat), func() { h.tick(life) })
	h.read(func() {}) // what was answered to the life before must not answer this one
	h.kick()
}

// promises are what a replica has reported to be durable.
type promises struct{ last, lastTerm, term, vote uint64 }

func promisesOf(m *replica.Manual) *promises {
	_, last := m.Log()
	term, vote := m.Promised()
	return &promises{last, m.Term(last), term, vote}
}

// kept checks that they are there after a crash. Entries may only have made room for those of a later term.
func (p *promises) kept(now *promises) error {
	if now.lastTerm < p.lastTerm || now.lastTerm == p.lastTerm && now.last < p.last {
		return fmt.Errorf("the log ends at entry %d of term %d, and the durable one did at %d of term %d", now.last, now.lastTerm, p.last, p.lastTerm)
	}
	if p.vote != 0 && (now.term < p.term || now.term == p.term && now.vote != p.vote) {
		return fmt.Errorf("the vote on %x in term %d is now one on %x in term %d", p.vote, p.term, now.vote, now.term)
	}
	return nil
}

func (h *host) String() string {
	return fmt.Sprintf("replica %v of shard %d", h.id, h.group.shard)
}

// tick passes the time of a heartbeat.
func (h *host) tick(life int) {
	if h.life != life || !h.up {
		return
	}
	if wait := h.node.stalled - h.w.now; wait > 0 {
		h.w.after(wait, func() { h.tick(life) })
		return
	}
	h.w.after(heartbeat+h.w.upTo(heartbeat/20), func() { h.tick(life) })
	h.replica.Tick()
	h.stepped()
}

// kick plans the steps that have something to do.
func (h *host) kick() {
	if !h.up {
		return
	}
	waiting := h.replica.Waiting()
	for s, has := range [steps]bool{waiting.Work, waiting.Persist, waiting.Apply, waiting.Publish, waiting.Snapshot, waiting.Fetch} {
		if has && !h.planned[s] {
			h.planned[s] = true
			life := h.life
			h.w.after(h.latency(step(s)), func() { h.do(step(s), life) })
		}
	}
}

// whileSyncing lets the rest of the replica go on while its log syncs, and sometimes the power fail before that is done:
// whoever was promised something by then was promised too much.
func (h *host) whileSyncing() {
	w := h.w
	if !h.persisting || h.cut || !w.chance(20) {
		return
	}
	h.replica.Work()
	if w.permille(h.w.set.cutsInSync) {
		h.left, h.cut, h.had = h.disk.Crash(), true, promisesOf(h.replica)
	}
}

// latency is how long it takes until a step is done.
func (h *host) latency(s step) time.Duration {
	w := h.w
	switch s {
	case persist:
		if h.node.slow > w.now {
			return time.Millisecond + w.upTo(300*time.Millisecond)
		}
		return 50*time.Microsecond + w.upTo(time.Millisecond)
	case apply, publish:
		if w.chance(3) {
			return w.upTo(40 * time.Millisecond)
		}
		return w.upTo(300 * time.Microsecond)
	case snapshot, fetch:
		return w.upTo(60 * time.Millisecond)
	}
	return w.upTo(50 * time.Microsecond)
}

// do takes a step.
func (h *host) do(s step, life int) {
	if h.life != life || !h.up {
		return
	}
	if wait := h.node.stalled - h.w.now; wait > 0 {
		h.w.after(wait+h.w.upTo(time.Millisecond), func() { h.do(s, life) })
		return
	}
	h.planned[s] = false
	h.w.note(stepNames[s], uint64(h.group.shard), uint64(h.id))
	switch s {
	case work:
		h.replica.Work()
	case persist:
		h.persisting = true
		h.replica.Persist()
		h.persisting = false
	case apply:
		h.replica.Apply()
	case publish:
		h.replica.Publish()
	case snapshot:
		h.replica.WriteSnapshot()
	case fetch:
		h.replica.Fetch()
	}
	h.stepped()
}

// stepped looks at what a step has done.
func (h *host) stepped() {
	switch {
	case h.w.failure != nil:
		return
	case h.cut:
		h.w.count(CrashInWrite)
		h.node.crash(h.w)
		return
	case h.replica.Err() != nil:
		h.failed(h.replica.Err())
		return
	}
	if err := h.check(); err != nil {
		h.w.fail(fmt.Errorf("%v: %w", h, err))
		return
	}
	h.deliver()
	h.marked = h.replica.Members()
	h.kick()
}

// check checks what is cheap to check.
func (h *host) check() error {
	if leads, term := h.replica.Leads(); leads && h.led != term {
		h.led = term
		h.w.note("leads", uint64(h.group.shard), uint64(h.id), term)
		if err := h.group.oracle.leads(h.id, term); err != nil {
			return err
		}
		if durable, _ := h.replica.Promised(); durable < term {
			return fmt.Errorf("it leads in term %d and would have forgotten that after a crash: term %d is durable", term, durable)
		}
		if h.w.permille(50) { // what a new leader has begun is the easiest to lose
			h.w.after(h.w.upTo(20*time.Millisecond), func() { h.w.cutPower(h.node) })
		}
	}
	h.entering = h.entering && h.replica.Members().Generation() < h.id.Generation()
	if h.bygone() {
		return nil
	}
	index, _ := h.replica.Applied()
	h.group.oracle.change(index, h.replica.Members())
	return h.group.oracle.published(h.replica.Journal().Last())
}

// failed does what an operator does about a replica that has stopped itself.
func (h *host) failed(err error) {
	w := h.w
	switch {
	case errors.Is(err, replica.ErrRemoved):
		w.note("removed", uint64(h.group.shard), uint64(h.id))
		h.stop(h.disk.Crash())
		h.lost = true
		w.after(w.upTo(300*time.Millisecond), h.renew)
	case errors.Is(err, replica.ErrStrayed) && (h.entering || len(h.replica.Members()) == 0):
		w.count(Strayed)
		w.note("strayed", uint64(h.group.shard), uint64(h.id))
		h.stop(vfs.NewMem())
		h.had, h.first = nil, nil
		w.after(w.upTo(300*time.Millisecond), h.restart)
	case errors.Is(err, errDisk):
		w.count(SyncError)
		h.stop(h.disk.CrashKeeping(w.Uint64()))
		w.after(w.upTo(300*time.Millisecond), h.restart)
	default:
		w.fail(fmt.Errorf("%v: %w", h, err))
	}
}

// stop ends the replica's life. What is on the disk in the next one is given.
func (h *host) stop(left *vfs.Mem) {
	if h.up {
		h.up = false
		if h.had == nil {
			h.had = promisesOf(h.replica)
		}
		_ = h.replica.Stop() // on the disk of the life that is over
	}
	h.life++
	h.disk, h.cut, h.left = left, false, nil
	for _, t := range h.tries {
		t.ended()
	}
	h.tries, h.reads, h.unheard = nil, nil, nil
}

func (h *host) restart() {
	if !h.up && !h.lost && !h.node.gone {
		h.start()
	}
}

// renew begins again with an empty disk and another id, and has the group take it in.
func (h *host) renew() {
	if h.up || !h.lost || h.node.gone {
		return
	}
	h.group.past[h.id] = h.replica
	h.disk, h.first = vfs.NewMem(), nil
	h.group.incarnations++
	h.id = replica.NewID(h.node.number, h.group.incarnations).In(h.group.generation)
	h.replica = nil
	h.start()
	h.group.join(h)
}

// applied is told of every batch that the replica executes.
func (h *host) applied(a replica.Applied) {
	w := h.w
	switch {
	case h.cut || w.failure != nil:
		return
	case h.holding:
		h.held = append(h.held, kept(a))
		return
	}
	w.note("applied", uint64(h.group.shard), uint64(h.id), a.Index, a.Term, sumOf(a.Events))
	if h.id.Generation() != h.group.generation || h.entering && a.Term < h.group.begunIn {
		return // whatever it believes, nobody may be answered so
	}
	isNew, err := h.group.oracle.executes(a)
	if err == nil && isNew {
		if err = h.group.onQuorum(a.Index, a.Term, h); err == nil {
			err = h.group.follow(kept(a))
		}
	}
	if err != nil {
		w.fail(fmt.Errorf("%v executes entry %d: %w", h, a.Index, err))
	}
}

// deliver gives clients the answers that have come.
func (h *host) deliver() {
	waiting := h.tries
	h.tries = nil
	for _, t := range waiting {
		if ok, err := t.submission.Answered(); !ok {
			h.tries = append(h.tries, t)
		} else if err != nil {
			if errors.Is(err, replica.ErrLost) {
				h.w.count(LeaderLost)
			}
			t.ended()
		} else {
			t.answered(h)
		}
	}
	reads := h.reads
	h.reads = nil
	for _, r := range reads {
		if !r.check() {
			h.reads = append(h.reads, r)
		}
	}
}

// crash cuts the power of a node.
func (n *node) crash(w *world) {
	w.note("crash", uint64(n.number))
	for _, h := range n.hosts {
		switch {
		case h.cut:
			h.stop(h.left)
		case h.up:
			h.stop(h.disk.CrashKeeping(w.Uint64()))
		}
	}
	if w.chance(60) { // the others see that its connections break
		for _, other := range w.nodes {
			w.after(w.upTo(5*time.Millisecond), func() { other.hears(w, n.number) })
		}
	}
	w.after(20*time.Millisecond+w.upTo(w.set.downtime), n.restart)
}

func (n *node) hears(w *world, lost uint16) {
	for _, h := range n.hosts {
		if h.up && n.number != lost {
			h.replica.Lost(lost)
			h.kick()
		}
	}
}

func (n *node) restart() {
	for _, h := range n.hosts {
		h.restart()
	}
}
