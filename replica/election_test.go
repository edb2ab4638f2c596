package replica

import (
	"testing"
	"time"

	"go.etcd.io/raft/v3/raftpb"
	"google.golang.org/protobuf/proto"

	"github.com/hustings/hustings/vfs"
)

// follower is a replica of three that hears only what the test says. Whoever waits for its turn to stand for election does
// so for at least 15 seconds, and for a lost leader a minute, so what comes sooner is no matter of time.
type follower struct {
	t *testing.T
	*Replica
	said listener
}

const soon = 10 * time.Second

// openFollower opens the replica of a node, which has heard of a leader.
func openFollower(t *testing.T, node, leader uint16) follower {
	t.Helper()
	return openFollowerOf(t, Group{Self: NewID(node, 0), First: threeVoters(), Heartbeat: 50 * time.Millisecond, Election: time.Minute}, leader)
}

func openFollowerOf(t *testing.T, group Group, leader uint16) follower {
	t.Helper()
	f := follower{t: t, said: make(listener, 1000)}
	config := testConfig(vfs.NewMem())
	config.Group = group
	config.Group.Transport = f.said
	var err error
	if f.Replica, err = Open(config); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { shut(t, f.Replica) })
	f.hear(leader, &raftpb.Message{Type: raftpb.MsgHeartbeat.Enum(), Term: proto.Uint64(5)})
	f.await(leader, raftpb.MsgHeartbeatResp)
	return f
}

func (f follower) hear(from uint16, m *raftpb.Message) {
	f.t.Helper()
	m.From, m.To = proto.Uint64(uint64(NewID(from, 0))), proto.Uint64(uint64(f.config.Group.Self))
	b, err := proto.Marshal(m)
	if err != nil {
		f.t.Fatal(err)
	}
	f.Receive(b)
}

// canvass asks for support as a candidate whose log ends at an index.
func (f follower) canvass(from uint16, index uint64) {
	f.t.Helper()
	f.hear(from, &raftpb.Message{Type: raftpb.MsgPreVote.Enum(), Term: proto.Uint64(6), LogTerm: proto.Uint64(genesisTerm), Index: proto.Uint64(index)})
}

// await waits until a message goes to a node.
func (f follower) await(to uint16, kind raftpb.MessageType) *raftpb.Message {
	f.t.Helper()
	for end := time.After(soon); ; {
		select {
		case m := <-f.said:
			if m.GetType() == kind && ID(m.GetTo()).Node() == to {
				return m
			}
		case <-end:
			f.t.Fatalf("no %v to node %d", kind, to)
		}
	}
}

// candidate is node 1 in term 6, which has lost the leader, the last of the voters, and has asked the others for their votes.
func candidate(t *testing.T, among Members) follower {
	t.Helper()
	last := among[len(among)-1].Replica.Node()
	f := openFollowerOf(t, Group{Self: NewID(1, 0), First: among, Heartbeat: 50 * time.Millisecond, Election: time.Minute}, last)
	f.Lost(last)
	for n := uint16(2); n < last; n++ {
		f.await(n, raftpb.MsgPreVote)
		f.hear(n, &raftpb.Message{Type: raftpb.MsgPreVoteResp.Enum(), Term: proto.Uint64(6)})
	}
	f.await(2, raftpb.MsgVote)
	return f
}

// refuse is the answer of who has given its vote to somebody else.
func (f follower) refuse(from uint16) {
	f.t.Helper()
	f.hear(from, &raftpb.Message{Type: raftpb.MsgVoteResp.Enum(), Term: proto.Uint64(6), Reject: proto.Bool(true)})
}

// The first of those that are left stands at once, whatever number the lost leader had.
func TestLossOfALeaderIsNotWaitedOut(t *testing.T) {
	for _, c := range []struct{ node, leader, other uint16 }{{1, 3, 2}, {2, 1, 3}} {
		f := openFollower(t, c.node, c.leader)
		f.Lost(c.leader)
		f.await(c.other, raftpb.MsgPreVote)
	}
}

// Who cannot win does not make those wait who can.
func TestWhoHasMoreThanACandidateStands(t *testing.T) {
	f := openFollower(t, 2, 3)
	f.Lost(3)
	f.canvass(1, 0)
	f.await(1, raftpb.MsgPreVote)
}

// A candidate that has heard sooner of the leader's loss has its answer when this replica has heard of it.
func TestWhoAsksTooSoonIsAnswered(t *testing.T) {
	f := openFollower(t, 2, 3)
	f.canvass(1, 1<<40)
	f.hear(3, &raftpb.Message{Type: raftpb.MsgHeartbeat.Enum(), Term: proto.Uint64(5)})
	f.await(3, raftpb.MsgHeartbeatResp)
	f.Lost(3)
	if m := f.await(1, raftpb.MsgPreVoteResp); m.GetReject() {
		t.Error("the candidate was refused")
	}
}

// A candidate that has found the leader silent a little sooner has its answer as soon as this replica finds so too, and not only when it
// asks again: this one would stand at the same moment then, and neither be elected.
func TestWhoFindsTheLeaderSilentSoonerIsAnswered(t *testing.T) {
	f := openFollowerOf(t, Group{Self: NewID(2, 0), First: threeVoters(), Heartbeat: 50 * time.Millisecond, Election: time.Second}, 3)
	f.canvass(1, 1<<40)
	if m := f.await(1, raftpb.MsgPreVoteResp); m.GetReject() {
		t.Error("the candidate was refused")
	}
}

// Two stand at the same moment and vote for themselves. The first of them stands again at once, in the next term.
func TestSplitVoteIsNotWaitedOut(t *testing.T) {
	f := candidate(t, threeVoters())
	f.refuse(2)
	if m := f.await(2, raftpb.MsgPreVote); m.GetTerm() != 7 {
		t.Errorf("it stands in term %d", m.GetTerm())
	}
}

// Who may still be elected waits for the others.
func TestWhoMayStillWinWaits(t *testing.T) {
	f := candidate(t, voters(5))
	f.refuse(2)
	f.refuse(2) // networks say things twice
	quiet := time.After(20 * f.config.Group.Heartbeat)
	for waiting := true; waiting; {
		select {
		case m := <-f.said:
			if m.GetType() == raftpb.MsgPreVote && m.GetTerm() > 6 {
				t.Fatal("it stands again, and might have won")
			}
		case <-quiet:
			waiting = false
		}
	}
	f.refuse(3)
	if m := f.await(2, raftpb.MsgPreVote); m.GetTerm() != 7 {
		t.Errorf("it stands in term %d", m.GetTerm())
	}
}
