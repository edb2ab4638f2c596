package shard_test

import (
	"fmt"

	"github.com/hustings/hustings/exchange"
)

// parseFilled reads what another shard tells of its copy of a group, behind "filled".
func (s *stage) parseFilled(other exchange.ShardID, w *words) request {
	c := &exchange.CountGroup{From: other, Filled: uint64(w.number())}
	w.must("of")
	c.Group = parseGroup(w)
	w.must("of")
	c.Account = s.accounts[w.next()]
	w.must("version")
	c.Version = uint32(w.number())
	c.Triggered = w.is("triggered")
	return request{cmd: c}
}

// parseHome reads what is told of a group that is at home on another shard, behind "home".
func (s *stage) parseHome(w *words) request {
	w.must("has")
	c := &exchange.SetGroup{}
	c.Group = parseGroup(w)
	w.must("of")
	c.Account = s.accounts[w.next()]
	w.must("version")
	c.Version = uint32(w.number())
	c.Limit = exchange.Quantity(w.number())
	w.must("within")
	c.Window = w.span()
	if w.is("cancelled") {
		c.Cancelled = uint32(w.number())
	}
	c.Triggered = w.is("triggered")
	c.Deleted = w.is("deleted")
	return request{cmd: c}
}

func answerGroup(r exchange.Reply) string {
	return fmt.Sprintf("accepted g%d, version %d", r.ID, r.Version)
}
