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
	f := follower{t: t, said: make(listener, 1000)}
	config := testConfig(vfs.NewMem())
	config.Group = Group{Self: NewID(node, 0), First: threeVoters(), Transport: f.said, Heartbeat: 50 * time.Millisecond, Election: time.Minute}
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
