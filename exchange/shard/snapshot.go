package shard

import (
	"errors"
	"fmt"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/book"
	"github.com/hustings/hustings/exchange/idempotency"
	"github.com/hustings/hustings/exchange/ledger"
	"github.com/hustings/hustings/exchange/market"
	"github.com/hustings/hustings/exchange/slab"
	"github.com/hustings/hustings/exchange/timer"
	"github.com/hustings/hustings/exchange/wire/codec"
)

// A snapshot is a sequence of chunks. The first holds what is in no slab and the length of each slab; the others each
// hold records of one slab, from one slot on. See docs/formats/snapshot.md.

// SnapshotVersion is the version of the records that Frozen writes.
const SnapshotVersion = 1

// Section names the slab that a chunk belongs to.
type Section uint8

// Sections. Numbers are never reused.
const (
	SectionScalars Section = iota
	SectionOrders
	SectionExtras
	SectionBooks
	SectionAccounts
	SectionPositions
	SectionMarkets
	SectionGroups
	SectionTimers
	SectionKeys
	SectionIdentities
	SectionCredentials
	SectionNeighbours
	SectionTransits
	SectionCounted
	sections
)

// Layouts of records. Which one a state is written in follows from its rules, so that programs which differ in what they know
// write the same while they follow the same rules.
const (
	layoutFirst  = 1
	layoutGroups = 2 // since GroupRules
)

func layoutOf(rules uint32) uint8 {
	if rules >= exchange.GroupRules {
		return layoutGroups
	}
	return layoutFirst
}

// sectionsOf is how many sections a layout has.
func sectionsOf(layout uint8) Section {
	if layout >= layoutGroups {
		return sections
	}
	return SectionCounted
}

// Frozen is the state as it was at Freeze. It may be read by another goroutine while the shard goes on.
type Frozen struct {
	layout  uint8
	scalars []byte
	slabs   [sections]frozenSlab
	Seq     exchange.Seq
	Time    exchange.Time
}

// frozenSlab is what is the same for frozen slabs of all kinds.
type frozenSlab interface {
	Len() uint32
	encode(buf []byte, from uint32, layout uint8) (out []byte, count uint32)
}

type fields[T any] interface {
	*T
	Fields(*codec.Codec)
}

type frozenRecords[T any, P fields[T]] struct{ *slab.Frozen[T] }

// encode appends the records of one page, from a slot on.
func (f frozenRecords[T, P]) encode(buf []byte, from uint32, layout uint8) ([]byte, uint32) {
	c := codec.Writer(buf)
	c.Version = layout
	records := f.Records(from)
	var record T // a copy, because Fields may fill in what is missing
	for i := range records {
		record = records[i]
		P(&record).Fields(&c)
	}
	return c.Bytes(), uint32(len(records))
}

func freeze[T any, P fields[T]](s *slab.Slab[T]) frozenSlab { return frozenRecords[T, P]{s.Freeze()} }

// Freeze returns the state as it is now, without copying it. Only one frozen state may exist at a time; Thaw ends it.
func (s *Shard) Freeze() *Frozen {
	f := &Frozen{layout: layoutOf(s.rules), Seq: s.seq, Time: s.now}
	f.slabs = [sections]frozenSlab{
		SectionOrders:      freeze[book.Order](&s.orders.Slab),
		SectionExtras:      freeze[extra](&s.extras.Slab),
		SectionBooks:       freeze[outcomeBook](&s.books),
		SectionAccounts:    freeze[ledger.Account](&s.ledger.Accounts),
		SectionPositions:   freeze[ledger.Position](&s.ledger.Positions),
		SectionMarkets:     freeze[market.Market](&s.markets),
		SectionGroups:      freeze[group](&s.groups),
		SectionTimers:      freeze[timer.Timer](&s.timers.Records),
		SectionKeys:        freeze[idempotency.Entry](&s.keys.Entries),
		SectionIdentities:  freeze[identity](&s.names.accounts),
		SectionCredentials: freeze[credential](&s.names.credentials),
		SectionNeighbours:  freeze[neighbour](&s.outbox.neighbours),
		SectionTransits:    freeze[transit](&s.outbox.transits),
		SectionCounted:     freeze[counted](&s.counted),
	}
	c := codec.Writer(nil)
	s.scalars(&c)
	for _, slab := range f.slabs[1:sectionsOf(f.layout)] {
		n := slab.Len()
		codec.U32(&c, &n)
	}
	f.scalars = c.Bytes()
	return f
}

// Thaw ends the frozen state: nobody may read it from now on.
func (s *Shard) Thaw() {
	s.orders.Thaw()
	s.extras.Thaw()
	s.books.Thaw()
	s.ledger.Accounts.Thaw()
	s.ledger.Positions.Thaw()
	s.markets.Thaw()
	s.groups.Thaw()
	s.timers.Records.Thaw()
	s.keys.Entries.Thaw()
	s.names.accounts.Thaw()
	s.names.credentials.Thaw()
	s.outbox.neighbours.Thaw()
	s.outbox.transits.Thaw()
	s.counted.Thaw()
}

// Chunks calls each for every chunk of the state, in order, with buffers of about size bytes that are reused. Records
// are those of slots from to from+count−1. It stops at the first error and returns it.
func (f *Frozen) Chunks(size int, each func(section Section, from, count uint32, data []byte) error) error {
	if err := each(SectionScalars, 0, 0, f.scalars); err != nil {
		return err
	}
	buf := make([]byte, 0, size+size/4)
	for section := SectionOrders; section < sectionsOf(f.layout); section++ {
		records := f.slabs[section]
		for from := uint32(0); from < records.Len() && records.Len() > 1; {
			buf = buf[:0]
			count := uint32(0)
			for len(buf) < size && from+count < records.Len() {
				var n uint32
				buf, n = records.encode(buf, from+count, f.layout)
				count += n
			}
			if err := each(section, from, count, buf); err != nil {
				return err
			}
			from += count
		}
	}
	return nil
}

// ErrSnapshot is wrapped by every error about a snapshot whose bytes are whole but make no sense.
var ErrSnapshot = errors.New("not a snapshot of this version")

// Loader rebuilds a shard from the chunks of a snapshot.
type Loader struct {
	s     *Shard
	slabs [sections]liveSlab
}

type liveSlab interface {
	Len() uint32
	SetLen(uint32)
	decode(from, count uint32, data []byte, layout uint8) bool
}

type liveRecords[T any, P fields[T]] struct{ *slab.Slab[T] }

func (l liveRecords[T, P]) decode(from, count uint32, data []byte, layout uint8) bool {
	if uint64(from)+uint64(count) > uint64(l.Len()) {
		return false
	}
	c := codec.Reader(data)
	c.Version = layout
	for count > 0 {
		records := l.Records(from)
		records = records[:min(uint32(len(records)), count)]
		for i := range records {
			P(&records[i]).Fields(&c)
		}
		from, count = from+uint32(len(records)), count-uint32(len(records))
	}
	return c.Done()
}

func live[T any, P fields[T]](s *slab.Slab[T]) liveSlab { return liveRecords[T, P]{s} }

// NewLoader returns a loader for an empty shard.
func NewLoader() *Loader {
	s := New()
	return &Loader{s: s, slabs: [sections]liveSlab{
		SectionOrders:      live[book.Order](&s.orders.Slab),
		SectionExtras:      live[extra](&s.extras.Slab),
		SectionBooks:       live[outcomeBook](&s.books),
		SectionAccounts:    live[ledger.Account](&s.ledger.Accounts),
		SectionPositions:   live[ledger.Position](&s.ledger.Positions),
		SectionMarkets:     live[market.Market](&s.markets),
		SectionGroups:      live[group](&s.groups),
		SectionTimers:      live[timer.Timer](&s.timers.Records),
		SectionKeys:        live[idempotency.Entry](&s.keys.Entries),
		SectionIdentities:  live[identity](&s.names.accounts),
		SectionCredentials: live[credential](&s.names.credentials),
		SectionNeighbours:  live[neighbour](&s.outbox.neighbours),
		SectionTransits:    live[transit](&s.outbox.transits),
		SectionCounted:     live[counted](&s.counted),
	}}
}

// Chunk reads one chunk. The scalars come first; after them chunks of different slots may be read concurrently. A state
// whose rules this program does not know is a *RulesError.
func (l *Loader) Chunk(section Section, from, count uint32, data []byte) error {
	ok := section < sections
	switch {
	case !ok:
	case section == SectionScalars:
		c := codec.Reader(data)
		l.s.scalars(&c)
		if c.OK() && l.s.rules > l.s.supported {
			return &RulesError{Known: int(l.s.supported), Asked: int(l.s.rules)}
		}
		for _, slab := range l.slabs[1:sectionsOf(layoutOf(l.s.rules))] {
			var n uint32
			codec.U32(&c, &n)
			if c.OK() && n <= 1<<30 {
				slab.SetLen(n)
			}
		}
		ok = c.Done() && l.s.rules >= exchange.FirstRules
	default:
		ok = l.slabs[section].decode(from, count, data, layoutOf(l.s.rules))
	}
	if !ok {
		return fmt.Errorf("%w: section %d, records from %d", ErrSnapshot, section, from)
	}
	return nil
}

// Finish makes everything findable and returns the shard. It hands independent parts to parallel, which must run them
// all before it returns; it may run them at the same time.
func (l *Loader) Finish(parallel func(parts ...func())) *Shard {
	s := l.s
	parallel(s.keys.Restore, func() {
		s.timers.Restore()
		s.names.restore()
		s.ledger.Restore()
	}, s.restoreBooks)
	for id := exchange.MarketID(1); uint32(id) < s.markets.Len(); id++ {
		if m := s.market(id); m != nil && (m.Stage == market.Frozen || m.Stage == market.Arriving) {
			s.frozen = append(s.frozen, id)
		}
	}
	return s
}

// restoreBooks links the resting orders into their books again.
func (s *Shard) restoreBooks() {
	for slot := uint32(1); slot < s.orders.Len(); slot++ {
		if o := s.orders.At(slot); o.ID != 0 {
			s.books.At(s.ledger.Positions.At(o.Position).Book).Restore(slot, o)
			s.noteForeign(o, slot)
		}
	}
}

func (n *names) restore() {
	n.byName = map[string]exchange.AccountID{}
	for id := uint32(1); id < n.accounts.Len(); id++ {
		if name := n.accounts.At(id).name; name != "" { // an account that came by a transfer has none
			n.byName[name] = exchange.AccountID(id)
		}
	}
	for id := uint32(1); id < n.credentials.Len(); id++ {
		if k := n.credentials.At(id); k.account != 0 {
			n.index(exchange.CredentialID(id), k)
		} else {
			n.free = append(n.free, exchange.CredentialID(id)) // sorted, which is a heap
		}
	}
}
