package placement

import (
	"encoding/binary"
	"errors"

	"github.com/hustings/hustings/exchange"
)

const bytesVersion = 1

const (
	headSize      = 1 + 8 + 2
	shardSize     = 2 + 2 + 1
	founderSize   = 8 + 1
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
		b = append(b, uint8(len(s.Founders)))
		for _, f := range s.Founders {
			b = le.AppendUint64(b, f.Replica)
			b = append(append(b, uint8(len(f.Address))), f.Address...)
		}
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
	if len(b) < headSize || b[0] != bytesVersion {
		return nil, ErrBytes
	}
	m := &Map{epoch: le.Uint64(b[1:])}
	shards := le.Uint16(b[9:])
	b = b[headSize:]
	for range shards {
		s, rest, ok := readShard(b)
		if !ok {
			return nil, ErrBytes
		}
		m.shards, b = append(m.shards, s), rest
	}
	if len(b) < 4 || uint64(len(b)-4) != uint64(le.Uint32(b))*exceptionSize {
		return nil, ErrBytes
	}
	for b = b[4:]; len(b) > 0; b = b[exceptionSize:] {
		m.exceptions = append(m.exceptions, Exception{exchange.MarketID(le.Uint32(b)), exchange.ShardID(le.Uint16(b[4:]))})
	}
	if listed := len(m.exceptions); !m.sound() || len(m.drawn().circle) == 0 || len(m.exceptions) != listed {
		return nil, ErrBytes
	}
	return m, nil
}

func readShard(b []byte) (s Shard, rest []byte, ok bool) {
	if len(b) < shardSize {
		return s, nil, false
	}
	s = Shard{ID: exchange.ShardID(le.Uint16(b)), Points: le.Uint16(b[2:])}
	founders := b[4]
	b = b[shardSize:]
	for range founders {
		if len(b) < founderSize || len(b) < founderSize+int(b[8]) {
			return s, nil, false
		}
		end := founderSize + int(b[8])
		s.Founders = append(s.Founders, Founder{le.Uint64(b), string(b[founderSize:end])})
		b = b[end:]
	}
	return s, b, true
}

// sound reports whether the lists of a Map are such as the methods make.
func (m *Map) sound() bool {
	for i, s := range m.shards {
		if s.ID == 0 || i > 0 && m.shards[i-1].ID >= s.ID {
			return false
		}
	}
	for i, e := range m.exceptions {
		_, found := m.shard(e.Shard)
		if !found || i > 0 && m.exceptions[i-1].Market >= e.Market {
			return false
		}
	}
	return true
}
