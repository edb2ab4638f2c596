package replica

import (
	"slices"
	"time"

	"go.etcd.io/raft/v3"
	"go.etcd.io/raft/v3/raftpb"
	"google.golang.org/protobuf/proto"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/wire"
)

// loop owns the consensus: nobody else touches it.
type loop struct {
	r        *Replica
	node     *raft.RawNode
	lastTime exchange.Time // of the last entry in the log
	leads    bool
	election election
	reads    reads
	changing *memberChanging
	ticks    int
	heard    map[ID]int // tick of each member's last word

	unnamed     []*proposal // proposed, and their index not seen yet
	unpersisted int         // proposed, not durable
	message     []byte      // the one being sent
}

func (l *loop) run() {
	defer close(l.r.looped)
	ticker := time.NewTicker(l.r.config.Group.Heartbeat)
	defer ticker.Stop()
	due := time.NewTimer(time.Hour)
	defer due.Stop()
	for {
		if l.turn() {
			return
		}
		l.arm(due)
		select {
		case <-l.r.queue.ready:
		case <-l.r.inbox.ready:
		case <-due.C:
		case <-ticker.C:
			l.tick()
		case <-l.r.failed:
			return
		}
		l.collect()
	}
}

// turn does what there is to do, and reports whether the loop may end.
func (l *loop) turn() (ended bool) {
	l.propose()
	l.drain()
	l.askForReads()
	l.answerEarly()
	l.drain()
	l.openGate()
	return l.r.drained(l.inFlight())
}

// inFlight is how many entries were proposed here and are not applied, or not answered because a synchronous copy lacks them.
func (l *loop) inFlight() int { return len(l.unnamed) + l.r.pending.len() + l.r.gate.len() }

// drain does all that the consensus wants done.
func (l *loop) drain() {
	for l.node.HasReady() {
		l.handle(l.node.Ready())
	}
}

// collect takes in what the other goroutines have done.
func (l *loop) collect() {
	in := l.r.inbox.take()
	for _, do := range in.controls {
		do(l)
	}
	for _, m := range in.messages {
		l.step(m)
	}
	l.finishChange()
}

// step gives a message to whom it is for: the consensus here, or another replica.
func (l *loop) step(m *raftpb.Message) {
	switch {
	case m.GetTo() != uint64(l.r.config.Group.Self):
		l.send(m)
		return
	case m.GetType() == raftpb.MsgStorageAppendResp:
		l.unpersisted = max(0, l.unpersisted-1)
	case m.GetType() == raftpb.MsgSnapStatus: // only the sender of a snapshot can say it to the consensus
		l.node.ReportSnapshot(m.GetFrom(), raft.SnapshotFailure)
		return
	}
	if l.stranger(m) || l.strayed(m) || l.early(m) {
		return
	}
	l.heard[ID(m.GetFrom())] = l.ticks
	l.election.heard(m)
	l.canvassed(m)
	if err := l.node.Step(m); err != nil {
		l.r.config.Log.Warn("the consensus refused a message", "type", m.GetType().String(), "error", err)
	}
}

// stranger reports whether a message is none for this replica as it is: one that belongs to no group yet does not vote.
func (l *loop) stranger(m *raftpb.Message) bool {
	switch m.GetType() {
	case raftpb.MsgPreVote, raftpb.MsgVote, raftpb.MsgTimeoutNow:
		_, member := l.r.storage.members.Load().Find(l.r.config.Group.Self)
		return !member
	}
	return false
}

// send sends a message to another replica.
func (l *loop) send(m *raftpb.Message) {
	var err error
	if l.message, err = (proto.MarshalOptions{}).MarshalAppend(l.message[:0], m); err != nil {
		l.r.fail(err)
		return
	}
	if l.r.config.Group.Transport.Send(ID(m.GetTo()), l.message) {
		return
	}
	switch m.GetType() {
	case raftpb.MsgApp:
		l.node.ReportUnreachable(m.GetTo())
	case raftpb.MsgSnap:
		l.node.ReportSnapshot(m.GetTo(), raft.SnapshotFailure)
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
	if !l.leads {
		l.r.queue.refuse(ErrNotLeader)
		return
	}
	for l.leads && !l.election.leaving && l.inFlight() < maxInFlight && l.unpersisted < maxUnpersisted {
		now := exchange.Time(l.r.config.Now().UnixNano())
		work := l.inFlight() == 0 && l.r.hasWork(now)
		if !work && l.r.queue.empty() {
			return
		}
		p := &proposal{since: time.Now()}
		if p.batch, p.subs, p.count = l.r.queue.take(); p.count == 0 && !work {
			return
		}
		l.lastTime = max(l.lastTime, now)
		wire.PutBatchHead(p.batch, l.lastTime, p.count)
		for _, s := range p.subs {
			l.r.config.Observe(StageQueue, p.since.Sub(s.since))
		}
		if err := l.node.Propose(p.batch); err != nil { // it hands leadership over
			p.answer(nil, ErrNotLeader)
			return
		}
		l.unnamed = append(l.unnamed, p)
		l.unpersisted++
		l.drain()
	}
}

// handle passes on what the consensus wants done.
func (l *loop) handle(rd raft.Ready) {
	if rd.SoftState != nil {
		l.lead(rd.SoftState)
	}
	for _, e := range rd.Entries {
		l.append(e)
	}
	for _, s := range rd.ReadStates {
		l.readConfirmed(s)
	}
	for _, m := range voteFirst(rd.Messages) {
		switch {
		case m.GetTo() == raft.LocalAppendThread:
			l.r.persister.requests <- m
		case m.GetTo() == raft.LocalApplyThread:
			l.r.applier.requests <- m
		case m.GetType() == raftpb.MsgReadIndexResp:
			l.sendRead(m)
		default:
			l.send(m)
		}
	}
}

// voteFirst keeps requests for votes back until the candidate's vote for itself is durable. The consensus lets them go
// before: then a candidate could be elected by the others alone, forget that it was in a crash, be elected once more in
// the same term, and put other entries in the places of those that it had sent.
func voteFirst(messages []*raftpb.Message) []*raftpb.Message {
	for _, m := range messages {
		if m.GetTo() != raft.LocalAppendThread || m.Vote == nil {
			continue
		}
		return slices.DeleteFunc(messages, func(other *raftpb.Message) bool {
			held := other.GetType() == raftpb.MsgVote
			if held {
				m.Responses = append(m.Responses, other)
			}
			return held
		})
	}
	return messages
}

// append sees an entry that goes into the log here. A leader's new entries are its own proposals, in order.
func (l *loop) append(e *raftpb.Entry) {
	if e.GetType() == raftpb.EntryConfChangeV2 && l.changing != nil {
		l.changing.logged = true
	}
	if e.GetType() != raftpb.EntryNormal || len(e.GetData()) == 0 {
		return
	}
	if now, _, _, err := wire.ReadBatch(e.GetData()); err == nil {
		l.lastTime = max(l.lastTime, now)
	}
	if len(l.unnamed) > 0 {
		p := l.unnamed[0]
		p.index, p.term = e.GetIndex(), e.GetTerm()
		l.r.pending.add(p)
		l.unnamed = l.unnamed[1:]
	}
}

// lead takes in who leads.
func (l *loop) lead(s *raft.SoftState) {
	led := l.leads
	l.leads = s.RaftState == raft.StateLeader
	l.election.leaving = l.election.leaving && l.leads
	if led && !l.leads {
		l.abandon()
	}
	l.r.gate.lead(l.leads)
	if leader := ID(s.Lead); leader != l.election.leader {
		l.election.leader = leader
		if leader != 0 {
			l.election.last, l.election.silent, l.election.asked = leader, 0, nil
		}
		l.reads.again()
		l.heard = map[ID]int{}
		for _, m := range l.r.storage.members.Load().Members { // whoever leads has heard nothing yet, and need not have
			l.heard[m.Replica] = l.ticks
		}
	}
	if l.changing != nil && !l.leads {
		l.changing.done <- ErrUndecided
		l.changing = nil
	}
	l.publish() // before anybody is told
	l.r.leadership.set(l.election.leader, l.node.BasicStatus().GetTerm(), l.leads)
}

// abandon gives up what was proposed here: another leader decides now whether it takes effect.
func (l *loop) abandon() {
	for _, p := range l.unnamed {
		p.answer(nil, ErrLost)
	}
	l.r.pending.abandon(ErrLost)
	l.r.gate.abandon(ErrLost)
	l.reads.held, l.reads.early = nil, nil
	l.unnamed, l.unpersisted = nil, 0
	l.r.queue.refuse(ErrNotLeader)
}
