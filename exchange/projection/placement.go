package projection

import (
	"bytes"

	"github.com/hustings/hustings/exchange"
)

// placement is the document that says where markets belong. Its bytes are replaced, never changed.
type placement struct {
	version uint64
	data    []byte
}

// Placement returns the document that says where markets belong, which must not be changed, and its version; nil and 0
// before the first.
func (v *View) Placement() (version uint64, data []byte) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.placement.version, v.placement.data
}

func (v *View) placementSet(e *exchange.PlacementSet) *InconsistencyError {
	if e.Version != v.placement.version+1 {
		return broken("version %d of the placement follows version %d", e.Version, v.placement.version)
	}
	v.placement = placement{e.Version, append([]byte(nil), e.Data...)}
	return nil
}

// SetPlacement sets the document that says where markets belong. It keeps the bytes.
func (b *Builder) SetPlacement(version uint64, data []byte) { b.v.placement = placement{version, data} }

func (d *differ) placement() {
	compare(d, "shard", "", "version of the placement", d.a.placement.version, d.b.placement.version)
	if !bytes.Equal(d.a.placement.data, d.b.placement.data) {
		d.add("shard: the placement differs")
	}
}

// Here calls visit for each market of which there is a record here, also for those that are on another shard, in the order
// of their ids behind after, until it returns false. It keeps Apply waiting for short whiles only, so what it tells of
// different markets may be of different moments.
func (v *View) Here(after exchange.MarketID, visit func(exchange.MarketID, Moving) bool) {
	const atOnce = 1024
	type record struct {
		id     exchange.MarketID
		moving Moving
	}
	some := make([]record, 0, atOnce)
	for more := true; more; {
		some = some[:0]
		v.mu.RLock()
		for more = uint32(after) < v.lastMarket; more && len(some) < atOnce; more = uint32(after) < v.lastMarket {
			after++
			if m := v.markets.get(uint32(after)); m != nil && (m.bookCount > 0 || m.stage != StageHere) {
				some = append(some, record{after, v.movingOf(after)})
			}
		}
		v.mu.RUnlock()
		for _, x := range some {
			if !visit(x.id, x.moving) {
				return
			}
		}
	}
}
