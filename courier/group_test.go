package courier

import (
	"reflect"
	"testing"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
)

// What home and a copy of a group have to tell each other, and that afterwards it is nothing.
func TestGroup(t *testing.T) {
	home := func(version, cancelled uint32, state projection.GroupState) projection.Group {
		return projection.Group{ID: 5, Account: 1, Limit: 9, Window: 2e9, State: state, Version: version, Cancelled: cancelled}
	}
	copied := func(version uint32, filled uint64, state projection.GroupState) projection.Group {
		return projection.Group{ID: 5, Account: 1, Limit: 9, Window: 2e9, State: state, Version: version, Filled: filled, Copy: true}
	}
	down := func(g projection.Group) *exchange.SetGroup { return &exchange.SetGroup{GroupTerms: g.Terms()} }
	up := func(version uint32, filled uint64, triggered bool) *exchange.CountGroup {
		return &exchange.CountGroup{From: 2, Account: 1, Group: 5, Version: version, Filled: filled, Triggered: triggered}
	}
	const active, triggered, deleted = projection.GroupActive, projection.GroupTriggered, projection.GroupDeleted
	for _, test := range []struct {
		name    string
		home    projection.Group
		counted uint64
		copied  projection.Group
		down    *exchange.SetGroup
		up      *exchange.CountGroup
	}{
		{"nothing is new", home(3, 2, active), 7, copied(3, 7, active), nil, nil},
		{"fills that home has not heard of", home(3, 2, active), 6, copied(3, 7, active), nil, up(3, 7, false)},
		{"more than can be told", home(3, 2, active), 6, copied(3, exchange.MaxGroupFilled+1, active), nil, up(3, exchange.MaxGroupFilled, false)},
		{"the copy has triggered itself", home(3, 2, active), 7, copied(3, 7, triggered), nil, up(3, 7, true)},
		{"home was reset", home(4, 2, active), 0, copied(3, 7, triggered), down(home(4, 2, active)), nil},
		{"home was triggered", home(4, 4, triggered), 0, copied(3, 7, active), down(home(4, 4, triggered)), nil},
		{"home was deleted", home(4, 4, deleted), 0, copied(3, 7, active), down(home(4, 4, deleted)), nil},
		{"both are triggered", home(4, 4, triggered), 7, copied(4, 7, triggered), nil, nil},
		{"of a deleted group nothing counts", home(4, 4, deleted), 0, copied(4, 7, deleted), nil, nil},
		{"home is seen as it was", home(3, 2, active), 0, copied(4, 7, triggered), nil, nil},
		{"there is no copy", home(3, 2, active), 0, projection.Group{}, nil, nil},
		{"home has not made it yet", projection.Group{}, 0, copied(3, 7, active), nil, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			d, u := Group(test.home, test.counted, 2, test.copied)
			if !reflect.DeepEqual(d, test.down) || !reflect.DeepEqual(u, test.up) {
				t.Errorf("told down %+v and up %+v", d, u)
			}
		})
	}
	other := copied(3, 7, active)
	other.Account = 2
	if d, u := Group(home(4, 2, active), 0, 2, other); d != nil || u != nil {
		t.Errorf("a group of somebody else is told of: %+v, %+v", d, u)
	}
}
