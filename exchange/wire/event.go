package wire

import (
	"fmt"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/wire/codec"
)

// Lengths of the hand-written frames, without the client's id.
const (
	orderPlacedLen  = 76
	orderMatchedLen = 88
	releaseLen      = 52
)

// AppendOrderPlaced appends the frame of e, whose ClientID has at most MaxClientID bytes.
func AppendOrderPlaced(buf []byte, e *exchange.OrderPlaced) []byte {
	buf, b := grow(buf, orderPlacedLen+len(e.ClientID))
	putHead(b, uint8(exchange.KindOrderPlaced), eventVersions[exchange.KindOrderPlaced])
	le.PutUint32(b[4:], uint32(e.Market))
	le.PutUint64(b[8:], uint64(e.Order))
	le.PutUint32(b[16:], uint32(e.Account))
	le.PutUint16(b[20:], uint16(e.Price))
	b[22], b[23] = byte(e.Outcome), byte(e.Side)
	b[24], b[25], b[26], b[27] = byte(e.TimeInForce), byte(e.SelfTrade), byte(e.Flags), byte(len(e.ClientID))
	le.PutUint32(b[28:], uint32(e.Quantity))
	le.PutUint32(b[32:], uint32(e.Closing))
	le.PutUint64(b[56:], uint64(e.MaxCost))
	le.PutUint64(b[64:], uint64(e.ExpireAt))
	le.PutUint32(b[72:], uint32(e.Group))
	copy(b[orderPlacedLen:], e.ClientID)
	le.PutUint32(b[36:], uint32(e.Resting))
	le.PutUint64(b[40:], uint64(e.Hold))
	le.PutUint64(b[48:], uint64(e.Cash))
	return buf
}

func readOrderPlaced(b []byte, e *exchange.OrderPlaced) bool {
	if len(b) < orderPlacedLen || len(b) != orderPlacedLen+int(b[27]) {
		return false
	}
	e.Market = exchange.MarketID(le.Uint32(b[4:]))
	e.Order = exchange.OrderID(le.Uint64(b[8:]))
	e.Account = exchange.AccountID(le.Uint32(b[16:]))
	e.Price = exchange.Price(le.Uint16(b[20:]))
	e.Outcome, e.Side = exchange.Outcome(b[22]), exchange.Side(b[23])
	e.TimeInForce, e.SelfTrade, e.Flags = exchange.TimeInForce(b[24]), exchange.SelfTrade(b[25]), exchange.OrderFlags(b[26])
	e.Quantity = exchange.Quantity(le.Uint32(b[28:]))
	e.Closing = exchange.Quantity(le.Uint32(b[32:]))
	e.Resting = exchange.Quantity(le.Uint32(b[36:]))
	e.Hold = exchange.Money(le.Uint64(b[40:]))
	e.Cash = exchange.Money(le.Uint64(b[48:]))
	e.MaxCost = exchange.Money(le.Uint64(b[56:]))
	e.ExpireAt = exchange.Time(le.Uint64(b[64:]))
	e.Group = exchange.GroupID(le.Uint32(b[72:]))
	e.ClientID = b[orderPlacedLen:]
	return true
}

// AppendOrderMatched appends the frame of e.
func AppendOrderMatched(buf []byte, e *exchange.OrderMatched) []byte {
	buf, b := grow(buf, orderMatchedLen)
	putHead(b, uint8(exchange.KindOrderMatched), eventVersions[exchange.KindOrderMatched])
	le.PutUint32(b[4:], uint32(e.Market))
	le.PutUint64(b[8:], uint64(e.Maker))
	le.PutUint64(b[16:], uint64(e.Taker))
	le.PutUint32(b[24:], uint32(e.MakerAccount))
	le.PutUint32(b[28:], uint32(e.TakerAccount))
	le.PutUint32(b[32:], uint32(e.Quantity))
	le.PutUint16(b[36:], uint16(e.Price))
	b[38], b[39] = byte(e.Outcome), byte(e.TakerSide)
	le.PutUint32(b[40:], uint32(e.MakerFee))
	le.PutUint32(b[44:], uint32(e.TakerFee))
	le.PutUint32(b[48:], uint32(e.MakerClosing))
	le.PutUint32(b[52:], uint32(e.TakerClosing))
	le.PutUint32(b[56:], uint32(e.MakerMerged))
	le.PutUint32(b[60:], uint32(e.TakerMerged))
	le.PutUint64(b[64:], uint64(e.MakerHold))
	le.PutUint64(b[72:], uint64(e.MakerCash))
	le.PutUint64(b[80:], uint64(e.TakerCash))
	return buf
}

func readOrderMatched(b []byte, e *exchange.OrderMatched) bool {
	if len(b) != orderMatchedLen {
		return false
	}
	e.Market = exchange.MarketID(le.Uint32(b[4:]))
	e.Maker = exchange.OrderID(le.Uint64(b[8:]))
	e.Taker = exchange.OrderID(le.Uint64(b[16:]))
	e.MakerAccount = exchange.AccountID(le.Uint32(b[24:]))
	e.TakerAccount = exchange.AccountID(le.Uint32(b[28:]))
	e.Quantity = exchange.Quantity(le.Uint32(b[32:]))
	e.Price = exchange.Price(le.Uint16(b[36:]))
	e.Outcome, e.TakerSide = exchange.Outcome(b[38]), exchange.Side(b[39])
	e.MakerFee = exchange.Money(le.Uint32(b[40:]))
	e.TakerFee = exchange.Money(le.Uint32(b[44:]))
	e.MakerClosing = exchange.Quantity(le.Uint32(b[48:]))
	e.TakerClosing = exchange.Quantity(le.Uint32(b[52:]))
	e.MakerMerged = exchange.Quantity(le.Uint32(b[56:]))
	e.TakerMerged = exchange.Quantity(le.Uint32(b[60:]))
	e.MakerHold = exchange.Money(le.Uint64(b[64:]))
	e.MakerCash = exchange.Money(le.Uint64(b[72:]))
	e.TakerCash = exchange.Money(le.Uint64(b[80:]))
	return true
}

// AppendRelease appends the frame of an OrderCancelled, OrderExpired or OrderReduced, as kind says.
func AppendRelease(buf []byte, kind exchange.EventKind, e *exchange.Release, reason exchange.CancelReason) []byte {
	buf, b := grow(buf, releaseLen)
	putHead(b, uint8(kind), eventVersions[kind])
	le.PutUint32(b[4:], uint32(e.Market))
	le.PutUint64(b[8:], uint64(e.Order))
	le.PutUint32(b[16:], uint32(e.Account))
	le.PutUint32(b[20:], uint32(e.Quantity))
	le.PutUint32(b[24:], uint32(e.Remaining))
	le.PutUint32(b[28:], uint32(e.Merged))
	le.PutUint64(b[32:], uint64(e.HoldReleased))
	le.PutUint64(b[40:], uint64(e.Cash))
	b[48], b[49], b[50], b[51] = byte(e.Outcome), byte(reason), 0, 0
	return buf
}

func readRelease(b []byte, e *exchange.Release) (exchange.CancelReason, bool) {
	if len(b) != releaseLen || b[50]|b[51] != 0 {
		return 0, false
	}
	e.Market = exchange.MarketID(le.Uint32(b[4:]))
	e.Order = exchange.OrderID(le.Uint64(b[8:]))
	e.Account = exchange.AccountID(le.Uint32(b[16:]))
	e.Quantity = exchange.Quantity(le.Uint32(b[20:]))
	e.Remaining = exchange.Quantity(le.Uint32(b[24:]))
	e.Merged = exchange.Quantity(le.Uint32(b[28:]))
	e.HoldReleased = exchange.Money(le.Uint64(b[32:]))
	e.Cash = exchange.Money(le.Uint64(b[40:]))
	e.Outcome = exchange.Outcome(b[48])
	return exchange.CancelReason(b[49]), true
}

// AppendEvent appends the frame of any event. The shard has checked that its texts fit.
func AppendEvent(buf []byte, event exchange.Event) []byte {
	switch e := event.(type) {
	case *exchange.OrderPlaced:
		return AppendOrderPlaced(buf, e)
	case *exchange.OrderMatched:
		return AppendOrderMatched(buf, e)
	case *exchange.OrderCancelled:
		return AppendRelease(buf, exchange.KindOrderCancelled, &e.Release, e.Reason)
	case *exchange.OrderExpired:
		return AppendRelease(buf, exchange.KindOrderExpired, &e.Release, 0)
	case *exchange.OrderReduced:
		return AppendRelease(buf, exchange.KindOrderReduced, &e.Release, e.Reason)
	}
	start := len(buf)
	kind := event.EventKind()
	version := versionOfEvent(event)
	c := codec.Writer(append(buf, 0, 0, byte(kind), version))
	eventFields(&c, event, version)
	b := c.Bytes()
	n := len(b) - start
	if !c.OK() || n > maxFrame {
		panic(fmt.Sprintf("wire: an event of kind %d does not fit in a frame: %d bytes", kind, n))
	}
	le.PutUint16(b[start:], uint16(n))
	return b
}

// A Decoder reads events. It keeps the most frequent ones in itself, so that reading them allocates nothing: what
// Event returns is valid until the next call. The zero Decoder is ready; it is not for concurrent use.
type Decoder struct {
	placed    exchange.OrderPlaced
	matched   exchange.OrderMatched
	cancelled exchange.OrderCancelled
	expired   exchange.OrderExpired
	reduced   exchange.OrderReduced
}

// Event reads the frame of an event of this or any earlier version.
func (d *Decoder) Event(frame []byte) (exchange.Event, error) {
	if len(frame) < frameHead {
		return nil, malformed("an event of %d bytes", len(frame))
	}
	kind, version := EventKind(frame), frame[3]
	if int(kind) >= len(eventVersions) || eventVersions[kind] == 0 {
		return nil, malformed("event kind %d is not known", kind)
	}
	if version == 0 || version > eventVersions[kind] {
		return nil, malformed("event kind %d has version %d, this program reads up to %d", kind, version, eventVersions[kind])
	}
	event, ok := d.read(frame, kind, version)
	if !ok {
		return nil, malformed("the fields of event kind %d", kind)
	}
	return event, nil
}

func (d *Decoder) read(frame []byte, kind exchange.EventKind, version uint8) (event exchange.Event, ok bool) {
	switch kind {
	case exchange.KindOrderPlaced:
		return &d.placed, readOrderPlaced(frame, &d.placed)
	case exchange.KindOrderMatched:
		return &d.matched, readOrderMatched(frame, &d.matched)
	case exchange.KindOrderCancelled:
		d.cancelled.Reason, ok = readRelease(frame, &d.cancelled.Release)
		return &d.cancelled, ok
	case exchange.KindOrderExpired:
		_, ok = readRelease(frame, &d.expired.Release)
		return &d.expired, ok
	case exchange.KindOrderReduced:
		d.reduced.Reason, ok = readRelease(frame, &d.reduced.Release)
		return &d.reduced, ok
	}
	event = newEvent(kind)
	c := codec.Reader(frame[frameHead:])
	eventFields(&c, event, version)
	return event, c.Done()
}
