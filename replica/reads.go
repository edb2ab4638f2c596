package replica

import (
	"context"
	"crypto/rand"
	"fmt"

	"go.etcd.io/raft/v3"
	"go.etcd.io/raft/v3/raftpb"
)

// reads finds out for fresh reads how far the log is committed. One question to the leader, which makes sure that it still
// leads, serves all reads that came before it was asked.
type reads struct {
	waiting []chan uint64 // for the next question
	asked   []chan uint64 // for the one under way
	number  uint64        // of the question under way
	ticks   int           // since it was asked
	unheard bool          // it must be asked again
	first   uint64        // number of the first question for those asked

	held  []heldRead        // answers that a leader gives when its synchronous copies have what they tell of
	early []*raftpb.Message // questions of others that came before this leader was in office
}

// newQuestion draws the number from which a replica counts its questions: an answer that is still on its way to its life before
// must not be taken for one of this life.
func newQuestion() uint64 {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	return le.Uint64(b[:])
}

// askForReads asks, if somebody waits and no question is under way.
func (l *loop) askForReads() {
	for l.r.inbox.takeReads(&l.reads.waiting); len(l.reads.asked) == 0 && len(l.reads.waiting) > 0; {
		l.reads.asked, l.reads.waiting = l.reads.waiting, nil
		l.reads.unheard, l.reads.first = true, l.reads.number+1
	}
	if l.reads.unheard && len(l.reads.asked) > 0 && l.inOffice() {
		l.reads.number++
		l.reads.ticks, l.reads.unheard = 0, false
		l.node.ReadIndex(le.AppendUint64(nil, l.reads.number))
	}
}

// inOffice is false for a leader of which no entry is committed yet: it does not know what else is.
func (l *loop) inOffice() bool {
	if !l.leads {
		return true
	}
	now := l.node.BasicStatus()
	term, err := l.r.storage.Term(now.GetCommit())
	return err == nil && term == now.GetTerm()
}

// early keeps a question of another replica until this leader is in office. The consensus does so itself, but not for a leader
// that is the only voter: it would answer with what it knew to be committed before a crash.
func (l *loop) early(m *raftpb.Message) bool {
	if m.GetType() != raftpb.MsgReadIndex || l.inOffice() {
		return false
	}
	if len(l.reads.early) < mostHeldReads {
		l.reads.early = append(l.reads.early, m)
	}
	return true
}

// answerEarly takes up the questions that came early.
func (l *loop) answerEarly() {
	if len(l.reads.early) == 0 || !l.inOffice() {
		return
	}
	questions := l.reads.early
	l.reads.early = nil
	for _, m := range questions {
		l.step(m)
	}
}

// heldRead is an answer to a question that was confirmed and is held back.
type heldRead struct {
	index uint64
	give  func()
}

// mostHeldReads bounds them. Who asked is going to ask again.
const mostHeldReads = 1 << 10

// hold gives an answer as soon as all synchronous copies have what it tells of. Who they are is known once that is applied here.
func (l *loop) hold(index uint64, give func()) {
	switch {
	case l.told(index):
		give()
	case len(l.reads.held) < mostHeldReads:
		l.reads.held = append(l.reads.held, heldRead{index, give})
	}
}

// told reports whether an entry is applied, and all that are synchronous copies since, or before, have it.
func (l *loop) told(index uint64) bool {
	applied, _ := l.r.progress.get()
	return index <= applied && l.r.gate.passed(index)
}

// readConfirmed takes in the answer to a question that was asked here.
func (l *loop) readConfirmed(s raft.ReadState) {
	if l.leads {
		l.hold(s.Index, func() { l.reads.confirmed(s) })
		return
	}
	l.reads.confirmed(s) // the leader has held it back
}

// sendRead answers another replica's question.
func (l *loop) sendRead(m *raftpb.Message) { l.hold(m.GetIndex(), func() { l.send(m) }) }

// confirmed takes in an answer, be it to an earlier question for the same reads.
func (r *reads) confirmed(s raft.ReadState) {
	if len(s.RequestCtx) != 8 || le.Uint64(s.RequestCtx) < r.first || le.Uint64(s.RequestCtx) > r.number {
		return
	}
	for _, answer := range r.asked {
		answer <- s.Index // each has room for one
	}
	r.asked = nil
}

// again asks once more: there is another leader.
func (r *reads) again() { r.unheard = true }

// tick passes the time, and asks once more when an answer is long in coming: the question may be lost.
func (r *reads) tick(patience int) {
	if r.ticks++; r.ticks > patience {
		r.unheard = true
	}
}

// Fresh waits until the read model here has seen everything that was acknowledged anywhere before the call. It asks a
// quorum, so a leader that was deposed and does not know it cannot answer. It returns the context's error if that ends
// first.
func (r *Replica) Fresh(ctx context.Context) error {
	answer := make(chan uint64, 1)
	r.inbox.read(answer)
	var index uint64
	select {
	case index = <-answer:
	case <-ctx.Done():
		return fmt.Errorf("asking a quorum how far the log is committed: %w", ctx.Err())
	case <-r.failed:
		return r.err
	case <-r.stop:
		return ErrStopping
	}
	seq, err := r.progress.reach(ctx, index, r.failed)
	if err == nil {
		err = r.Err()
	}
	if err == nil {
		err = r.view.WaitSeq(ctx, seq)
	}
	if err != nil {
		return fmt.Errorf("waiting until entry %d can be read: %w", index, err)
	}
	return nil
}
