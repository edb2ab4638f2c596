package shard

import (
	"cmp"
	"container/heap"
	"slices"

	"github.com/hustings/hustings/exchange"
)

// maxSessions is how many sessions of an account are kept at once. One more makes the one forgotten that would expire first.
const maxSessions = 100

// freeIDs are ids of credentials that were forgotten. The lowest is given out first, so which one does not depend on the order in
// which they became free, and they need not be in a snapshot.
type freeIDs []exchange.CredentialID

func (f freeIDs) Len() int           { return len(f) }
func (f freeIDs) Less(i, j int) bool { return f[i] < f[j] }
func (f freeIDs) Swap(i, j int)      { f[i], f[j] = f[j], f[i] }
func (f *freeIDs) Push(id any)       { *f = append(*f, id.(exchange.CredentialID)) }
func (f *freeIDs) Pop() any {
	last := len(*f) - 1
	id := (*f)[last]
	*f = (*f)[:last]
	return id
}

// takeID returns an id for a new credential.
func (n *names) takeID() exchange.CredentialID {
	if len(n.free) > 0 {
		return heap.Pop(&n.free).(exchange.CredentialID)
	}
	return exchange.CredentialID(n.credentials.Add())
}

// index makes a credential findable.
func (n *names) index(id exchange.CredentialID, k *credential) {
	if n.byHash == nil {
		n.byHash = map[[32]byte]exchange.CredentialID{}
	}
	n.byHash[k.hash] = id
	if k.session {
		if n.sessions == nil {
			n.sessions = map[exchange.AccountID][]exchange.CredentialID{}
		}
		n.sessions[k.account] = append(n.sessions[k.account], id)
	}
}

// forgetSessions forgets the sessions of an account that are over, and makes room for one more.
func (n *names) forgetSessions(account exchange.AccountID, now exchange.Time) {
	all := n.sessions[account]
	if len(all) == 0 {
		return
	}
	at := func(id exchange.CredentialID) *credential { return n.credentials.At(uint32(id)) }
	slices.SortFunc(all, func(a, b exchange.CredentialID) int { // those that last longest first
		return cmp.Or(cmp.Compare(at(b).expireAt, at(a).expireAt), cmp.Compare(b, a))
	})
	kept := all[:0]
	for _, id := range all {
		if k := at(id); !k.revoked && k.expireAt > now && len(kept) < maxSessions-1 {
			kept = append(kept, id)
			continue
		}
		delete(n.byHash, at(id).hash)
		*at(id) = credential{}
		heap.Push(&n.free, id)
	}
	n.sessions[account] = kept
}
