package replica

import (
	"testing"

	"go.etcd.io/raft/v3"
)

// A fresh read is not answered with what was true before it was asked.
func TestAnswerOfAnOlderQuestion(t *testing.T) {
	answer := make(chan uint64, 1)
	r := reads{asked: []chan uint64{answer}, first: 2, number: 2}
	r.confirmed(raft.ReadState{Index: 10, RequestCtx: le.AppendUint64(nil, 1)})
	if len(answer) > 0 {
		t.Fatal("the answer of question 1 was taken for that of question 2")
	}
	r.confirmed(raft.ReadState{Index: 11, RequestCtx: le.AppendUint64(nil, 2)})
	if len(answer) == 0 || <-answer != 11 {
		t.Error("question 2 is not answered with 11")
	}
}

// A follower's fresh read sees everything that was acknowledged before it.
func TestFreshReadOfAFollower(t *testing.T) {
	g := newTrio(t, nil)
	g.found(1)
	lead := g.leader()
	for n := range 300 {
		reply := g.submit(order(0, n))[0]
		for _, m := range g.members {
			r := g.at(m.Replica)
			if r == lead {
				continue
			}
			if err := r.Fresh(t.Context()); err != nil {
				t.Fatal(err)
			}
			if seq := r.View().Seq(); seq < reply.Seq {
				t.Fatalf("event %d was acknowledged, and a fresh read of %v sees event %d", reply.Seq, m.Replica, seq)
			}
		}
	}
}
