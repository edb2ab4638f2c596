package shard

import (
	"testing"

	"github.com/hustings/hustings/exchange"
)

// A shard that was loaded from a snapshot gives the same ids of forgotten sessions as the one that went on, and is halted as it was.
func TestSnapshotKeepsTheGuard(t *testing.T) {
	s := New()
	session := func(hash byte, end exchange.Time) *exchange.CreateCredential {
		return &exchange.CreateCredential{Account: 1, Hash: [32]byte{hash}, Session: true, ExpireAt: end}
	}
	apply(t, s, 1, &exchange.SwitchRules{Version: exchange.RulesVersion}, &exchange.Register{Name: "ann"},
		&exchange.SetTier{Account: 1, Tier: exchange.TierPremium}, session(1, 10), session(2, 10), session(3, 99),
		&exchange.CreateCredential{Account: 1, Hash: [32]byte{9}, ExpireAt: 99, Tier: exchange.TierPremium, Scheme: exchange.SchemeEd25519, Addresses: "10.0.0.0/8"})
	apply(t, s, 20, session(4, 99), &exchange.SetHalt{Halted: true, Reason: "a storm"}) // forgets 1 and 2, and takes the id of 1
	before, load := dump(t, s.Freeze())
	s.Thaw()
	loaded := load()
	after, _ := dump(t, loaded.Freeze())
	loaded.Thaw()
	if before != after || !loaded.halted || loaded.ledger.Account(1).Tier() != exchange.TierPremium {
		t.Errorf("equal %v, halted %v, %v", before == after, loaded.halted, loaded.ledger.Account(1).Tier())
	}
	for _, one := range []*Shard{s, loaded} {
		apply(t, one, 21, session(5, 99))
		if id := one.names.byHash[[32]byte{5}]; id != 2 {
			t.Errorf("the next session has id %d", id)
		}
	}
	if k := loaded.names.credentials.At(4); k.tier != exchange.TierPremium || k.scheme != exchange.SchemeEd25519 || k.addresses != "10.0.0.0/8" {
		t.Errorf("%+v", k)
	}
}
