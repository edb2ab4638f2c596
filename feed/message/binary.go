package message

import (
	"encoding/binary"

	"github.com/hustings/hustings/exchange"
)

// The first byte of a binary message has its kind in the low bits and these flags.
const (
	kindBits = 0x0f
	// flagEpoch: the epoch is not that of the message before, and is written.
	flagEpoch = 0x80
	// flagWhole: the message begins a chain; its place is written in full, and a ticker has all fields.
	flagWhole = 0x40
	// flagBooks: books are named, since one is not book 0.
	flagBooks = 0x20
)

// Base is what a message in binary form is written against: the message before it in its chain. It changes with every
// message; writer and reader keep one for each chain.
type Base struct {
	Point
	Time exchange.Time
	tops []Top // of a ticker, by book
}

// NewBase returns the base of a chain that goes on from a head. Tops are what it has said of each book, if it is a ticker's.
func NewBase(h Head, tops []Top) Base {
	return Base{Point: h.Point, Time: h.Time, tops: append([]Top(nil), tops...)}
}

// Tops returns what a ticker's chain has said of each book; the slice belongs to the base.
func (b *Base) Tops() []Top { return b.tops }

func (b *Base) move(h *Head) { b.Point, b.Time = h.Point, h.Time }

// AppendBinary appends a message in binary form, and moves the base of its chain on to it. A message that begins a chain,
// such as an image, needs no base, nor does one about an account.
func AppendBinary(b []byte, m Message, base *Base) []byte {
	switch m := m.(type) {
	case *Image:
		b = binary.LittleEndian.AppendUint32(appendHead(b, kindImage, &m.Head), m.Checksum)
		b = binary.AppendUvarint(b, uint64(len(m.Books)))
		for i := range m.Books {
			b = appendLevels(b, &m.Books[i])
		}
		base.move(&m.Head)
	case *Delta:
		b = binary.LittleEndian.AppendUint32(appendLink(b, kindDelta, namesBooks(m.Changes, changeBook), &m.Link, base), m.Checksum)
		b = appendChanges(b, m.Changes)
	case *Trades:
		b = appendLink(b, kindTrades, namesBooks(m.Trades, dealBook), &m.Link, base)
		b = appendDeals(b, m)
	case *Tickers:
		b = appendTickers(b, m, base)
	case *State:
		b = append(appendLink(b, kindState, 0, &m.Link, base), byte(m.State)<<1|bit(m.Halted))
		for _, v := range m.Values {
			b = binary.AppendUvarint(b, uint64(v))
		}
	case *Heartbeat:
		b = append(appendHead(b, kindHeartbeat, &m.Head), byte(m.Channel))
		b = binary.AppendVarint(b, int64(m.Next-m.Seq))
	case *Gap:
		b = append(appendHead(b, kindGap, &m.Head), byte(m.Channel))
	case *Chain:
		b = append(appendHead(b, kindChain, &m.Head), byte(m.Channel))
		base.move(&m.Head)
	case *Account:
		b = appendAccount(b, m)
	case *Order:
		b = appendOrder(appendPrivateHead(b, kindOrder, m.Number, m.Seq, m.Time), &m.Order)
	case *Fill:
		b = appendFill(appendPrivateHead(b, kindFill, m.Number, m.Fill.Seq, m.Fill.Time), &m.Fill)
	case *Balance:
		b = appendPrivateHead(b, kindBalance, m.Number, m.Seq, m.Time)
		b = appendMoney(appendMoney(b, m.Cash), m.Held)
	}
	return b
}

// appendHead writes the head of a message whose place is written in full.
func appendHead(b []byte, k kind, h *Head) []byte {
	b = append(b, byte(k)|flagWhole)
	b = binary.AppendUvarint(b, uint64(h.Market))
	b = binary.AppendUvarint(b, uint64(h.Epoch))
	b = binary.AppendUvarint(b, uint64(h.Seq))
	return binary.AppendUvarint(b, uint64(h.Time/1000))
}

// appendLink writes the head of a message against the one before it, or in full if it begins the chain.
func appendLink(b []byte, k kind, flags byte, l *Link, base *Base) []byte {
	if l.Prev == l.Point {
		at := len(b)
		b = appendHead(b, k, &l.Head)
		b[at] |= flags
		base.move(&l.Head)
		return b
	}
	if l.Epoch != base.Epoch {
		flags |= flagEpoch
	}
	b = append(b, byte(k)|flags)
	b = binary.AppendUvarint(b, uint64(l.Market))
	if flags&flagEpoch != 0 {
		b = binary.AppendUvarint(b, uint64(l.Epoch-base.Epoch))
	}
	b = binary.AppendVarint(b, int64(l.Seq-base.Seq))
	b = binary.AppendVarint(b, int64(l.Time-base.Time)/1000)
	base.move(&l.Head)
	return b
}

func appendLevels(b []byte, l *Levels) []byte {
	b = binary.AppendUvarint(b, uint64(len(l.Outcome)))
	b = append(b, l.Outcome...)
	for side, levels := range [][]Level{l.Bids, l.Asks} {
		b = binary.AppendUvarint(b, uint64(len(levels)))
		last := 0
		for i, level := range levels { // best first, so that ranks fall
			r := rank(exchange.Side(side), level.Price)
			if i == 0 {
				b = binary.AppendUvarint(b, uint64(r))
			} else {
				b = binary.AppendUvarint(b, uint64(last-r))
			}
			b = binary.AppendUvarint(b, level.Quantity)
			last = r
		}
	}
	return b
}

func changeBook(c *Change) exchange.Outcome { return c.Book }
func dealBook(d *Deal) exchange.Outcome     { return d.Book }

// namesBooks returns the flag that books are named if one of them is not book 0.
func namesBooks[T any](all []T, book func(*T) exchange.Outcome) byte {
	for i := range all {
		if book(&all[i]) != 0 {
			return flagBooks
		}
	}
	return 0
}

// appendChanges writes changes, each price against the one before it.
func appendChanges(b []byte, changes []Change) []byte {
	named := namesBooks(changes, changeBook) != 0
	var last int64
	for i := range changes {
		c := &changes[i]
		if named {
			b = append(b, byte(c.Book))
		}
		b = appendSided(b, c.Side, int64(c.Price)-last)
		b = binary.AppendUvarint(b, c.Quantity)
		last = int64(c.Price)
	}
	return b
}

// appendSided writes a side and a signed number in one.
func appendSided(b []byte, side exchange.Side, v int64) []byte {
	return binary.AppendUvarint(b, zigzag(v)<<1|uint64(side))
}

func zigzag(v int64) uint64 { return uint64(v<<1) ^ uint64(v>>63) }

func unzigzag(v uint64) int64 { return int64(v>>1) ^ -int64(v&1) }

// appendDeals writes trades, each price and Seq against the ones before it; the last Seq is that of the message.
func appendDeals(b []byte, m *Trades) []byte {
	named := namesBooks(m.Trades, dealBook) != 0
	last, seq := int64(0), m.Seq
	for i := len(m.Trades) - 1; i >= 0; i-- {
		d := &m.Trades[i]
		if named {
			b = append(b, byte(d.Book))
		}
		b = binary.AppendUvarint(b, uint64(seq-d.Seq))
		b = appendSided(b, d.TakerSide, int64(d.Price)-last)
		b = binary.AppendUvarint(b, uint64(d.Quantity))
		last, seq = int64(d.Price), d.Seq
	}
	return b
}

// appendTickers writes for each book which of its six fields have changed, a bit each, and by how much.
func appendTickers(b []byte, m *Tickers, base *Base) []byte {
	if m.Prev == m.Point {
		base.tops = base.tops[:0]
	}
	var flags byte
	if len(m.Tops) != 1 || m.Tops[0].Book != 0 {
		flags = flagBooks
	}
	b = appendLink(b, kindTickers, flags, &m.Link, base)
	for i := range m.Tops {
		t := &m.Tops[i]
		was := base.top(t.Book)
		if flags != 0 {
			b = append(b, byte(t.Book))
		}
		at := len(b)
		b = append(b, 0)
		for f, d := range t.since(was) {
			if d != 0 {
				b[at] |= 1 << f
				b = binary.AppendVarint(b, d)
			}
		}
		*was = *t
	}
	return b
}

// since returns how much each field differs from what it was.
func (t *Top) since(was *Top) [6]int64 {
	return [6]int64{
		int64(t.Bid) - int64(was.Bid), int64(t.BidQuantity - was.BidQuantity),
		int64(t.Ask) - int64(was.Ask), int64(t.AskQuantity - was.AskQuantity),
		int64(t.Last) - int64(was.Last), int64(t.Volume - was.Volume),
	}
}

// top returns what is known of a book.
func (b *Base) top(book exchange.Outcome) *Top {
	for len(b.tops) <= int(book) {
		b.tops = append(b.tops, Top{Book: exchange.Outcome(len(b.tops))})
	}
	return &b.tops[book]
}

func bit(v bool) byte {
	if v {
		return 1
	}
	return 0
}
