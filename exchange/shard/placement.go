package shard

import (
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/wire/codec"
)

// placement is the document that says where markets belong. Its bytes are replaced, never changed.
type placement struct {
	version uint64 // 0: there is none
	data    []byte
}

func (p *placement) fields(c *codec.Codec) {
	codec.U64(c, &p.version)
	c.Blob(&p.data)
	if c.Reading() {
		p.data = append([]byte(nil), p.data...)
	}
}

// setPlacement executes a SetPlacement command.
func (s *Shard) setPlacement(c *exchange.SetPlacement, r *exchange.Reply) exchange.Reject {
	if c.Version != s.placement.version {
		return exchange.RejectVersionMismatch
	}
	s.placement = placement{c.Version + 1, append([]byte(nil), c.Data...)}
	r.Version = uint32(s.placement.version)
	s.emit(&exchange.PlacementSet{Version: s.placement.version, Data: c.Data})
	return exchange.Accepted
}
