package message

import (
	"encoding/binary"
	"hash/crc32"
	"slices"

	"github.com/hustings/hustings/exchange"
)

// Books are the books of a market as a feed has them. The zero value is one without books.
type Books struct {
	books []sides
	sums  []uint32 // of each book
	stale []bool   // the sum has to be made anew
	buf   []byte
}

// sides are the levels of a book, best last: that is where most of the coming and going is.
type sides [2][]Level

// NewBooks returns n empty books.
func NewBooks(n int) *Books {
	b := &Books{books: make([]sides, n), sums: make([]uint32, n), stale: make([]bool, n)}
	for i := range b.stale {
		b.stale[i] = true
	}
	return b
}

// BooksOf returns the books of an image. It does not keep the image.
func BooksOf(image *Image) *Books {
	b := NewBooks(len(image.Books))
	for i, l := range image.Books {
		b.Fill(exchange.Outcome(i), exchange.Buy, l.Bids)
		b.Fill(exchange.Outcome(i), exchange.Sell, l.Asks)
	}
	return b
}

// Len is how many books there are.
func (b *Books) Len() int { return len(b.books) }

// Fill sets a whole side, given best first.
func (b *Books) Fill(book exchange.Outcome, side exchange.Side, levels []Level) {
	to := append(b.books[book][side][:0], levels...)
	slices.Reverse(to)
	b.books[book][side], b.stale[book] = to, true
}

// Set sets the quantity at a price. It reports false, and does nothing, if there is no such book.
func (b *Books) Set(c Change) bool {
	if int(c.Book) >= len(b.books) || c.Side > exchange.Sell {
		return false
	}
	b.stale[c.Book] = true
	levels := &b.books[c.Book][c.Side]
	i, found := slices.BinarySearchFunc(*levels, rank(c.Side, c.Price), func(l Level, r int) int { return rank(c.Side, l.Price) - r })
	switch {
	case c.Quantity == 0 && found:
		*levels = slices.Delete(*levels, i, i+1)
	case c.Quantity == 0:
	case found:
		(*levels)[i].Quantity = c.Quantity
	default:
		*levels = slices.Insert(*levels, i, Level{c.Price, c.Quantity})
	}
	return true
}

// rank orders the prices of a side: the greater, the better.
func rank(side exchange.Side, p exchange.Price) int { return int(side.OpenCost(p)) }

// Best returns the best level of a side, zero if there is none.
func (b *Books) Best(book exchange.Outcome, side exchange.Side) Level {
	if l := b.books[book][side]; len(l) > 0 {
		return l[len(l)-1]
	}
	return Level{}
}

// Quantity returns what rests at a price.
func (b *Books) Quantity(book exchange.Outcome, side exchange.Side, p exchange.Price) uint64 {
	levels := b.books[book][side]
	if i, found := slices.BinarySearchFunc(levels, rank(side, p), func(l Level, r int) int { return rank(side, l.Price) - r }); found {
		return levels[i].Quantity
	}
	return 0
}

// Levels returns a copy of a side, best first.
func (b *Books) Levels(book exchange.Outcome, side exchange.Side) []Level {
	out := slices.Clone(b.books[book][side])
	slices.Reverse(out)
	return out
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Checksum is the CRC-32C that images and deltas carry.
func (b *Books) Checksum() uint32 {
	for i := range b.books {
		if b.stale[i] {
			b.sums[i], b.stale[i] = b.sum(&b.books[i]), false
		}
	}
	if len(b.sums) == 1 {
		return b.sums[0]
	}
	b.buf = b.buf[:0]
	for _, s := range b.sums {
		b.buf = binary.LittleEndian.AppendUint32(b.buf, s)
	}
	return crc32.Checksum(b.buf, castagnoli)
}

// sum is the checksum of one book: its levels, bids first, best first, each
//
//	 0      1       3                 11
//	+------+-------+-----------------+
//	| side | price | quantity        |   little endian; side 0 is a bid, 1 an ask
//	+------+-------+-----------------+
func (b *Books) sum(s *sides) uint32 {
	b.buf = b.buf[:0]
	for side := range s {
		for i := len(s[side]) - 1; i >= 0; i-- {
			l := s[side][i]
			b.buf = append(b.buf, byte(side))
			b.buf = binary.LittleEndian.AppendUint16(b.buf, uint16(l.Price))
			b.buf = binary.LittleEndian.AppendUint64(b.buf, l.Quantity)
		}
	}
	return crc32.Checksum(b.buf, castagnoli)
}
