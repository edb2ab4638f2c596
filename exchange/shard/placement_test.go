package shard

import (
	"bytes"
	"testing"

	"github.com/hustings/hustings/exchange"
)

// The placement is replaced by who has seen it, is the shard's own copy, and is in snapshots and their hash.
func TestPlacementIsReplacedByWhoHasSeenIt(t *testing.T) {
	s := New()
	if r, events := answer(t, s, &exchange.SetPlacement{Data: []byte("early")}); r.Code != exchange.RejectMalformed || events != 1 {
		t.Errorf("before the rules know of it: %+v", r)
	}
	apply(t, s, 1, &exchange.SwitchRules{Version: exchange.MoveRules})
	without, _ := dump(t, s.Freeze())
	s.Thaw()
	for _, c := range []struct {
		cmd  exchange.SetPlacement
		code exchange.Reject
	}{
		{exchange.SetPlacement{Version: 1, Data: []byte("x")}, exchange.RejectVersionMismatch},
		{exchange.SetPlacement{Version: 0, Data: []byte("first")}, exchange.Accepted},
		{exchange.SetPlacement{Version: 0, Data: []byte("late")}, exchange.RejectVersionMismatch},
		{exchange.SetPlacement{Version: 1, Data: bytes.Repeat([]byte{1}, exchange.MaxPart+1)}, exchange.RejectMalformed},
		{exchange.SetPlacement{Version: 1, Data: bytes.Repeat([]byte("2"), exchange.MaxPart)}, exchange.Accepted},
	} {
		r, _ := answer(t, s, &c.cmd)
		if r.Code != c.code || c.code == exchange.Accepted && uint64(r.Version) != c.cmd.Version+1 {
			t.Errorf("%d, %d bytes: %+v", c.cmd.Version, len(c.cmd.Data), r)
		}
	}
	with, load := dump(t, s.Freeze())
	if with == without {
		t.Error("the placement is not in the state's hash")
	}
	view, err := load().View()
	if err != nil {
		t.Fatal(err)
	}
	if version, data := view.Placement(); version != 2 || !bytes.Equal(data, bytes.Repeat([]byte("2"), exchange.MaxPart)) {
		t.Errorf("loaded with version %d, %d bytes", version, len(data))
	}
}
