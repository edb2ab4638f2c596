package projection

import (
	"fmt"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/wire/codec"
)

// Statistics are what a View knows and a shard does not, so that it can be kept beside a snapshot of the shard:
//
//	version u8 = 1 | seq u64 | accounts | credentials | markets | positions | orders
//
// Each part is a u32 count and as many records. Accounts, credentials and markets are all there are, in the order of
// their ids; positions and orders only those that have statistics, with what names them: an order its id, or for one that
// was adopted, whose slot is not the one in its id, an id with the number 0 and its slot.
const statisticsVersion = 1

// AppendStatistics appends the statistics to buf. It keeps Apply waiting, some 100 ms per million orders or markets.
func (v *View) AppendStatistics(buf []byte) []byte {
	v.mu.RLock()
	defer v.mu.RUnlock()
	s := statistics{v: v, c: codec.Writer(buf)}
	s.walk()
	return s.c.Bytes()
}

// AddStatistics adds statistics that were taken at the same Seq, once everything else was added.
func (b *Builder) AddStatistics(data []byte) error {
	s := statistics{v: b.v, c: codec.Reader(data)}
	s.walk()
	if s.err == nil && !s.c.Done() {
		s.err = fmt.Errorf("they are damaged")
	}
	if s.err != nil {
		return fmt.Errorf("reading statistics of %d bytes: %w", len(data), s.err)
	}
	b.v.rankTouched()
	return nil
}

// statistics walks over the layout in either direction.
type statistics struct {
	v   *View
	c   codec.Codec
	err error // while reading: the statistics are of something else
}

func (s *statistics) walk() {
	version, seq := uint8(statisticsVersion), s.v.seq
	codec.U8(&s.c, &version)
	codec.U64(&s.c, &seq)
	if version != statisticsVersion {
		s.err = fmt.Errorf("they have version %d", version)
		return
	}
	if seq != s.v.seq {
		s.err = fmt.Errorf("they are of event %d, not %d", seq, s.v.seq)
		return
	}
	s.all("accounts", s.v.lastAccount, func(id uint32) { codec.U64(&s.c, &s.v.accounts.at(id).realised) })
	s.all("credentials", s.v.lastCredential, s.credential)
	s.all("markets", s.v.lastMarket, s.market)
	s.positions()
	s.orders()
}

// all walks over one part that has a record for each id.
func (s *statistics) all(what string, last uint32, record func(id uint32)) {
	n := last
	codec.U32(&s.c, &n)
	if s.ok() && n != last {
		s.err = fmt.Errorf("they are of %d %s, not %d", n, what, last)
	}
	for id := uint32(1); id <= last && s.ok(); id++ {
		record(id)
	}
}

func (s *statistics) ok() bool { return s.err == nil && s.c.OK() }

func (s *statistics) credential(id uint32) {
	if c := s.v.credentials.get(id); c != nil {
		codec.U64(&s.c, &c.CreatedAt)
		return
	}
	var forgotten exchange.Time
	codec.U64(&s.c, &forgotten)
}

func (s *statistics) market(id uint32) {
	m := s.v.markets.at(id)
	if s.c.Reading() {
		s.v.touch(exchange.MarketID(id), m)
		m.volume = 0
	}
	codec.U64(&s.c, &m.createdAt)
	codec.U64(&s.c, &m.activeAt)
	ended := m.ending != nil
	codec.Flag(&s.c, &ended)
	if ended {
		e := m.end()
		s.c.Text(&e.VoidReason)
		s.c.Text(&e.HaltDetail)
		codec.U8(&s.c, &e.HaltedBy)
	}
	for i := range exchange.Outcome(m.bookCount) {
		s.book(m, s.v.bookAt(m, i))
	}
}

func (s *statistics) book(m *market, b *book) {
	volume, trades := b.volume, b.trades
	codec.U64(&s.c, &volume)
	codec.U64(&s.c, &trades)
	if s.c.Reading() {
		s.v.total.Volume += volume - b.volume
		s.v.total.Trades += trades - b.trades
		b.volume, b.trades = volume, trades
		m.volume += volume
	}
	traded := b.hours != nil
	codec.Flag(&s.c, &traded)
	if !traded {
		return
	}
	if b.hours == nil {
		b.hours = new(hours)
	}
	codec.U64(&s.c, &b.hours.newest)
	codec.U16(&s.c, &b.hours.before)
	for i := range hoursKept {
		codec.U64(&s.c, &b.hours.volume[i])
		codec.U16(&s.c, &b.hours.close[i])
	}
}

// count walks over the number of records of a part.
func (s *statistics) count(n int) int {
	stored := uint32(n)
	codec.U32(&s.c, &stored)
	return int(stored)
}

func (s *statistics) positions() {
	if s.c.Reading() {
		for n := s.count(0); n > 0 && s.ok(); n-- {
			s.readPosition()
		}
		return
	}
	var all []*position
	for i := uint32(1); i <= s.v.positions.last; i++ {
		if p := s.v.positions.at(i); p.yesCost != 0 || p.noCost != 0 {
			all = append(all, p)
		}
	}
	s.count(len(all))
	for _, p := range all {
		s.position(p)
	}
}

func (s *statistics) position(p *position) {
	codec.U32(&s.c, &p.account)
	codec.U32(&s.c, &p.market)
	codec.U8(&s.c, &p.outcome)
	codec.U64(&s.c, &p.yesCost)
	codec.U64(&s.c, &p.noCost)
}

func (s *statistics) readPosition() {
	var read position
	s.position(&read)
	if p := s.v.position(read.account, read.market, read.outcome); p != nil {
		p.yesCost, p.noCost = read.yesCost, read.noCost
	} else if s.ok() {
		s.err = fmt.Errorf("account %d has no position in outcome %d of market %d", read.account, read.outcome, read.market)
	}
}

func (s *statistics) orders() {
	if s.c.Reading() {
		for n := s.count(0); n > 0 && s.ok(); n-- {
			s.readOrder()
		}
		return
	}
	s.count(int(s.v.total.OpenOrders))
	for slot := range uint32(len(s.v.orders.pages) * pageLen) {
		if o := s.v.orderIn(slot); o != nil {
			clientID := s.v.clientIDOf(o)
			id := o.id
			if id.Slot() != slot {
				id = exchange.NewOrderID(0, slot)
			}
			s.order(&id, &o.placedAt, &clientID)
		}
	}
}

func (s *statistics) order(id *exchange.OrderID, placedAt *exchange.Time, clientID *[]byte) {
	codec.U64(&s.c, id)
	codec.U64(&s.c, placedAt)
	s.c.Blob(clientID)
}

func (s *statistics) readOrder() {
	var id exchange.OrderID
	var placedAt exchange.Time
	var clientID []byte
	s.order(&id, &placedAt, &clientID)
	if o := s.v.orderIn(id.Slot()); o != nil && (o.id == id || id.Number() == 0) {
		o.placedAt = placedAt
		s.v.forgetName(o)
		s.v.nameOrder(o, clientID)
	} else if s.ok() {
		s.err = fmt.Errorf("order %d is not open", id)
	}
}
