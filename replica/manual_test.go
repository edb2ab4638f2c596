package replica

import (
	"testing"
	"time"

	"go.etcd.io/raft/v3/raftpb"
	"google.golang.org/protobuf/proto"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/vfs"
)

// said takes out what a replica has said of a type.
func (l listener) said(kind raftpb.MessageType) (n int) {
	for {
		select {
		case m := <-l:
			if m.GetType() == kind {
				n++
			}
		default:
			return n
		}
	}
}

// A candidate asks others for their votes only when its own is durable: otherwise it could be elected twice in one term.
func TestCandidateVotesFirst(t *testing.T) {
	said := make(listener, 1000)
	config := testConfig(vfs.NewMem())
	config.Group = Group{Self: NewID(1, 0), First: threeVoters(), Transport: said, Heartbeat: time.Second, Election: 10 * time.Second}
	m, err := OpenManual(config, func(Applied) {})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := m.Stop(); err != nil {
			t.Error(err)
		}
	}()
	for range 40 {
		if m.Tick(); said.said(raftpb.MsgPreVote) > 0 {
			break
		}
	}
	_, term := m.Leads()
	yes, err := proto.Marshal(&raftpb.Message{Type: raftpb.MsgPreVoteResp.Enum(), To: proto.Uint64(uint64(NewID(1, 0))),
		From: proto.Uint64(uint64(NewID(2, 0))), Term: proto.Uint64(term + 1)})
	if err != nil {
		t.Fatal(err)
	}
	m.Receive(yes)
	for range 3 { // first it hears its own answer
		m.Work()
		if said.said(raftpb.MsgVote) > 0 {
			t.Fatal("it asks for votes while its own is not durable")
		}
		if _, now := m.Leads(); now > term {
			break
		}
		m.Persist()
	}
	if durable, _ := m.Promised(); durable > term {
		t.Fatalf("term %d is durable before it was written", durable)
	}
	m.Persist()
	m.Work()
	if durable, vote := m.Promised(); durable != term+1 || ID(vote) != NewID(1, 0) {
		t.Errorf("term %d and the vote for %v are durable", durable, ID(vote))
	}
	if n := said.said(raftpb.MsgVote); n != 2 {
		t.Errorf("it has asked %d others for their votes", n)
	}
}

// A crash between the record of a restart and its snapshot: entries that the snapshot would have taken the place of are not
// there, so the log must not be believed to be committed up to it. Its vote counts.
func TestRestartWithoutItsSnapshot(t *testing.T) {
	for _, test := range []struct {
		applied, commit uint64
	}{{5, 5}, {9, 9}} {
		r := &Replica{}
		r.applier.index = test.applied
		b := &block{buf: le.AppendUint64(hardState{7, 3, 9}.append(nil), 9)}
		b.records = []logRecord{{recordRestart, 0, len(b.buf)}}
		hard := hardState{term: 6, commit: 5}
		if _, err := r.replayBlock(b, nil, &hard); err != nil {
			t.Fatal(err)
		}
		if want := (hardState{7, 3, test.commit}); hard != want {
			t.Errorf("with everything applied up to %d: %+v instead of %+v", test.applied, hard, want)
		}
	}
}

// An answer to a question that a replica asked before a crash is none to what it asks after it.
func TestQuestionsOfTwoLives(t *testing.T) {
	asked := map[string]bool{}
	disk := vfs.NewMem()
	for life := range 2 {
		said := make(listener, 1000)
		config := testConfig(disk)
		config.Group = Group{Self: NewID(1, 0), First: threeVoters(), Transport: said, Heartbeat: time.Second, Election: 10 * time.Second}
		m, err := OpenManual(config, func(Applied) {})
		if err != nil {
			t.Fatal(err)
		}
		word, err := proto.Marshal(&raftpb.Message{Type: raftpb.MsgHeartbeat.Enum(), To: proto.Uint64(uint64(NewID(1, 0))),
			From: proto.Uint64(uint64(NewID(2, 0))), Term: proto.Uint64(5)})
		if err != nil {
			t.Fatal(err)
		}
		m.Receive(word)
		m.Ask()
		m.Work()
		for len(said) > 0 {
			if m := <-said; m.GetType() == raftpb.MsgReadIndex {
				asked[string(m.GetEntries()[0].GetData())] = true
			}
		}
		if len(asked) != life+1 {
			t.Errorf("%d different questions in %d lives", len(asked), life+1)
		}
		left := disk.Crash()
		if err := m.Stop(); err != nil {
			t.Fatal(err)
		}
		disk = left
	}
}

// A leader that is the only voter answers nobody's fresh read before it knows again what it had committed before a crash.
func TestOnlyVoterAnswersReadsWhenInOffice(t *testing.T) {
	members := Members{{Replica: NewID(1, 0), Role: Voter, Wanted: Voter}, {Replica: NewID(2, 0)}}
	disk := vfs.NewMem()
	var applied uint64
	open := func() (*Manual, listener) {
		said := make(listener, 1000)
		config := testConfig(disk)
		config.Group = Group{Self: NewID(1, 0), First: members, Transport: said, Heartbeat: time.Second, Election: 10 * time.Second}
		m, err := OpenManual(config, func(a Applied) { applied = a.Index })
		if err != nil {
			t.Fatal(err)
		}
		return m, said
	}
	lead := func(m *Manual) {
		for range 100 {
			if leads, _ := m.Leads(); leads {
				return
			}
			m.Tick()
			m.Persist()
			m.Work()
		}
		t.Fatal("the only voter does not lead")
	}
	m, _ := open()
	lead(m)
	m.Persist()
	m.Work()
	s, err := m.Send(encode(t, &exchange.Register{Key: key(1, 1), Name: "somebody"}), 1)
	if err != nil {
		t.Fatal(err)
	}
	var ok bool
	for range 20 {
		m.Work()
		m.Persist()
		m.Work()
		m.Apply()
		if ok, err = s.Answered(); ok {
			break
		}
	}
	if !ok || err != nil {
		t.Fatalf("the command was not answered: %v", err)
	}
	disk = disk.Crash()
	_ = m.Stop()
	acknowledged := applied
	m, said := open()
	lead(m)
	question, err := proto.Marshal(&raftpb.Message{Type: raftpb.MsgReadIndex.Enum(), To: proto.Uint64(uint64(NewID(1, 0))),
		From: proto.Uint64(uint64(NewID(2, 0))), Entries: []*raftpb.Entry{{Data: []byte("12345678")}}})
	if err != nil {
		t.Fatal(err)
	}
	m.Receive(question)
	answers := 0
	for range 10 {
		m.Work()
		for len(said) > 0 {
			if a := <-said; a.GetType() == raftpb.MsgReadIndexResp {
				answers++
				if a.GetIndex() < acknowledged {
					t.Errorf("a fresh read was told of entry %d, entry %d was acknowledged", a.GetIndex(), acknowledged)
				}
			}
		}
		m.Persist()
		m.Work()
		m.Apply()
	}
	if answers != 1 {
		t.Errorf("the question has %d answers", answers)
	}
	if err := m.Stop(); err != nil {
		t.Error(err)
	}
}
