package replica

import (
	"fmt"
	"slices"
	"sync"
)

// Votes are what a replica's journal, or its whole state, hashes to after some entries. Replicas that have applied the same
// entries have the same.
type Votes struct {
	Replica ID     `json:"replica"`
	Journal []Vote `json:"journal,omitempty"` // chain hashes
	State   []Vote `json:"state,omitempty"`   // of snapshots
}

// Vote is a hash after an entry.
type Vote struct {
	Index uint64   `json:"index"`
	Seq   uint64   `json:"seq"`
	Hash  [32]byte `json:"hash"`
}

// Divergence says that this replica has another state than most of its group. It must not answer anybody any more: its
// directory is to be kept for examination, and the replica replaced by a new one.
type Divergence struct {
	What     string // "journal" or "state"
	Own      Vote
	Others   [32]byte
	Agreeing []ID // with one another
}

func (d *Divergence) Error() string {
	return fmt.Sprintf("the %s here differs from that of replicas %v: after entry %d (event %d) it hashes to %x…, theirs to %x…; "+
		"keep the directory, run hustings verify on it, and let the node begin with an empty one",
		d.What, d.Agreeing, d.Own.Index, d.Own.Seq, d.Own.Hash[:8], d.Others[:8])
}

// Agreement is how a comparison ended.
type Agreement struct {
	Vote
	Compared  []ID // this replica among them
	Differing []ID // those of them with another hash than most
}

// Votes are taken after the first entry with events behind every so many; so all replicas take the same.
const (
	voteEvery = 64
	keptVotes = 256
)

// agreement compares what the replicas of a group hash to. The one that differs from most stops.
type agreement struct {
	self ID

	mu     sync.Mutex
	own    [2][]Vote // journal, state: by index
	others map[ID][2][]Vote
	last   *Agreement

	compared, differing uint64 // how often; how often not all agreed
}

var voted = [2]string{"journal", "state"}

// add takes a hash of this replica.
func (a *agreement) add(kind int, v Vote) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.own[kind] = keepVotes(append(a.own[kind], v))
	return a.compare(kind, v)
}

// due reports whether a vote is to be taken after an entry.
func (a *agreement) due(index uint64) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	votes := a.own[0]
	return len(votes) == 0 || index/voteEvery > votes[len(votes)-1].Index/voteEvery
}

// take takes what another replica has voted.
func (a *agreement) take(v Votes) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if v.Replica == a.self {
		return nil
	}
	if a.others == nil {
		a.others = map[ID][2][]Vote{}
	}
	a.others[v.Replica] = [2][]Vote{keepVotes(v.Journal), keepVotes(v.State)}
	for kind, votes := range a.others[v.Replica] {
		for _, theirs := range votes {
			if own, ok := findVote(a.own[kind], theirs.Index); ok {
				if err := a.compare(kind, own); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// compare compares an own vote with those of others after the same entry. One other replica that differs proves nothing
// about which of the two is wrong; two that agree with each other do.
func (a *agreement) compare(kind int, own Vote) error {
	by := map[[32]byte][]ID{own.Hash: {a.self}}
	end := &Agreement{Vote: own, Compared: []ID{a.self}}
	for id, votes := range a.others {
		if theirs, ok := findVote(votes[kind], own.Index); ok {
			by[theirs.Hash] = append(by[theirs.Hash], id)
			end.Compared = append(end.Compared, id)
		}
	}
	if len(end.Compared) == 1 {
		return nil
	}
	most := own.Hash
	for hash, ids := range by {
		if len(ids) > len(by[most]) {
			most = hash
		}
	}
	for hash, ids := range by {
		if hash != most {
			end.Differing = append(end.Differing, ids...)
		}
	}
	a.compared++
	if len(end.Differing) > 0 {
		a.differing++
	}
	slices.Sort(end.Compared)
	slices.Sort(end.Differing)
	if a.last == nil || own.Index >= a.last.Index {
		a.last = end
	}
	if most == own.Hash {
		return nil
	}
	return &Divergence{What: voted[kind], Own: own, Others: most, Agreeing: by[most]}
}

func findVote(votes []Vote, index uint64) (Vote, bool) {
	i, found := slices.BinarySearchFunc(votes, index, func(v Vote, index uint64) int {
		switch {
		case v.Index < index:
			return -1
		case v.Index > index:
			return 1
		}
		return 0
	})
	if !found {
		return Vote{}, false
	}
	return votes[i], true
}

func keepVotes(votes []Vote) []Vote { return votes[max(0, len(votes)-keptVotes):] }

// Votes returns what this replica has to say about its journal and its state, for the others of its group.
func (r *Replica) Votes() Votes {
	a := &r.agreement
	a.mu.Lock()
	defer a.mu.Unlock()
	const few = 16
	v := Votes{Replica: a.self, Journal: slices.Clone(a.own[0]), State: slices.Clone(a.own[1])}
	v.Journal = v.Journal[max(0, len(v.Journal)-few):]
	v.State = v.State[max(0, len(v.State)-few):]
	return v
}

// TakeVotes compares what another replica of the group says. A replica that differs from most stops.
func (r *Replica) TakeVotes(v Votes) {
	if _, member := r.storage.members.Load().Find(v.Replica); !member {
		return
	}
	if err := r.agreement.take(v); err != nil {
		r.fail(err)
	}
}

// Agreement returns how the last comparison ended; ok is false before the first.
func (r *Replica) Agreement() (Agreement, bool) {
	r.agreement.mu.Lock()
	defer r.agreement.mu.Unlock()
	if r.agreement.last == nil {
		return Agreement{}, false
	}
	return *r.agreement.last, true
}

// vote votes for the journal after a record, now and then.
func (r *Replica) vote(index uint64) error {
	if r.storage.alone || !r.agreement.due(index) {
		return nil
	}
	tip := r.journal.Last()
	if tip.Index != index {
		return nil
	}
	return r.agreement.add(0, Vote{Index: tip.Index, Seq: tip.Seq, Hash: tip.Chain})
}
