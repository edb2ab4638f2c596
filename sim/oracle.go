package sim

import (
	"crypto/sha256"
	"fmt"
	"slices"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/journal"
	"github.com/hustings/hustings/replica"
)

// oracle knows what a shard has agreed upon: the first replica that executes an entry defines it, provided that it was
// durable on a quorum, and nobody may ever differ.
type oracle struct {
	*follower
	entries   map[uint64]executed
	last      uint64 // index of the last batch
	leaders   map[uint64]replica.ID
	votes     map[ballot]replica.ID
	tips      map[uint64]journal.Tip // by Seq
	states    map[uint64]replica.StateSum
	members   [2]replica.Members // as the newest change made them, and before
	changedAt uint64
	acked     exchange.Seq            // greatest Seq of an answer
	promises  map[replica.ID]*promise // to clients, which a synchronous copy keeps
}

// executed is what an entry held and did.
type executed struct {
	term     uint64
	batch    [32]byte
	outcome  [32]byte
	firstSeq exchange.Seq
}

// ballot is one vote that may be given.
type ballot struct {
	voter replica.ID
	term  uint64
}

func newOracle(first replica.Members) *oracle {
	return &oracle{follower: newFollower(newNames()), entries: map[uint64]executed{}, leaders: map[uint64]replica.ID{},
		votes: map[ballot]replica.ID{}, tips: map[uint64]journal.Tip{}, states: map[uint64]replica.StateSum{},
		members: [2]replica.Members{first, first}, promises: map[replica.ID]*promise{}}
}

// executes checks an entry that a replica executes. It is new if nobody has executed it before.
func (o *oracle) executes(a replica.Applied) (isNew bool, err error) {
	outcome := sha256.New()
	_, _ = fmt.Fprintf(outcome, "%d %d %x %+v", a.Time, a.Count, a.Events, a.Replies)
	e := executed{a.Term, sha256.Sum256(a.Batch), [32]byte(outcome.Sum(nil)), a.FirstSeq}
	known, ok := o.entries[a.Index]
	switch {
	case ok && known.batch == e.batch && known.term == e.term && known != e:
		return false, fmt.Errorf("entry %d did not do the same as elsewhere", a.Index)
	case ok && known != e:
		return false, fmt.Errorf("entry %d of term %d is another one than elsewhere, where it is of term %d", a.Index, e.term, known.term)
	case ok:
		return false, nil
	case a.Index <= o.last:
		return false, fmt.Errorf("entry %d is executed, which was none elsewhere: the last one there is %d", a.Index, o.last)
	}
	o.entries[a.Index], o.last = e, a.Index
	return true, nil
}

// leads checks that a term has one leader.
func (o *oracle) leads(id replica.ID, term uint64) error {
	if other, ok := o.leaders[term]; ok && other != id {
		return fmt.Errorf("replicas %v and %v both lead in term %d", other, id, term)
	}
	o.leaders[term] = id
	return nil
}

// voted checks that a replica votes once in a term.
func (o *oracle) voted(voter, candidate replica.ID, term uint64) error {
	b := ballot{voter, term}
	if other, ok := o.votes[b]; ok && other != candidate {
		return fmt.Errorf("replica %v voted for %v and for %v in term %d", voter, other, candidate, term)
	}
	o.votes[b] = candidate
	return nil
}

// answered checks what a client was told.
func (o *oracle) answered(cmd exchange.Command, reply exchange.Reply) error {
	o.acked = max(o.acked, reply.Seq)
	if !keeps(reply.Code) {
		return nil
	}
	if key := keyOf(cmd); key != (exchange.Key{}) {
		if known, ok := o.replies[key]; !ok || !o.alike(known, reply) {
			return fmt.Errorf("%s was answered %+v; the log says %+v (%t)", show(cmd), reply, known, ok)
		}
	}
	return nil
}

// published checks the end of a journal.
func (o *oracle) published(tip journal.Tip) error {
	if tip.Seq == 0 {
		return nil
	}
	if known, ok := o.tips[tip.Seq]; ok && known != tip {
		return fmt.Errorf("the journal after event %d is %+v, elsewhere %+v", tip.Seq, tip, known)
	}
	o.tips[tip.Seq] = tip
	return nil
}

// holds checks the hash of a state.
func (o *oracle) holds(index uint64, sum replica.StateSum) error {
	if known, ok := o.states[index]; ok && known.Hash != sum.Hash {
		return fmt.Errorf("the state after entry %d differs from elsewhere in sections %v", index, sum.Differing(known))
	}
	o.states[index] = sum
	return nil
}

// change notes the members, as a replica that has come further than any other knows them.
func (o *oracle) change(at uint64, members replica.Members) {
	if at > o.changedAt && !slices.Equal(members, o.members[0]) {
		o.members = [2]replica.Members{members, o.members[0]}
	}
	o.changedAt = max(o.changedAt, at)
}
