package projection

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/wire"
)

// Whoever reads the changes of groups page by page, from where he was, sees every group after its last change.
func TestChangesOfGroupsAreSeen(t *testing.T) {
	v := New()
	apply := func(events ...exchange.Event) {
		t.Helper()
		var frames []byte
		for _, e := range events {
			frames = wire.AppendEvent(frames, e)
		}
		if err := v.Apply(1, v.Seq()+1, frames, len(events)); err != nil {
			t.Fatal(err)
		}
	}
	apply(&exchange.RulesSwitched{Version: exchange.GroupRules}, &exchange.AccountRegistered{Account: 1, Name: "sue"})
	const groups = 50
	random := rand.New(rand.NewPCG(1, 2))
	versions, seen := map[exchange.GroupID]uint32{}, map[exchange.GroupID]uint32{}
	var cursor GroupCursor
	read := func(most int) bool {
		some, next := v.GroupsChanged(cursor, most, nil)
		for _, id := range some {
			g, _ := v.Group(id)
			seen[id] = g.Version
		}
		cursor = next
		return len(some) > 0
	}
	for id := exchange.GroupID(1); id <= groups; id++ {
		apply(&exchange.GroupCreated{Account: 1, Group: id, Limit: 5, Window: 1e9})
		versions[id] = 1
	}
	for range 2_000 {
		if id := exchange.GroupID(1 + random.IntN(groups)); random.IntN(3) > 0 {
			apply(&exchange.GroupChanged{Account: 1, Group: id, Action: exchange.ResetGroup})
			versions[id]++
		}
		if random.IntN(4) == 0 {
			read(1 + random.IntN(3))
		}
	}
	for read(7) {
	}
	for id, version := range versions {
		if seen[id] != version {
			t.Errorf("group %d has version %d, and was seen last with %d", id, version, seen[id])
		}
	}
	if err := v.Check(); err != nil {
		t.Error(err)
	}
	if some, _ := v.GroupsChanged(GroupCursor{}, groups+1, nil); len(some) != groups || !slices.Contains(some, 1) {
		t.Errorf("from the beginning %d groups are seen", len(some))
	}
}

// What an event says of a group must fit what is known of it.
func TestGroupEventsThatDoNotFit(t *testing.T) {
	known := []exchange.Event{&exchange.RulesSwitched{Version: exchange.GroupRules}, &exchange.AccountRegistered{Account: 1, Name: "sue"},
		&exchange.AccountRegistered{Account: 2, Name: "tim"}, &exchange.GroupCreated{Account: 1, Group: 1, Limit: 5, Window: 1e9},
		&exchange.GroupSet{GroupTerms: exchange.GroupTerms{Account: 1, Group: 3, Version: 2, Limit: 5, Window: 1e9}},
		&exchange.GroupCounted{Account: 1, Group: 1, From: 2, Filled: 7}}
	set := func(change func(*exchange.GroupTerms)) exchange.Event {
		e := &exchange.GroupSet{GroupTerms: exchange.GroupTerms{Account: 1, Group: 3, Version: 3, Limit: 5, Window: 1e9}}
		change(&e.GroupTerms)
		return e
	}
	for name, event := range map[string]exchange.Event{
		"":                          set(func(*exchange.GroupTerms) {}),
		"an old version":            set(func(g *exchange.GroupTerms) { g.Version = 2 }),
		"cancelled in the future":   set(func(g *exchange.GroupTerms) { g.Cancelled = 4 }),
		"of another account":        set(func(g *exchange.GroupTerms) { g.Account = 2 }),
		"of nobody":                 set(func(g *exchange.GroupTerms) { g.Account, g.Group = 3, 9 }),
		"at home here":              set(func(g *exchange.GroupTerms) { g.Group = 1 }),
		"too great an id":           set(func(g *exchange.GroupTerms) { g.Group = exchange.MaxGroups + 1 }),
		"a window of nothing":       set(func(g *exchange.GroupTerms) { g.Window, g.Group = 0, 9 }),
		"no more is counted":        &exchange.GroupCounted{Account: 1, Group: 1, From: 2, Filled: 7},
		"counted in a copy":         &exchange.GroupCounted{Account: 1, Group: 3, From: 2, Filled: 7},
		"counted for another":       &exchange.GroupCounted{Account: 2, Group: 1, From: 2, Filled: 8},
		"a copy is reset by hand":   &exchange.GroupChanged{Account: 1, Group: 3, Action: exchange.ResetGroup},
		"a copy is ended by hand":   &exchange.GroupChanged{Account: 1, Group: 3, Action: exchange.DeleteGroup},
		"a copy is stopped by hand": &exchange.GroupChanged{Account: 1, Group: 3, Action: exchange.TriggerGroup},
	} {
		v := New()
		var frames []byte
		for _, e := range append(slices.Clone(known), event) {
			frames = wire.AppendEvent(frames, e)
		}
		if err := v.Apply(1, 1, frames, len(known)+1); (err == nil) != (name == "") {
			t.Errorf("%q: %v", name, err)
		} else if err := v.Check(); name == "" && err != nil {
			t.Error(err)
		}
	}
}
