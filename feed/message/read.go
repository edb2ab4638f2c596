package message

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/hustings/hustings/exchange"
)

// ErrMalformed is wrapped by the errors of readers: the bytes are not a message.
var ErrMalformed = errors.New("not a message of the feed")

// ErrNoBase says that a message continues a chain whose beginning this reader has not seen.
var ErrNoBase = errors.New("the message continues a chain that has not begun")

// A Reader reads messages in binary form. It keeps the newest place of each chain, which later messages are written against, so
// it has to see all messages of a connection. The zero Reader is ready; it is not for concurrent use.
type Reader struct {
	chains map[chain]*Base
}

type chain struct {
	market  exchange.MarketID
	channel Channel
}

// Forget forgets a chain, whose subscription has ended.
func (r *Reader) Forget(market exchange.MarketID, c Channel) { delete(r.chains, chain{market, c}) }

// Read reads one message.
func (r *Reader) Read(frame []byte) (Message, error) {
	in := input{b: frame}
	first := in.byte()
	if k := kind(first); k >= kindAccount && k <= kindBalance {
		m := in.private(k)
		if in.bad {
			return nil, fmt.Errorf("%w: the fields of kind %d", ErrMalformed, k)
		}
		return m, nil
	}
	market := exchange.MarketID(in.bounded(1<<32 - 1))
	if in.bad {
		return nil, fmt.Errorf("%w: its head ends early", ErrMalformed)
	}
	m, err := r.read(&in, first, market)
	if err != nil {
		return nil, err
	}
	if in.bad || len(in.b) > 0 {
		return nil, fmt.Errorf("%w: the fields of kind %d", ErrMalformed, first&kindBits)
	}
	return m, nil
}

func (r *Reader) read(in *input, first byte, market exchange.MarketID) (Message, error) {
	whole, named := first&flagWhole != 0, first&flagBooks != 0
	k := kind(first & kindBits)
	channel, continues := linked(k)
	if !continues {
		return r.begin(in, k, market)
	}
	base := r.chains[chain{market, channel}]
	if base == nil && !whole {
		return nil, fmt.Errorf("%w: market %d, channel %v", ErrNoBase, market, channel)
	}
	next := Base{}
	if base != nil {
		next.tops = base.tops
	}
	var l Link
	if whole {
		l.Head = in.head(market)
		l.Prev = l.Point
		next.tops = nil
	} else {
		l = in.link(market, first, base)
	}
	next.move(&l.Head)
	var m Message
	switch k {
	case kindDelta:
		m = &Delta{Link: l, Checksum: in.checksum(), Changes: in.changes(named)}
	case kindTrades:
		m = &Trades{Link: l, Trades: in.deals(l.Seq, named)}
	case kindTickers:
		m = &Tickers{Link: l, Tops: in.tops(&next, named)}
	default:
		m = in.state(l)
	}
	if !in.bad {
		r.keep(market, channel, next)
	}
	return m, nil
}

// linked returns the channel of a kind of message that continues a chain.
func linked(k kind) (c Channel, continues bool) {
	switch k {
	case kindDelta:
		return Book, true
	case kindTrades:
		return Trade, true
	case kindTickers:
		return Ticker, true
	case kindState:
		return Status, true
	}
	return 0, false
}

// begin reads a message whose place is written in full.
func (r *Reader) begin(in *input, k kind, market exchange.MarketID) (Message, error) {
	h := in.head(market)
	next := Base{Point: h.Point, Time: h.Time}
	switch k {
	case kindImage:
		m := &Image{Head: h, Checksum: in.checksum(), Books: in.books()}
		if !in.bad {
			r.keep(market, Book, next)
		}
		return m, nil
	case kindHeartbeat:
		m := &Heartbeat{Head: h, Channel: in.channel()}
		m.Next = h.Seq + exchange.Seq(in.varint())
		return m, nil
	case kindGap:
		return &Gap{Head: h, Channel: in.channel()}, nil
	case kindChain:
		m := &Chain{Head: h, Channel: in.channel()}
		if !in.bad {
			r.keep(market, m.Channel, next)
		}
		return m, nil
	}
	return nil, fmt.Errorf("%w: kind %d is not known", ErrMalformed, k)
}

func (r *Reader) keep(market exchange.MarketID, c Channel, b Base) {
	if r.chains == nil {
		r.chains = map[chain]*Base{}
	}
	r.chains[chain{market, c}] = &b
}

// input is what has not been read of a message. Once it is bad it gives zeros.
type input struct {
	b   []byte
	bad bool
}

func (in *input) fail() {
	in.b, in.bad = nil, true
}

func (in *input) byte() byte {
	if len(in.b) == 0 {
		in.fail()
		return 0
	}
	v := in.b[0]
	in.b = in.b[1:]
	return v
}

func (in *input) uvarint() uint64 {
	v, n := binary.Uvarint(in.b)
	if n <= 0 {
		in.fail()
		return 0
	}
	in.b = in.b[n:]
	return v
}

func (in *input) varint() int64 { return unzigzag(in.uvarint()) }

// bounded reads a number that is at most so great.
func (in *input) bounded(most uint64) uint64 {
	v := in.uvarint()
	if v > most {
		in.fail()
		return 0
	}
	return v
}

func (in *input) head(market exchange.MarketID) Head {
	h := Head{Market: market}
	h.Epoch = uint32(in.bounded(1<<32 - 1))
	h.Seq = exchange.Seq(in.uvarint())
	h.Time = exchange.Time(in.bounded((1<<63-1)/1000)) * 1000
	return h
}

func (in *input) link(market exchange.MarketID, first byte, base *Base) Link {
	l := Link{Prev: base.Point}
	l.Market, l.Epoch = market, base.Epoch
	if first&flagEpoch != 0 {
		l.Epoch += uint32(in.bounded(1<<32 - 1))
	}
	l.Seq = base.Seq + exchange.Seq(in.varint())
	l.Time = base.Time + exchange.Time(in.varint())*1000
	return l
}

func (in *input) checksum() uint32 {
	if len(in.b) < 4 {
		in.fail()
		return 0
	}
	v := binary.LittleEndian.Uint32(in.b)
	in.b = in.b[4:]
	return v
}

func (in *input) channel() Channel {
	c := Channel(in.byte())
	if c >= Channels {
		in.fail()
	}
	return c
}

func (in *input) books() (all []Levels) {
	for range in.bounded(exchange.MaxOutcomes) {
		l := Levels{Outcome: in.text()}
		if in.bad {
			return nil
		}
		l.Bids, l.Asks = in.levels(exchange.Buy), in.levels(exchange.Sell)
		all = append(all, l)
	}
	return all
}

func (in *input) levels(side exchange.Side) (all []Level) {
	r := uint64(0)
	for i := range in.bounded(uint64(exchange.MaxPrice)) {
		step := in.bounded(uint64(exchange.MaxPrice))
		if i == 0 {
			r = step
		} else {
			r -= step
		}
		q := in.uvarint()
		if r-1 >= uint64(exchange.MaxPrice) || i > 0 && step == 0 || q == 0 {
			in.fail()
		}
		if in.bad {
			return nil
		}
		all = append(all, Level{side.OpenCost(exchange.Price(r)), q})
	}
	return all
}

func (in *input) book(named bool) exchange.Outcome {
	if !named {
		return 0
	}
	book := in.byte()
	if book >= exchange.MaxOutcomes {
		in.fail()
	}
	return exchange.Outcome(book)
}

// sided reads a side and a price that is written against another.
func (in *input) sided(last int64) (exchange.Side, exchange.Price) {
	v := in.uvarint()
	p := last + unzigzag(v>>1)
	if p < int64(exchange.MinPrice) || p > int64(exchange.MaxPrice) {
		in.fail()
		return 0, 0
	}
	return exchange.Side(v & 1), exchange.Price(p)
}

func (in *input) changes(named bool) (all []Change) {
	last := int64(0)
	for len(in.b) > 0 {
		c := Change{Book: in.book(named)}
		c.Side, c.Price = in.sided(last)
		c.Quantity = in.uvarint()
		last = int64(c.Price)
		all = append(all, c)
	}
	return all
}

func (in *input) deals(seq exchange.Seq, named bool) (all []Deal) {
	last := int64(0)
	for len(in.b) > 0 {
		d := Deal{Book: in.book(named)}
		d.Seq = seq - exchange.Seq(in.uvarint())
		d.TakerSide, d.Price = in.sided(last)
		d.Quantity = exchange.Quantity(in.bounded(1<<32 - 1))
		last, seq = int64(d.Price), d.Seq
		all = append(all, d)
	}
	for i, j := 0, len(all)-1; i < j; i, j = i+1, j-1 {
		all[i], all[j] = all[j], all[i]
	}
	return all
}

func (in *input) tops(base *Base, named bool) (all []Top) {
	base.tops = append([]Top(nil), base.tops...) // the reader's own stay as they are if this is not a message
	for len(in.b) > 0 {
		book := in.book(named)
		fields := in.byte()
		if fields >= 1<<6 || in.bad {
			in.fail()
			return nil
		}
		var d [6]int64
		for f := range d {
			if fields>>f&1 != 0 {
				d[f] = in.varint()
			}
		}
		t := base.top(book)
		t.Bid += exchange.Price(d[0])
		t.BidQuantity += uint64(d[1])
		t.Ask += exchange.Price(d[2])
		t.AskQuantity += uint64(d[3])
		t.Last += exchange.Price(d[4])
		t.Volume += uint64(d[5])
		if max(t.Bid, t.Ask, t.Last) > exchange.MaxPrice {
			in.fail()
		}
		all = append(all, *t)
	}
	return all
}

func (in *input) state(l Link) *State {
	first := in.byte()
	m := &State{Link: l, State: exchange.MarketState(first >> 1), Halted: first&1 != 0}
	for len(in.b) > 0 {
		m.Values = append(m.Values, exchange.Price(in.bounded(uint64(exchange.One))))
	}
	return m
}
