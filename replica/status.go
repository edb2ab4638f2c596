package replica

import (
	"time"

	"go.etcd.io/raft/v3"
	"go.etcd.io/raft/v3/raftpb"
	"go.etcd.io/raft/v3/tracker"
	"google.golang.org/protobuf/proto"
)

// Status is how a replica sees its group.
type Status struct {
	Self, Leader   ID
	Term           uint64
	Commit         uint64 // index of the last entry known to be on a quorum
	Last, LastTerm uint64 // index and term of the last entry in the log here

	Applied, AppliedTerm uint64         // those of the last entry that was applied here; term 0: not known any more
	Members              []MemberStatus // as of that entry, or of a later one
}

// MemberStatus is what the leader knows of a member. Elsewhere only the Member is known.
type MemberStatus struct {
	Member
	Match    uint64 // index up to which its log is the leader's
	Silent   time.Duration
	InTouch  bool // heard of within an election's time-out
	Fetching bool // it is being given a snapshot
	// Awaited is how long the oldest answer has waited for this synchronous member; 0: none does.
	Awaited time.Duration
}

// Status returns how things are, a few heartbeats ago at most.
func (r *Replica) Status() Status { return *r.status.Load() }

// Applied returns the index of the last entry applied here, and the Seq of the last event.
func (r *Replica) Applied() (index, seq uint64) {
	i, s := r.progress.get()
	return i, uint64(s)
}

// statusTicks is how often the status is brought up to date.
const statusTicks = 4

// examine does what the leader does now and then.
func (l *loop) examine() {
	if l.election.leaving && l.node.BasicStatus().LeadTransferee == raft.None {
		l.election.leaving = false // the other one did not take over in time
	}
	if l.ticks%(offerAgain*l.r.config.Group.electionTicks()) == 0 {
		l.offerSnapshots()
	}
	l.promote()
}

// offerAgain is how many election time-outs pass between two offers of a snapshot.
const offerAgain = 4

// offerSnapshots offers snapshots again to those that have not begun with one: the offer may have been lost. Who is fetching
// one does not mind.
func (l *loop) offerSnapshots() {
	var waiting []uint64
	l.node.WithProgress(func(id uint64, _ raft.ProgressType, p tracker.Progress) {
		if p.State == tracker.StateSnapshot {
			waiting = append(waiting, id)
		}
	})
	for _, id := range waiting {
		l.node.ReportSnapshot(id, raft.SnapshotFailure)
	}
}

// publish brings the status up to date.
func (l *loop) publish() {
	basic := l.node.BasicStatus()
	members := l.r.storage.members.Load().Members // behind what is applied, and before the end of the log
	heartbeat := l.r.config.Group.Heartbeat
	s := &Status{Self: l.r.config.Group.Self, Leader: l.election.leader, Term: basic.GetTerm(), Commit: basic.GetCommit(), Applied: basic.Applied}
	s.AppliedTerm, _ = l.r.storage.Term(s.Applied)
	s.Last, _ = l.r.storage.LastIndex()
	s.LastTerm, _ = l.r.storage.Term(s.Last)
	awaited, since := l.r.gate.oldest()
	known := map[ID]tracker.Progress{}
	if l.leads {
		l.node.WithProgress(func(id uint64, _ raft.ProgressType, p tracker.Progress) { known[ID(id)] = p })
	}
	for _, m := range members {
		of := MemberStatus{Member: m}
		if p, ok := known[m.Replica]; ok {
			silent := l.ticks - l.heard[m.Replica]
			if m.Replica == s.Self {
				silent = 0
			}
			of.Match, of.Silent = p.Match, time.Duration(silent)*heartbeat
			of.InTouch = l.inTouch(m.Replica)
			of.Fetching = p.State == tracker.StateSnapshot
			if m.Synchronous && awaited > p.Match {
				of.Awaited = time.Since(since)
			}
		}
		s.Members = append(s.Members, of)
	}
	l.r.status.Store(s)
}

// Receive takes in a message that another replica's Transport was given for this one. It may be called concurrently and
// does not keep m. What is malformed or for another replica is dropped.
func (r *Replica) Receive(m []byte) {
	message := &raftpb.Message{}
	if err := proto.Unmarshal(m, message); err != nil || ID(message.GetTo()) != r.config.Group.Self || raft.IsLocalMsg(message.GetType()) && message.GetType() != raftpb.MsgSnapStatus {
		return
	}
	if message.GetType() == raftpb.MsgSnap {
		r.fetcher.offer(message)
		return
	}
	r.inbox.put(message)
}

// Lost tells that the connection on which a node's messages came has broken. A follower of a leader there need not wait for
// its time-out then.
func (r *Replica) Lost(node uint16) { r.inbox.do(func(l *loop) { l.lost(node) }) }
