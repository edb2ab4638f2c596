package model

import (
	"bytes"

	"github.com/hustings/hustings/exchange"
)

// setPlacement replaces the document that says where markets belong, if it is the one that was meant.
func (e *Engine) setPlacement(c *exchange.SetPlacement) exchange.Reply {
	if c.Version != e.PlacementVersion {
		return refuse(exchange.RejectVersionMismatch)
	}
	e.Placement = bytes.Clone(c.Data)
	e.PlacementVersion++
	e.emit(&exchange.PlacementSet{Version: e.PlacementVersion, Data: e.Placement})
	return exchange.Reply{Version: uint32(e.PlacementVersion)}
}
