// Package part is how a market is written out to move to another shard: a sequence of parts, each of which fits in a
// command and in an event. The shard that adopts a market and the read model that folds its events read the same bytes.
//
// A part is a list of records, and the parts of a market are, one after the other:
//
//	head | position … | group, order … | key … | past | trace …
//
// The head is alone in part 0. Positions are sorted by book and, within one, the newest first; orders by book and side, best
// price first and among equals in the order of priority; keys oldest first. A group comes before the first order in it. A record is its kind and its fields:
//
//	 0      1
//	+------+-------------------------
//	| kind | fields, as in codec
//	|  u8  |
//	+------+-------------------------
//
// The last two are what only a read model knows. The shard hands them on and does not look into them.
//
// The package knows layouts, not meaning.
package part

import (
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/wire/codec"
)

// Version is the version of the records, in the head.
const Version = 1

// Kinds of record.
const (
	kindHead = iota + 1
	kindPosition
	kindOrder
	kindKey
	kindTrace
	kindPast
	kindGroup
	kindGroupedOrder // an order with its group
)

// Head is what there is of a market beside its lists.
type Head struct {
	Spec     exchange.MarketSpec
	State    exchange.MarketState
	Version  uint32 // of the market
	Traded   bool   // an order was accepted
	Fees     exchange.Money
	Values   []exchange.Price
	Source   string
	Evidence string
	PayAfter exchange.Time
	Number   uint64 // orders that the shard has accepted
	Books    []Book
	Held     exchange.Money // by all its orders
	Orders   uint32         // how many follow
	Position uint32         // how many positions follow
	Keys     uint32         // how many keys follow
}

// Book is one outcome of a market.
type Book struct {
	Last   exchange.Price
	Escrow exchange.Money
}

// Position is what an account has of one book. What its orders reserve follows from them.
type Position struct {
	Account exchange.AccountID
	Outcome exchange.Outcome
	Yes, No exchange.Quantity
	Paid    exchange.Money

	Deadline exchange.Time // of the account's dead-man's switch; 0: not armed
}

// Order is a resting order.
type Order struct {
	ID        exchange.OrderID
	Account   exchange.AccountID
	Outcome   exchange.Outcome
	Side      exchange.Side
	SelfTrade exchange.SelfTrade
	Flags     exchange.OrderFlags
	Price     exchange.Price
	Filled    exchange.Quantity
	Remaining exchange.Quantity
	Closing   exchange.Quantity
	Version   uint32
	Hold      exchange.Money
	Overpaid  uint64
	ExpireAt  exchange.Time
	Doomed    bool // it has to go

	Group        exchange.GroupID // 0: none
	GroupVersion uint32           // that its shard knew when the order was written
}

// Key is the answer to a command about the market.
type Key struct {
	Key     exchange.Key
	Content uint32
	Answer  exchange.Reply // without its Seq
}

// Trace is what a read model knows of an order, by its ID, or of a position, where that is 0.
type Trace struct {
	ID       exchange.OrderID
	PlacedAt exchange.Time
	ClientID []byte

	Account exchange.AccountID
	Outcome exchange.Outcome
	YesCost exchange.Money
	NoCost  exchange.Money
}

// Past is what a read model knows of a market.
type Past struct {
	CreatedAt exchange.Time
	ActiveAt  exchange.Time
	Volumes   []uint64 // contracts traded in each book
	Trades    []uint64 // likewise
}

// Part is what a part holds. Head is nil in all but the first.
type Part struct {
	Head      *Head
	Positions []Position
	Groups    []exchange.GroupTerms // as the shard knows them that the market comes from
	Orders    []Order
	Keys      []Key
	Past      *Past
	Traces    []Trace
}

func (h *Head) fields(c *codec.Codec) {
	version := uint8(Version)
	codec.U8(c, &version)
	c.MarketSpec(&h.Spec)
	codec.U8(c, &h.State)
	codec.U32(c, &h.Version)
	codec.Flag(c, &h.Traded)
	codec.U64(c, &h.Fees)
	c.Prices(&h.Values)
	c.Text(&h.Source)
	c.Text(&h.Evidence)
	codec.U64(c, &h.PayAfter)
	codec.U64(c, &h.Number)
	codec.U64(c, &h.Held)
	codec.U32(c, &h.Orders)
	codec.U32(c, &h.Position)
	codec.U32(c, &h.Keys)
	n := uint8(len(h.Books))
	codec.U8(c, &n)
	if c.Reading() {
		h.Books = make([]Book, n)
	}
	for i := range h.Books {
		codec.U16(c, &h.Books[i].Last)
		codec.U64(c, &h.Books[i].Escrow)
	}
}

func (p *Position) fields(c *codec.Codec) {
	codec.U32(c, &p.Account)
	codec.U8(c, &p.Outcome)
	codec.U32(c, &p.Yes)
	codec.U32(c, &p.No)
	codec.U64(c, &p.Paid)
	codec.U64(c, &p.Deadline)
}

type groupTerms exchange.GroupTerms

func (g *groupTerms) fields(c *codec.Codec) {
	codec.U32(c, &g.Account)
	codec.U32(c, &g.Group)
	codec.U32(c, &g.Version)
	codec.U32(c, &g.Cancelled)
	codec.U32(c, &g.Limit)
	codec.U64(c, &g.Window)
	codec.Flag(c, &g.Triggered)
	codec.Flag(c, &g.Deleted)
}

func (t *Trace) fields(c *codec.Codec) {
	codec.U64(c, &t.ID)
	codec.U64(c, &t.PlacedAt)
	c.Blob(&t.ClientID)
	codec.U32(c, &t.Account)
	codec.U8(c, &t.Outcome)
	codec.U64(c, &t.YesCost)
	codec.U64(c, &t.NoCost)
}

func (p *Past) fields(c *codec.Codec) {
	codec.U64(c, &p.CreatedAt)
	codec.U64(c, &p.ActiveAt)
	n := uint8(len(p.Volumes))
	codec.U8(c, &n)
	if c.Reading() {
		p.Volumes, p.Trades = make([]uint64, n), make([]uint64, n)
	}
	for i := range p.Volumes {
		codec.U64(c, &p.Volumes[i])
		codec.U64(c, &p.Trades[i])
	}
}

// A Writer cuts a market into parts.
type Writer struct {
	Size  int // of a part in bytes, but for the head; 0: as large as it may be
	parts [][]byte
	c     codec.Codec
}

// Head begins the market; it must come first. Once more, it takes the place of the first one.
func (w *Writer) Head(h *Head) {
	c := codec.Writer([]byte{kindHead})
	h.fields(&c)
	if len(w.parts) == 0 {
		w.parts = append(w.parts, nil, nil)
	}
	w.parts[0] = c.Bytes()
}

// Position adds a position.
func (w *Writer) Position(p *Position) { add(w, kindPosition, p) }

// Group adds a group, before the first order in it.
func (w *Writer) Group(g *exchange.GroupTerms) { add(w, kindGroup, (*groupTerms)(g)) }

// Order adds an order.
func (w *Writer) Order(o *Order) {
	if o.Group == 0 {
		w.end(o.put(append(w.begin(), kindOrder)))
		return
	}
	w.end(o.putGroup(o.put(append(w.begin(), kindGroupedOrder))))
}

// Key adds a key.
func (w *Writer) Key(k *Key) { w.end(k.put(append(w.begin(), kindKey))) }

// Past adds a market's past.
func (w *Writer) Past(p *Past) { add(w, kindPast, p) }

// Trace adds a trace.
func (w *Writer) Trace(t *Trace) { add(w, kindTrace, t) }

// Slots of a part's orders go with it into an event, so a part is full well before it fills a frame.
const full = exchange.MaxPart - 5_000

// usual is for how many bytes there is room at first: most markets are small.
const usual = 4 << 10

func add(w *Writer, kind uint8, record interface{ fields(*codec.Codec) }) {
	w.c = codec.Writer(append(w.begin(), kind))
	record.fields(&w.c)
	w.end(w.c.Bytes())
}

// begin returns the part to which the next record goes.
func (w *Writer) begin() []byte {
	if len(w.parts) == 0 { // there is no head
		w.parts = append(w.parts, nil)
	}
	if last := w.parts[len(w.parts)-1]; last != nil {
		return last
	}
	if len(w.parts) <= 2 {
		return make([]byte, 0, usual)
	}
	return make([]byte, 0, exchange.MaxPart)
}

// end takes the part with the record.
func (w *Writer) end(b []byte) {
	w.parts[len(w.parts)-1] = b
	if len(b) >= full || w.Size > 0 && len(b) >= w.Size {
		w.parts = append(w.parts, nil)
	}
}

// Parts returns the parts. With a head there are at least two. The last one may be empty.
func (w *Writer) Parts() [][]byte { return w.parts }

// Read reads a part; ok is false if it is none.
func Read(data []byte) (p Part, ok bool) {
	ok = p.Read(data)
	return p, ok
}

// Read reads a part and reports whether it is one. Lists that p has are used again.
func (p *Part) Read(data []byte) bool {
	*p = Part{Positions: p.Positions[:0], Groups: p.Groups[:0], Orders: p.Orders[:0], Keys: p.Keys[:0], Traces: p.Traces[:0]}
	c := codec.Reader(data)
	for !c.Done() {
		var kind uint8
		codec.U8(&c, &kind)
		switch kind {
		case kindHead:
			if p.Head != nil {
				return false
			}
			p.Head = new(Head)
			p.Head.fields(&c)
		case kindPosition:
			p.Positions = append(p.Positions, Position{})
			p.Positions[len(p.Positions)-1].fields(&c)
		case kindOrder:
			if b := c.Next(orderLen); b != nil {
				p.Orders = append(p.Orders, Order{})
				p.Orders[len(p.Orders)-1].read(b)
			}
		case kindGroup:
			p.Groups = append(p.Groups, exchange.GroupTerms{})
			(*groupTerms)(&p.Groups[len(p.Groups)-1]).fields(&c)
		case kindGroupedOrder:
			if b := c.Next(groupedLen); b != nil {
				p.Orders = append(p.Orders, Order{})
				p.Orders[len(p.Orders)-1].read(b)
				p.Orders[len(p.Orders)-1].readGroup(b[orderLen:])
			}
		case kindKey:
			if b := c.Next(keyLen); b != nil {
				p.Keys = append(p.Keys, Key{})
				p.Keys[len(p.Keys)-1].read(b)
			}
		case kindPast:
			p.Past = new(Past)
			p.Past.fields(&c)
		case kindTrace:
			p.Traces = append(p.Traces, Trace{})
			p.Traces[len(p.Traces)-1].fields(&c)
		default:
			return false
		}
		if !c.OK() {
			return false
		}
	}
	return true
}
