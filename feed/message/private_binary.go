package message

import (
	"encoding/binary"
	"slices"
	"unicode/utf8"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange"
)

// Words that binary form numbers otherwise than the API lists them.
var (
	contractWords = append([]string{""}, api.ContractWords...) // in a binary market the outcome says it
	reasonWords   = allReasons()
)

// allReasons returns the words for why an order was cancelled, behind that for one that was not.
func allReasons() []string {
	words := []string{""}
	for r := range exchange.CancelReasons {
		words = append(words, r.String())
	}
	return words
}

// The bits of the bytes in which an order and a fill have what is one of a few.
const (
	contractBits   = 0 // two bits
	sideBit        = 2
	typeBit        = 3
	roleBit        = 3
	postOnlyBit    = 4
	reduceOnlyBit  = 5
	statusBits     = 6 // two bits
	tifBits        = 0 // two bits, in the second byte
	selfTradeBits  = 2 // three bits
	accountGapBit  = 0
	accountMoreBit = 1
)

// number is that of a word, so many bits up.
func number(words []string, word string, bits int) byte {
	n := slices.Index(words, word)
	if n < 0 {
		panic("message: " + word + " is not a word of the API")
	}
	return byte(n) << bits
}

// A later exchange may cancel orders for more reasons.
const (
	unknownReason      = "unknown"
	unknownNumber byte = 255
)

func reasonNumber(word string) byte {
	if word == unknownReason {
		return unknownNumber
	}
	return number(reasonWords, word, 0)
}

func (in *input) reason() string {
	if n := int(in.byte()); n < len(reasonWords) {
		return reasonWords[n]
	}
	return unknownReason
}

func appendAccount(b []byte, m *Account) []byte {
	b = binary.AppendUvarint(append(b, byte(kindAccount)), m.Number)
	b = append(b, bit(m.Gap)<<accountGapBit|bit(m.More)<<accountMoreBit)
	b = appendMoney(appendMoney(b, m.Cash), m.Held)
	b = binary.AppendUvarint(b, uint64(len(m.Orders)))
	var one []byte
	for i := range m.Orders {
		one = appendOrder(one[:0], &m.Orders[i])
		b = append(binary.AppendUvarint(b, uint64(len(one))), one...)
	}
	return b
}

// appendPrivateHead writes the head of a message about an account.
func appendPrivateHead(b []byte, k kind, number uint64, seq api.ID, at api.Time) []byte {
	b = binary.AppendUvarint(append(b, byte(k)), number)
	b = binary.AppendUvarint(b, uint64(seq))
	return binary.AppendUvarint(b, uint64(at))
}

func appendFill(b []byte, f *api.Fill) []byte {
	b = binary.AppendUvarint(b, uint64(f.Order))
	b = binary.AppendUvarint(b, uint64(f.Market))
	b = appendText(b, f.Outcome)
	b = append(b, number(contractWords, f.Contract, contractBits)|number(api.SideWords, f.Side, sideBit)|number(api.RoleWords, f.Role, roleBit))
	b = binary.AppendUvarint(b, uint64(f.Price))
	b = binary.AppendUvarint(b, uint64(f.Quantity))
	return appendMoney(b, f.Fee)
}

func appendOrder(b []byte, o *api.Order) []byte {
	b = binary.AppendUvarint(b, uint64(o.Order))
	b = binary.AppendUvarint(b, uint64(o.Market))
	b = appendText(b, o.Outcome)
	b = append(b,
		number(contractWords, o.Contract, contractBits)|number(api.SideWords, o.Side, sideBit)|number(api.TypeWords, o.Type, typeBit)|
			bit(o.PostOnly)<<postOnlyBit|bit(o.ReduceOnly)<<reduceOnlyBit|number(api.StatusWords, o.Status, statusBits),
		number(api.TIFWords, o.TimeInForce, tifBits)|number(api.SelfTradeWords, o.SelfTrade, selfTradeBits),
		reasonNumber(o.Reason))
	for _, v := range [...]uint64{
		uint64(o.Price), uint64(o.Quantity), uint64(o.Filled), uint64(o.Remaining), uint64(o.ExpiresAt), uint64(o.Group), uint64(o.PlacedAt), uint64(o.Version),
	} {
		b = binary.AppendUvarint(b, v)
	}
	return appendText(b, o.ClientOrderID)
}

func appendMoney(b []byte, m api.Money) []byte { return binary.AppendVarint(b, int64(m)) }

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// private reads a message about an account. What is behind the fields that are known here is passed over: a later exchange may have more.
func (in *input) private(k kind) Message {
	n := in.uvarint()
	if k == kindAccount {
		return in.account(n)
	}
	seq, at := api.ID(in.uvarint()), in.instant()
	switch k {
	case kindOrder:
		return &Order{Number: n, Seq: seq, Time: at, Order: in.order()}
	case kindFill:
		f := in.fill()
		f.Seq, f.Time = seq, at
		return &Fill{Number: n, Fill: f}
	}
	return &Balance{Number: n, Seq: seq, Time: at, Cash: in.money(), Held: in.money()}
}

func (in *input) account(n uint64) *Account {
	flags := in.byte()
	m := &Account{Number: n, Gap: flags>>accountGapBit&1 != 0, More: flags>>accountMoreBit&1 != 0, Cash: in.money(), Held: in.money(), Orders: []api.Order{}}
	for range in.uvarint() {
		one := input{b: in.bytes()}
		order := one.order()
		if in.bad = in.bad || one.bad; in.bad {
			break
		}
		m.Orders = append(m.Orders, order)
	}
	return m
}

func (in *input) fill() api.Fill {
	f := api.Fill{Order: api.ID(in.uvarint()), Market: in.marketID(), Outcome: in.text()}
	words := in.byte()
	f.Contract, f.Side, f.Role = in.word(contractWords, words>>contractBits&3), in.word(api.SideWords, words>>sideBit&1), in.word(api.RoleWords, words>>roleBit&1)
	f.Price, f.Quantity, f.Fee = in.price(), in.count(), in.money()
	return f
}

func (in *input) order() api.Order {
	o := api.Order{Order: api.ID(in.uvarint()), Market: in.marketID(), Outcome: in.text()}
	first, second := in.byte(), in.byte()
	o.Contract, o.Side, o.Type = in.word(contractWords, first>>contractBits&3), in.word(api.SideWords, first>>sideBit&1), in.word(api.TypeWords, first>>typeBit&1)
	o.PostOnly, o.ReduceOnly, o.Status = first>>postOnlyBit&1 != 0, first>>reduceOnlyBit&1 != 0, in.word(api.StatusWords, first>>statusBits)
	o.TimeInForce, o.SelfTrade, o.Reason = in.word(api.TIFWords, second>>tifBits&3), in.word(api.SelfTradeWords, second>>selfTradeBits&7), in.reason()
	o.Price, o.Quantity, o.Filled, o.Remaining = in.price(), in.count(), in.count(), in.count()
	o.ExpiresAt, o.Group, o.PlacedAt, o.Version = in.instant(), api.ID(in.uvarint()), in.instant(), in.count()
	o.ClientOrderID = in.text()
	return o
}

func (in *input) word(words []string, n byte) string {
	if int(n) >= len(words) {
		in.fail()
		return ""
	}
	return words[n]
}

func (in *input) marketID() api.ID  { return api.ID(in.bounded(1<<32 - 1)) }
func (in *input) price() api.Price  { return api.Price(in.bounded(uint64(exchange.One))) }
func (in *input) count() uint32     { return uint32(in.bounded(1<<32 - 1)) }
func (in *input) instant() api.Time { return api.Time(in.bounded(uint64(api.MaxTime))) }
func (in *input) money() api.Money  { return api.Money(in.varint()) }

// bytes reads bytes behind their number. They are the input's own.
func (in *input) bytes() []byte {
	n := in.uvarint()
	if n > uint64(len(in.b)) {
		in.fail()
		return nil
	}
	b := in.b[:n]
	in.b = in.b[n:]
	return b
}

func (in *input) text() string {
	b := in.bytes()
	if !utf8.Valid(b) {
		in.fail()
		return ""
	}
	return string(b)
}
