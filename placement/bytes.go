package placement

import (
	"encoding/binary"
	"errors"

	"github.com/hustings/hustings/exchange"
)

const bytesVersion = 1

const (
	headSize      = 1 + 8 + 2
	shardSize     = 2 + 2
	exceptionSize = 4 + 2
)

// ErrBytes says that bytes are not those of a Map.
var ErrBytes = errors.New("the bytes of a placement are malformed, or of a version that is not known here")

var le = binary.LittleEndian

// Append appends the bytes of m.
func (m *Map) Append(b []byte) []byte {
	b = le.AppendUint64(append(b, bytesVersion), m.epoch)
	b = le.AppendUint16(b, uint16(len(m.shards)))
	for _, s := range m.shards {
		b = le.AppendUint16(b, uint16(s.ID))
		b = le.AppendUint16(b, s.Points)
	}
	b = le.AppendUint32(b, uint32(len(m.exceptions)))
	for _, e := range m.exceptions {
		b = le.AppendUint32(b, uint32(e.Market))
		b = le.AppendUint16(b, uint16(e.Shard))
	}
	return b
}

// Read returns the Map that has these bytes. It keeps nothing of them.
func Read(b []byte) (*Map, error) {
	if len(b) < headSize+4 || b[0] != bytesVersion {
		return nil, ErrBytes
	}
	m := &Map{epoch: le.Uint64(b[1:])}
	shards := int(le.Uint16(b[9:]))
	b = b[headSize:]
	if len(b) < shards*shardSize+4 {
		return nil, ErrBytes
	}
	for ; shards > 0; shards-- {
		m.shards = append(m.shards, Shard{exchange.ShardID(le.Uint16(b)), le.Uint16(b[2:])})
		b = b[shardSize:]
	}
	exceptions := uint64(le.Uint32(b))
	b = b[4:]
	if uint64(len(b)) != exceptions*exceptionSize {
		return nil, ErrBytes
	}
	for ; len(b) > 0; b = b[exceptionSize:] {
		m.exceptions = append(m.exceptions, Exception{exchange.MarketID(le.Uint32(b)), exchange.ShardID(le.Uint16(b[4:]))})
	}
	if listed := len(m.exceptions); !m.sound() || len(m.drawn().circle) == 0 || len(m.exceptions) != listed {
		return nil, ErrBytes
	}
	return m, nil
}

// sound reports whether the lists of a Map are such as the methods make.
func (m *Map) sound() bool {
	for i, s := range m.shards {
		if s.ID == 0 || i > 0 && m.shards[i-1].ID >= s.ID {
			return false
		}
	}
	if m.epoch == 0 {
		return false
	}
	for i, e := range m.exceptions {
		_, found := m.shard(e.Shard)
		if !found || i > 0 && m.exceptions[i-1].Market >= e.Market {
			return false
		}
	}
	return true
}
