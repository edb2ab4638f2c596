package replica

import (
	"time"

	"go.etcd.io/raft/v3"
	"go.etcd.io/raft/v3/raftpb"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/wire"
)

// tick is the unit of the consensus's time-outs. A heartbeat is sent every tick, an election begins after ten.
const tick = 10 * time.Millisecond

// loop owns the consensus: nobody else touches it.
type loop struct {
	r        *Replica
	node     *raft.RawNode
	lastTime exchange.Time // of the last entry proposed
	leads    bool

	unnamed     []*proposal // proposed, and their index not seen yet
	inFlight    int         // proposed, not applied
	unpersisted int         // proposed, not durable
}

func (l *loop) run() {
	defer close(l.r.looped)
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	due := time.NewTimer(time.Hour)
	defer due.Stop()
	for {
		l.propose()
		for l.node.HasReady() {
			l.handle(l.node.Ready())
		}
		if l.r.drained(l.inFlight) {
			return
		}
		l.arm(due)
		select {
		case <-l.r.queue.ready:
		case <-l.r.inbox.ready:
		case <-due.C:
		case <-ticker.C:
			l.node.Tick()
		case <-l.r.failed:
			return
		}
		l.collect()
	}
}

// collect takes in what the other goroutines have done.
func (l *loop) collect() {
	messages, applied := l.r.inbox.take()
	l.inFlight -= applied
	for _, m := range messages {
		if m.GetType() == raftpb.MsgStorageAppendResp {
			l.unpersisted = max(0, l.unpersisted-1)
		}
		if err := l.node.Step(m); err != nil {
			l.r.config.Log.Warn("the consensus refused a message", "type", m.GetType().String(), "error", err)
		}
	}
}

// arm sets the timer to when something falls due by itself.
func (l *loop) arm(due *time.Timer) {
	if at := l.r.nextTimer.Load(); at != 0 && l.leads {
		due.Reset(max(time.Millisecond, exchange.Time(at).Std().Sub(l.r.config.Now())))
	}
}

// propose puts everything that waits into one entry. With nothing waiting it proposes an empty one if the state
// machine has steps left to do, or if something has fallen due.
func (l *loop) propose() {
	for l.leads && l.inFlight < maxInFlight && l.unpersisted < maxUnpersisted {
		p := &proposal{since: time.Now()}
		p.batch, p.subs, p.count = l.r.queue.take(make([]byte, wire.BatchHead, 4096), nil)
		now := exchange.Time(l.r.config.Now().UnixNano())
		if p.count == 0 && !(l.inFlight == 0 && l.r.hasWork(now)) {
			return
		}
		l.lastTime = max(l.lastTime, now)
		wire.PutBatchHead(p.batch, l.lastTime, p.count)
		for _, s := range p.subs {
			l.r.config.Observe(StageQueue, p.since.Sub(s.since))
		}
		if err := l.node.Propose(p.batch); err != nil {
			p.answer(nil, ErrStopping)
			return
		}
		l.unnamed = append(l.unnamed, p)
		l.inFlight++
		l.unpersisted++
		for l.node.HasReady() {
			l.handle(l.node.Ready())
		}
	}
}

// handle passes on what the consensus wants done.
func (l *loop) handle(rd raft.Ready) {
	if rd.SoftState != nil {
		l.leads = rd.RaftState == raft.StateLeader
		l.r.leading.Store(l.leads)
		if !l.leads {
			l.abandon()
		}
	}
	for _, e := range rd.Entries {
		if len(e.GetData()) > 0 && len(l.unnamed) > 0 { // a leader's new entries are its own proposals, in order
			p := l.unnamed[0]
			p.index, p.term = e.GetIndex(), e.GetTerm()
			l.r.pending.add(p)
			l.unnamed = l.unnamed[1:]
		}
	}
	for _, m := range rd.Messages {
		switch m.GetTo() {
		case raft.LocalAppendThread:
			l.r.persister.requests <- m
		case raft.LocalApplyThread:
			l.r.applier.requests <- m
		}
	}
}

// abandon gives up what was proposed and has not reached the log: another leader decides now what does.
func (l *loop) abandon() {
	for _, p := range l.unnamed {
		p.answer(nil, errLost)
		l.inFlight--
	}
	l.unnamed, l.unpersisted = nil, 0
}
