package part

import (
	"encoding/binary"

	"github.com/hustings/hustings/exchange"
)

// Of orders and keys there are many, so their layouts are written by hand. Behind the kind:
//
//	order   0 id  8 account  12 outcome  13 side  14 self-trade  15 flags  16 price  18 filled  22 remaining
//	        26 closing  30 version  34 hold  42 overpaid  50 expires  58 doomed
//	of a group: the order  59 group  63 version of the group
//	key     0 key  16 content  20 time  28 id  36 cost  44 fees  52 filled  56 remaining  60 version  64 code
const (
	orderLen   = 59
	groupedLen = orderLen + 8
	keyLen     = 66
)

var le = binary.LittleEndian

func (o *Order) put(b []byte) []byte {
	b = le.AppendUint64(b, uint64(o.ID))
	b = le.AppendUint32(b, uint32(o.Account))
	b = append(b, byte(o.Outcome), byte(o.Side), byte(o.SelfTrade), byte(o.Flags))
	b = le.AppendUint16(b, uint16(o.Price))
	b = le.AppendUint32(b, uint32(o.Filled))
	b = le.AppendUint32(b, uint32(o.Remaining))
	b = le.AppendUint32(b, uint32(o.Closing))
	b = le.AppendUint32(b, o.Version)
	b = le.AppendUint64(b, uint64(o.Hold))
	b = le.AppendUint64(b, o.Overpaid)
	b = le.AppendUint64(b, uint64(o.ExpireAt))
	if o.Doomed {
		return append(b, 1)
	}
	return append(b, 0)
}

func (o *Order) read(b []byte) {
	*o = Order{ID: exchange.OrderID(le.Uint64(b)), Account: exchange.AccountID(le.Uint32(b[8:])), Outcome: exchange.Outcome(b[12]),
		Side: exchange.Side(b[13]), SelfTrade: exchange.SelfTrade(b[14]), Flags: exchange.OrderFlags(b[15]),
		Price: exchange.Price(le.Uint16(b[16:])), Filled: exchange.Quantity(le.Uint32(b[18:])),
		Remaining: exchange.Quantity(le.Uint32(b[22:])), Closing: exchange.Quantity(le.Uint32(b[26:])), Version: le.Uint32(b[30:]),
		Hold: exchange.Money(le.Uint64(b[34:])), Overpaid: le.Uint64(b[42:]), ExpireAt: exchange.Time(le.Uint64(b[50:])), Doomed: b[58] != 0}
}

func (o *Order) putGroup(b []byte) []byte {
	return le.AppendUint32(le.AppendUint32(b, uint32(o.Group)), o.GroupVersion)
}

func (o *Order) readGroup(b []byte) {
	o.Group, o.GroupVersion = exchange.GroupID(le.Uint32(b)), le.Uint32(b[4:])
}

func (k *Key) put(b []byte) []byte {
	a := &k.Answer
	b = append(b, k.Key[:]...)
	b = le.AppendUint32(b, k.Content)
	b = le.AppendUint64(b, uint64(a.Time))
	b = le.AppendUint64(b, a.ID)
	b = le.AppendUint64(b, uint64(a.Cost))
	b = le.AppendUint64(b, uint64(a.Fees))
	b = le.AppendUint32(b, uint32(a.Filled))
	b = le.AppendUint32(b, uint32(a.Remaining))
	b = le.AppendUint32(b, a.Version)
	return le.AppendUint16(b, uint16(a.Code))
}

func (k *Key) read(b []byte) {
	*k = Key{Key: exchange.Key(b[:16]), Content: le.Uint32(b[16:]), Answer: exchange.Reply{Time: exchange.Time(le.Uint64(b[20:])),
		ID: le.Uint64(b[28:]), Cost: exchange.Money(le.Uint64(b[36:])), Fees: exchange.Money(le.Uint64(b[44:])),
		Filled: exchange.Quantity(le.Uint32(b[52:])), Remaining: exchange.Quantity(le.Uint32(b[56:])), Version: le.Uint32(b[60:]),
		Code: exchange.Reject(le.Uint16(b[64:]))}}
}
