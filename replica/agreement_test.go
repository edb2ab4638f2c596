package replica

import (
	"errors"
	"slices"
	"testing"
)

// ballot is what a replica says its journal hashes to after entry 64.
func ballot(id ID, hash byte) Votes {
	return Votes{Replica: id, Journal: []Vote{{Index: 64, Seq: 90, Hash: [32]byte{hash}}}}
}

// A replica stops when most of those that can be compared agree on something else than it.
func TestAgreement(t *testing.T) {
	for _, test := range []struct {
		name      string
		others    []byte // hashes of replicas 2, 3, …; 0: it has not come so far
		stops     bool
		differing []ID
	}{
		{"all the same", []byte{1, 1}, false, nil},
		{"nobody to compare with", []byte{0, 0}, false, nil},
		{"one other that differs proves nothing", []byte{2, 0}, false, []ID{2}},
		{"another one differs", []byte{1, 2}, false, []ID{3}},
		{"this one differs", []byte{2, 2}, true, []ID{1}},
		{"everybody differs", []byte{2, 3}, false, []ID{2, 3}},
		{"two against two", []byte{1, 2, 2}, false, []ID{3, 4}},
	} {
		for _, late := range []bool{false, true} { // this replica comes last
			a := agreement{self: 1}
			var errs []error
			own := func() { errs = append(errs, a.add(0, ballot(1, 1).Journal[0])) }
			if !late {
				own()
			}
			for i, hash := range test.others {
				if hash != 0 {
					errs = append(errs, a.take(ballot(ID(i+2), hash)))
				}
			}
			if late {
				own()
			}
			err := errors.Join(errs...)
			var divergence *Divergence
			if errors.As(err, &divergence) != test.stops || (err != nil) != test.stops {
				t.Errorf("%s, late %t: %v", test.name, late, err)
			}
			if divergence != nil && (divergence.Own.Hash[0] != 1 || divergence.Others[0] != 2 || len(divergence.Agreeing) != 2) {
				t.Errorf("%s: it says %+v", test.name, divergence)
			}
			if a.last != nil && !slices.Equal(a.last.Differing, test.differing) || a.last == nil && test.differing != nil {
				t.Errorf("%s, late %t: the comparison ended with %+v", test.name, late, a.last)
			}
		}
	}
}

// Replicas of a group hash their journals after the same entries, compare them, and one that differs answers nobody any
// more.
func TestReplicaThatDiffersStops(t *testing.T) {
	g := newTrio(t, nil)
	g.found(1)
	for n := range 3 * voteEvery {
		g.submit(order(0, n))
	}
	g.agree()
	var all []Votes
	for _, m := range g.members {
		all = append(all, g.at(m.Replica).Votes())
	}
	for _, m := range g.members {
		r := g.at(m.Replica)
		for _, v := range all {
			r.TakeVotes(v)
		}
		if a, ok := r.Agreement(); !ok || len(a.Compared) != 3 || len(a.Differing) != 0 || r.Err() != nil {
			t.Errorf("replica %v compared %+v, %t: %v", m.Replica, a, ok, r.Err())
		}
	}

	var odd *Replica
	for _, m := range g.members {
		if r := g.at(m.Replica); !r.Leading() {
			odd = r
		}
	}
	for _, v := range all {
		v.Journal = slices.Clone(v.Journal)
		for i := range v.Journal {
			v.Journal[i].Hash[0] ^= 1
		}
		odd.TakeVotes(v)
	}
	var divergence *Divergence
	if err := odd.Err(); !errors.As(err, &divergence) {
		t.Fatalf("it differs from two others and says %v", err)
	}
	g.mu.Lock()
	delete(g.running, odd.config.Group.Self)
	g.mu.Unlock()
	if err := odd.Close(); !errors.As(err, &divergence) {
		t.Errorf("closing it says %v", err)
	}
	g.submit(order(0, 5000))
	g.agree()
}
