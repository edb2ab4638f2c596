package replica

import (
	"context"
	"io"
	"testing"
	"time"

	"go.etcd.io/raft/v3/raftpb"
	"google.golang.org/protobuf/proto"

	"github.com/hustings/hustings/vfs"
)

// listener is a transport to nowhere that keeps what a replica says.
type listener chan *raftpb.Message

func (l listener) Send(_ ID, m []byte) bool {
	said := &raftpb.Message{}
	if err := proto.Unmarshal(m, said); err != nil {
		return false
	}
	select {
	case l <- said:
	default:
	}
	return true
}

func (listener) Snapshot(context.Context, ID, uint64, int64) (io.ReadCloser, error) {
	return nil, errCut
}

func (listener) Journal(context.Context, ID, uint64, uint64) (io.ReadCloser, error) {
	return nil, errCut
}

// openVoter opens a replica that hears only what the test says.
func openVoter(t *testing.T, disk *vfs.Mem, first Members) (*Replica, listener) {
	t.Helper()
	said := make(listener, 1000)
	config := testConfig(disk)
	config.Group = Group{Self: NewID(1, 0), First: first, Transport: said, Heartbeat: 50 * time.Millisecond, Election: time.Minute}
	r, err := Open(config)
	if err != nil {
		t.Fatal(err)
	}
	return r, said
}

// askForVote stands for election as another node, whose log has everything.
func askForVote(t *testing.T, r *Replica, from uint16, term uint64) {
	t.Helper()
	m, err := proto.Marshal(&raftpb.Message{Type: raftpb.MsgVote.Enum(), To: proto.Uint64(uint64(NewID(1, 0))),
		From: proto.Uint64(uint64(NewID(from, 0))), Term: proto.Uint64(term), LogTerm: proto.Uint64(term), Index: proto.Uint64(1 << 40)})
	if err != nil {
		t.Fatal(err)
	}
	r.Receive(m)
}

// vote waits for a replica's vote on a node. It is false as well if there is none.
func (l listener) vote(on uint16, patience time.Duration) (given bool) {
	for end := time.After(patience); ; {
		select {
		case m := <-l:
			if m.GetType() == raftpb.MsgVoteResp && ID(m.GetTo()).Node() == on {
				return !m.GetReject()
			}
		case <-end:
			return false
		}
	}
}

func threeVoters() Members { return voters(3) }

func voters(count uint16) (m Members) {
	for n := uint16(1); n <= count; n++ {
		m = append(m, Member{Replica: NewID(n, 0), Role: Voter, Wanted: Voter})
	}
	return m
}

// A vote is durable before it is given: after a power cut at that moment nobody else gets one for the same term.
func TestVoteIsNotForgotten(t *testing.T) {
	disk := vfs.NewMem()
	r, said := openVoter(t, disk, threeVoters())
	askForVote(t, r, 2, 5)
	if !said.vote(2, 20*time.Second) {
		t.Fatal("node 2 got no vote")
	}
	left := disk.Crash()
	shut(t, r)

	r, said = openVoter(t, left, threeVoters())
	defer shut(t, r)
	for _, test := range []struct {
		from  uint16
		given bool
	}{{3, false}, {2, true}, {3, false}} {
		askForVote(t, r, test.from, 5)
		if given := said.vote(test.from, 20*time.Second); given != test.given {
			t.Errorf("the vote was given to node 2; given to node %d after a power cut: %t", test.from, given)
		}
	}
}

// Who belongs to no group has no vote: it may be on a disk whose past is lost.
func TestStrangerDoesNotVote(t *testing.T) {
	r, said := openVoter(t, vfs.NewMem(), nil)
	defer shut(t, r)
	askForVote(t, r, 2, 5)
	if said.vote(2, 200*time.Millisecond) {
		t.Error("a replica that belongs to no group has voted")
	}
}
