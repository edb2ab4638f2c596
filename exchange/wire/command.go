package wire

import (
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/wire/codec"
)

// Every command's frame begins with the actor and the idempotency key, so that a retry is recognised before the
// command is read:
//
//	 0                4         8                24
//	+----------------+---------+----------------+--------
//	| frame head     | account | key            | fields
//	|                |   u32   | 16 bytes       |
//	+----------------+---------+----------------+--------
const (
	accountAt   = frameHead
	keyAt       = accountAt + 4
	commandHead = keyAt + 16
)

const commandVersion = 1

// credentialVersion is that of a CreateCredential with a tier, a scheme or addresses. One without is written in version 1, which
// programs that know no later one read as well.
const credentialVersion = 2

func versionOf(cmd exchange.Command) uint8 {
	if c, ok := cmd.(*exchange.CreateCredential); ok && hasAttributes(c) {
		return credentialVersion
	}
	return commandVersion
}

func hasAttributes(c *exchange.CreateCredential) bool {
	return c.Tier != 0 || c.Scheme != 0 || c.Addresses != ""
}

// The highest bit of the version's byte marks an order or an amendment whose funds may be on another shard. There it can
// be left out of the content.
const (
	versionAt      = 3
	fundsElsewhere = 0x80
)

// Lengths of the hand-written frames, without the client's id.
const (
	placeOrderLen  = commandHead + 36
	cancelOrderLen = commandHead + 12
)

// MaxClientID is the greatest length of a client order id in bytes.
const MaxClientID = 64

// CommandKind returns the kind of a command's frame.
func CommandKind(frame []byte) exchange.CommandKind { return exchange.CommandKind(frame[2]) }

// CommandHead returns the actor and the key of a command's frame; ok is false when the frame is too short for them.
func CommandHead(frame []byte) (account exchange.AccountID, key exchange.Key, ok bool) {
	if len(frame) < commandHead {
		return 0, key, false
	}
	return exchange.AccountID(le.Uint32(frame[accountAt:])), exchange.Key(frame[keyAt:commandHead]), true
}

// ContentHash is a fingerprint of everything in a command's frame but its key and, unless marked, the mark that funds may
// be on another shard. It tells apart two uses of one key by accident; it is no defence against somebody who means to fool
// himself.
func ContentHash(frame []byte, marked bool) uint32 {
	const m = 0x9E3779B97F4A7C15
	head := le.Uint64(frame)
	if !marked {
		head &^= fundsElsewhere << (8 * versionAt)
	}
	h := head * m
	b := frame[commandHead:]
	for ; len(b) >= 8; b = b[8:] {
		h = (h ^ h>>29 ^ le.Uint64(b)) * m
	}
	var tail uint64
	for i, c := range b {
		tail |= uint64(c) << (8 * i)
	}
	h = (h ^ h>>29 ^ tail) * m
	return uint32(h >> 32)
}

// AppendPlaceOrder appends the frame of an order. Its ClientID is cut at MaxClientID bytes.
func AppendPlaceOrder(buf []byte, o *exchange.PlaceOrder) []byte {
	id := o.ClientID[:min(len(o.ClientID), MaxClientID)]
	buf, b := grow(buf, placeOrderLen+len(id))
	putHead(b, uint8(exchange.KindPlaceOrder), commandVersion)
	le.PutUint32(b[4:], uint32(o.Account))
	copy(b[8:24], o.Key[:])
	le.PutUint32(b[24:], uint32(o.Market))
	le.PutUint16(b[28:], uint16(o.Price))
	b[30], b[31] = byte(o.Outcome), byte(o.Side)
	le.PutUint32(b[32:], uint32(o.Quantity))
	b[36], b[37], b[38], b[39] = byte(o.TimeInForce), byte(o.SelfTrade), byte(o.Flags), byte(len(id))
	le.PutUint64(b[40:], uint64(o.MaxCost))
	le.PutUint64(b[48:], uint64(o.ExpireAt))
	le.PutUint32(b[56:], uint32(o.Group))
	copy(b[placeOrderLen:], id)
	MarkElsewhere(b, o.FundsElsewhere)
	return buf
}

// ReadPlaceOrder reads the frame of an order into o, whose ClientID then aliases the frame.
func ReadPlaceOrder(b []byte, o *exchange.PlaceOrder) bool {
	if len(b) < placeOrderLen || b[versionAt]&^fundsElsewhere != commandVersion || len(b) != placeOrderLen+int(b[39]) || b[39] > MaxClientID {
		return false
	}
	o.Account = exchange.AccountID(le.Uint32(b[4:]))
	o.Key = exchange.Key(b[8:24])
	o.Market = exchange.MarketID(le.Uint32(b[24:]))
	o.Price = exchange.Price(le.Uint16(b[28:]))
	o.Outcome, o.Side = exchange.Outcome(b[30]), exchange.Side(b[31])
	o.Quantity = exchange.Quantity(le.Uint32(b[32:]))
	o.TimeInForce, o.SelfTrade, o.Flags = exchange.TimeInForce(b[36]), exchange.SelfTrade(b[37]), exchange.OrderFlags(b[38])
	o.MaxCost = exchange.Money(le.Uint64(b[40:]))
	o.ExpireAt = exchange.Time(le.Uint64(b[48:]))
	o.Group = exchange.GroupID(le.Uint32(b[56:]))
	o.ClientID = b[placeOrderLen:]
	o.FundsElsewhere = b[versionAt]&fundsElsewhere != 0
	return o.Side <= exchange.Sell && o.Flags < exchange.NoTerms<<1 && o.TimeInForce <= exchange.FillOrKill && o.SelfTrade <= exchange.AllowSelfTrade
}

// MarkElsewhere marks the frame of an order or an amendment, or takes the mark away.
func MarkElsewhere(frame []byte, elsewhere bool) {
	if frame[versionAt] &^= fundsElsewhere; elsewhere {
		frame[versionAt] |= fundsElsewhere
	}
}

// AppendCancelOrder appends the frame of a cancel.
func AppendCancelOrder(buf []byte, o *exchange.CancelOrder) []byte {
	buf, b := grow(buf, cancelOrderLen)
	putHead(b, uint8(exchange.KindCancelOrder), commandVersion)
	le.PutUint32(b[4:], uint32(o.Account))
	copy(b[8:24], o.Key[:])
	le.PutUint32(b[24:], uint32(o.Market))
	le.PutUint64(b[28:], uint64(o.Order))
	return buf
}

// ReadCancelOrder reads the frame of a cancel into o.
func ReadCancelOrder(b []byte, o *exchange.CancelOrder) bool {
	if len(b) != cancelOrderLen || b[3] != commandVersion {
		return false
	}
	o.Account = exchange.AccountID(le.Uint32(b[4:]))
	o.Key = exchange.Key(b[8:24])
	o.Market = exchange.MarketID(le.Uint32(b[24:]))
	o.Order = exchange.OrderID(le.Uint64(b[28:]))
	return true
}

// PlaceTarget returns what the frame of an order is about; zeros if it is no such frame.
func PlaceTarget(frame []byte) (market exchange.MarketID, outcome exchange.Outcome, price exchange.Price) {
	if len(frame) < placeOrderLen {
		return 0, 0, 0
	}
	return exchange.MarketID(le.Uint32(frame[24:])), exchange.Outcome(frame[30]), exchange.Price(le.Uint16(frame[28:]))
}

// CancelTarget returns the order that the frame of a cancel names, or 0.
func CancelTarget(frame []byte) exchange.OrderID {
	if len(frame) != cancelOrderLen {
		return 0
	}
	return exchange.OrderID(le.Uint64(frame[28:]))
}

// AppendCommand appends the frame of any command. It fails with ErrTooLong, and then returns buf as it was.
func AppendCommand(buf []byte, cmd exchange.Command) ([]byte, error) {
	switch cmd := cmd.(type) {
	case *exchange.PlaceOrder:
		return AppendPlaceOrder(buf, cmd), nil
	case *exchange.CancelOrder:
		return AppendCancelOrder(buf, cmd), nil
	}
	start := len(buf)
	version := versionOf(cmd)
	c := codec.Writer(append(buf, 0, 0, byte(cmd.CommandKind()), version))
	commandFields(&c, cmd, version)
	b := c.Bytes()
	n := len(b) - start
	if !c.OK() || n > maxFrame {
		return buf, ErrTooLong
	}
	le.PutUint16(b[start:], uint16(n))
	if amend, ok := cmd.(*exchange.AmendOrder); ok {
		MarkElsewhere(b[start:], amend.FundsElsewhere)
	}
	return b, nil
}

// ReadCommand reads the frame of any command.
func ReadCommand(frame []byte) (exchange.Command, error) {
	kind := CommandKind(frame)
	cmd := newCommand(kind)
	if cmd == nil {
		return nil, malformed("command kind %d is not known", kind)
	}
	version := frame[versionAt]
	if kind == exchange.KindPlaceOrder || kind == exchange.KindAmendOrder {
		version &^= fundsElsewhere
	}
	if version != commandVersion && (kind != exchange.KindCreateCredential || version != credentialVersion) {
		return nil, malformed("command kind %d has version %d", kind, version)
	}
	var ok bool
	switch cmd := cmd.(type) {
	case *exchange.PlaceOrder:
		ok = ReadPlaceOrder(frame, cmd)
	case *exchange.CancelOrder:
		ok = ReadCancelOrder(frame, cmd)
	default:
		c := codec.Reader(frame[frameHead:])
		commandFields(&c, cmd, version)
		ok = c.Done() && versionOf(cmd) == version
	}
	if amend, is := cmd.(*exchange.AmendOrder); is {
		amend.FundsElsewhere = frame[versionAt]&fundsElsewhere != 0
	}
	if !ok {
		return nil, malformed("the fields of command kind %d", kind)
	}
	return cmd, nil
}
