package placement

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/hustings/hustings/exchange"
)

// Points is how many points a shard has that takes its part. The parts then differ by a few percent.
const Points = 512

// A Shard has markets in proportion to its points; one without any has only those that are listed for it.
type Shard struct {
	ID       exchange.ShardID
	Points   uint16
	Founders []Founder // its first replicas, at most 255. They are told so once; who has a replica now, its log says
}

// A Founder is one of the replicas with which a shard began.
type Founder struct {
	Replica uint64 // its number
	Address string // of its node, at most 255 bytes
}

// An Exception is a market that is not where its place on the circle puts it.
type Exception struct {
	Market exchange.MarketID
	Shard  exchange.ShardID
}

// A Map places all markets, those to come included. It is a value that nobody changes: its methods make the next one, of
// the next epoch. It may be read concurrently.
type Map struct {
	epoch      uint64
	shards     []Shard     // by id
	exceptions []Exception // by market
	circle     []point     // by place
}

type point struct {
	place uint64
	shard exchange.ShardID
}

// Errors of changes.
var (
	ErrNoShard   = errors.New("there is no such shard")
	ErrIsThere   = errors.New("the shard is there already")
	ErrFounders  = errors.New("a shard has at most 255 founders with addresses of at most 255 bytes")
	ErrLastShard = errors.New("no other shard would take the markets")
)

// New places markets on shards 1 to n alike, in epoch 0: nobody has decided anything yet. It panics where n is below 1.
func New(n exchange.ShardID) *Map {
	if n < 1 {
		panic("placement: an exchange has a shard")
	}
	m := &Map{}
	for id := exchange.HomeShard; ; id++ { // n may be the greatest that there is
		m.shards = append(m.shards, Shard{ID: id, Points: Points})
		if id == n {
			break
		}
	}
	return m.drawn()
}

// drawn returns m with its circle, without exceptions that are none.
func (m *Map) drawn() *Map {
	m.circle = nil
	for _, s := range m.shards {
		for i := range s.Points {
			m.circle = append(m.circle, point{placeOf(pointSeed, uint64(s.ID)<<16|uint64(i)), s.ID})
		}
	}
	slices.SortFunc(m.circle, func(a, b point) int { return cmp.Or(cmp.Compare(a.place, b.place), cmp.Compare(a.shard, b.shard)) })
	if len(m.circle) > 0 {
		m.exceptions = slices.DeleteFunc(m.exceptions, func(e Exception) bool { return m.byCircle(e.Market) == e.Shard })
	}
	return m
}

// Places on the circle. The seeds keep points and markets apart.
const (
	pointSeed  = 0x706f696e74732020
	marketSeed = 0x6d61726b65747320
)

// placeOf spreads numbers over the circle (the finalizer of SplitMix64).
func placeOf(seed, n uint64) uint64 {
	z := seed + n*0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// Epoch counts the changes: of two Maps of an exchange, the one with the greater epoch holds.
func (m *Map) Epoch() uint64 { return m.epoch }

// Shards returns all shards, by id. Their founders must not be changed.
func (m *Map) Shards() []Shard { return slices.Clone(m.shards) }

// Exceptions returns all exceptions, by market.
func (m *Map) Exceptions() []Exception { return slices.Clone(m.exceptions) }

// Of returns the shard of a market.
func (m *Map) Of(market exchange.MarketID) exchange.ShardID {
	if i, found := m.exception(market); found {
		return m.exceptions[i].Shard
	}
	return m.byCircle(market)
}

// Uses reports whether some market belongs on a shard, or a market to come may.
func (m *Map) Uses(id exchange.ShardID) bool {
	i, found := m.shard(id)
	return found && (m.shards[i].Points > 0 || slices.ContainsFunc(m.exceptions, func(e Exception) bool { return e.Shard == id }))
}

func (m *Map) exception(market exchange.MarketID) (int, bool) {
	return slices.BinarySearchFunc(m.exceptions, market, func(e Exception, id exchange.MarketID) int { return cmp.Compare(e.Market, id) })
}

func (m *Map) byCircle(market exchange.MarketID) exchange.ShardID {
	place := placeOf(marketSeed, uint64(market))
	i, _ := slices.BinarySearchFunc(m.circle, place, func(p point, place uint64) int { return cmp.Compare(p.place, place) })
	return m.circle[i%len(m.circle)].shard
}

func (m *Map) shard(id exchange.ShardID) (int, bool) {
	return slices.BinarySearchFunc(m.shards, id, func(s Shard, id exchange.ShardID) int { return cmp.Compare(s.ID, id) })
}

func (m *Map) next() *Map {
	return &Map{m.epoch + 1, slices.Clone(m.shards), slices.Clone(m.exceptions), m.circle}
}

// Add brings in a shard. With 0 points it is for the markets that are put there.
func (m *Map) Add(s Shard) (*Map, error) {
	i, found := m.shard(s.ID)
	if found {
		return nil, fmt.Errorf("shard %d: %w", s.ID, ErrIsThere)
	}
	if s.ID == 0 {
		return nil, fmt.Errorf("shard 0: %w", ErrNoShard)
	}
	if len(s.Founders) > math.MaxUint8 || slices.ContainsFunc(s.Founders, func(f Founder) bool { return len(f.Address) > math.MaxUint8 }) {
		return nil, fmt.Errorf("shard %d: %w", s.ID, ErrFounders)
	}
	n := m.next()
	n.shards = slices.Insert(n.shards, i, s)
	return n.drawn(), nil
}

// Weigh gives a shard another number of points: its part of the markets changes, and nothing else moves.
func (m *Map) Weigh(id exchange.ShardID, points uint16) (*Map, error) {
	i, found := m.shard(id)
	if !found {
		return nil, fmt.Errorf("shard %d: %w", id, ErrNoShard)
	}
	n := m.next()
	n.shards[i].Points = points
	if n.drawn(); len(n.circle) == 0 {
		return nil, fmt.Errorf("taking the points of shard %d: %w", id, ErrLastShard)
	}
	return n, nil
}

// Drain takes everything away from a shard: its points, and the markets that were put there.
func (m *Map) Drain(id exchange.ShardID) (*Map, error) {
	n, err := m.Weigh(id, 0)
	if err != nil {
		return nil, err
	}
	n.exceptions = slices.DeleteFunc(n.exceptions, func(e Exception) bool { return e.Shard == id })
	return n, nil
}

// Put puts a market on a shard, wherever the circle says it belongs; with 0 it is again where the circle says.
func (m *Map) Put(market exchange.MarketID, id exchange.ShardID) (*Map, error) {
	if id == 0 {
		id = m.byCircle(market)
	}
	if _, found := m.shard(id); !found {
		return nil, fmt.Errorf("shard %d: %w", id, ErrNoShard)
	}
	n := m.next()
	n.put(market, id)
	return n, nil
}

func (m *Map) put(market exchange.MarketID, id exchange.ShardID) {
	i, found := m.exception(market)
	switch exceptional := m.byCircle(market) != id; {
	case exceptional && found:
		m.exceptions[i].Shard = id
	case exceptional:
		m.exceptions = slices.Insert(m.exceptions, i, Exception{market, id})
	case found:
		m.exceptions = slices.Delete(m.exceptions, i, i+1)
	}
}
