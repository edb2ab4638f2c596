package projection

import (
	"bytes"
	"hash/maphash"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/wire"
)

const (
	maxClientID  = wire.MaxClientID
	usualNameLen = 40 // enough for a UUID
)

// clientIDs are the clients' own ids of open orders. Those of the usual lengths lie in pages by the order's slot, made
// only where they are used; the few longer ones in a map.
type clientIDs struct {
	usual paged[[usualNameLen]byte]
	long  map[uint32][]byte // by slot
	index hashIndex         // slots
}

// nameOrder makes an order known by its client's own id, if it has one.
func (v *View) nameOrder(o *order, clientID []byte) {
	clientID = clientID[:min(len(clientID), maxClientID)]
	if len(clientID) == 0 {
		return
	}
	slot := v.slotOf(o)
	if len(clientID) <= usualNameLen {
		copy(v.clientIDs.usual.make(slot)[:], clientID)
	} else {
		if v.clientIDs.long == nil {
			v.clientIDs.long = map[uint32][]byte{}
		}
		v.clientIDs.long[slot] = bytes.Clone(clientID)
	}
	o.nameLen = uint8(len(clientID))
	v.clientIDs.index.insert(v.hashClientID(o.account, clientID), slot)
}

// forgetName is the opposite of nameOrder.
func (v *View) forgetName(o *order) {
	if o.nameLen == 0 {
		return
	}
	v.clientIDs.index.remove(v.hashClientID(o.account, v.clientIDOf(o)), v.slotOf(o))
	if o.nameLen > usualNameLen {
		delete(v.clientIDs.long, v.slotOf(o))
	}
	o.nameLen = 0
}

// clientIDOf returns the client's own id of an order. It belongs to the View.
func (v *View) clientIDOf(o *order) []byte {
	switch {
	case o.nameLen == 0:
		return nil
	case o.nameLen > usualNameLen:
		return v.clientIDs.long[v.slotOf(o)]
	}
	return v.clientIDs.usual.at(v.slotOf(o))[:o.nameLen]
}

func (v *View) hashClientID(account exchange.AccountID, id []byte) uint32 {
	const m = 0x9E3779B97F4A7C15
	return uint32((maphash.Bytes(v.seed, id) ^ uint64(account)*m) * m >> 32)
}
