package replica

import (
	"errors"
	"slices"
	"testing"
	"time"

	"go.etcd.io/raft/v3/raftpb"
	"google.golang.org/protobuf/proto"
)

// Changes that the group would not survive, and voters that lack much of the log, are refused.
func TestUnbearableChanges(t *testing.T) {
	g := newTrio(t, nil)
	g.found(1)
	absent := Member{Replica: NewID(9, 0), Address: "nowhere"}
	if err := g.leader().AddMember(t.Context(), absent); err != nil {
		t.Fatal(err)
	}
	if err := g.leader().SetRole(t.Context(), absent.Replica, Voter); !errors.Is(err, ErrNotCaughtUp) {
		t.Fatalf("making a voter of a member that has nothing says %v", err)
	}
	lead := g.leader() // which hears from it what is said to a late word of an earlier term
	said, err := proto.Marshal(&raftpb.Message{Type: raftpb.MsgAppResp.Enum(), From: proto.Uint64(uint64(absent.Replica)),
		To: proto.Uint64(uint64(lead.config.Group.Self)), Term: proto.Uint64(lead.Status().Term)})
	if err != nil {
		t.Fatal(err)
	}
	heard := func(m MemberStatus) bool { return m.Replica == absent.Replica && m.InTouch }
	for lead.Receive(said); !slices.ContainsFunc(lead.Status().Members, heard); time.Sleep(time.Millisecond) {
		lead.Receive(said)
	}
	if err := lead.SetRole(t.Context(), absent.Replica, Voter); !errors.Is(err, ErrNotCaughtUp) {
		t.Fatalf("making a voter of a member that has nothing and has spoken says %v", err)
	}
	var killed ID
	for _, m := range g.members {
		if m.Replica != g.leader().config.Group.Self {
			killed = m.Replica
		}
	}
	g.kill(killed)
	lead = g.leader()
	time.Sleep(3 * lead.config.Group.Election) // it counts as in touch for as long
	for _, m := range g.members {
		if m.Replica == killed || m.Replica == lead.config.Group.Self {
			continue
		}
		if err := lead.RemoveMember(t.Context(), m.Replica); !errors.Is(err, ErrNoQuorum) {
			t.Fatalf("removing the last one beside the leader says %v", err)
		}
	}
	g.submit(order(0, 1))
}

// Who belongs to the group is read from the log again.
func TestMembersSurviveARestart(t *testing.T) {
	g := newTrio(t, nil)
	g.found(1)
	absent := Member{Replica: NewID(9, 0), Address: "nowhere"}
	if err := g.leader().AddMember(t.Context(), absent); err != nil {
		t.Fatal(err)
	}
	for n := range 3 { // entries say how far those before them are committed
		g.submit(order(0, n))
	}
	g.agree()
	for _, m := range g.members {
		g.kill(m.Replica)
	}
	for _, m := range g.members { // alone, none of them learns it from another
		g.isolate(m.Replica, true)
		r := g.start(m.Replica, g.members)
		if _, found := r.storage.members.Load().Find(absent.Replica); !found {
			t.Errorf("replica %v has forgotten a member", m.Replica)
		}
		g.isolate(m.Replica, false)
	}
	g.agree()
}
