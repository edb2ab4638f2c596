// Package codec writes a layout down once for both directions: a list of calls, each of which reads or writes one
// field. All numbers are little-endian. It is for frames and records that need not be as fast as hand-written ones.
package codec

import (
	"encoding/binary"

	"github.com/hustings/hustings/exchange"
)

var le = binary.LittleEndian

// maxText is the greatest length of a text in bytes.
const maxText = 1<<16 - 1

// Codec walks over the fields of a record, in either direction.
type Codec struct {
	Version uint8 // of the layout, for records that have several

	b       []byte // reading: the record; writing: the buffer, which may hold earlier ones
	pos     int    // reading: the next byte
	reading bool
	bad     bool // a record is too short, a value is not allowed, or (writing) a text or list is too long
}

// Writer returns a codec that appends fields to buf.
func Writer(buf []byte) Codec { return Codec{b: buf} }

// Reader returns a codec that reads fields from b.
func Reader(b []byte) Codec { return Codec{b: b, reading: true} }

// Reading reports whether the codec reads.
func (c *Codec) Reading() bool { return c.reading }

// Bytes returns what was written so far, what the buffer held before included.
func (c *Codec) Bytes() []byte { return c.b }

// OK reports whether nothing was wrong so far.
func (c *Codec) OK() bool { return !c.bad }

// Done reports whether everything was read and nothing was wrong.
func (c *Codec) Done() bool { return !c.bad && c.pos == len(c.b) }

// take returns the next n bytes to read or to fill in.
func (c *Codec) take(n int) []byte {
	if !c.reading {
		l := len(c.b)
		c.b = append(c.b, zeros[:n]...)
		return c.b[l:]
	}
	if c.bad || n > len(c.b)-c.pos {
		c.bad = true
		return zeros[:min(n, len(zeros))]
	}
	c.pos += n
	return c.b[c.pos-n : c.pos]
}

var zeros [32]byte

// U8 is a number of one byte.
func U8[T ~uint8](c *Codec, v *T) {
	b := c.take(1)
	if c.reading {
		*v = T(b[0])
	} else {
		b[0] = byte(*v)
	}
}

// U16 is a number of two bytes.
func U16[T ~uint16](c *Codec, v *T) {
	b := c.take(2)
	if c.reading {
		*v = T(le.Uint16(b))
	} else {
		le.PutUint16(b, uint16(*v))
	}
}

// U32 is a number of four bytes.
func U32[T ~uint32](c *Codec, v *T) {
	b := c.take(4)
	if c.reading {
		*v = T(le.Uint32(b))
	} else {
		le.PutUint32(b, uint32(*v))
	}
}

// U64 is a number of eight bytes.
func U64[T ~uint64 | ~int64](c *Codec, v *T) {
	b := c.take(8)
	if c.reading {
		*v = T(le.Uint64(b))
	} else {
		le.PutUint64(b, uint64(*v))
	}
}

// Flag is a bool in one byte.
func Flag(c *Codec, v *bool) {
	var n uint8
	if *v {
		n = 1
	}
	U8(c, &n)
	c.bad = c.bad || n > 1
	*v = n == 1
}

// Bits is a set of bools in one byte, the lowest bit first.
func Bits(c *Codec, v ...*bool) {
	var set uint8
	for i, b := range v {
		if *b {
			set |= 1 << i
		}
	}
	U8(c, &set)
	c.bad = c.bad || set>>len(v) != 0
	for i, b := range v {
		*b = set>>i&1 != 0
	}
}

// Bytes32 is 32 bytes as they are.
func Bytes32(c *Codec, v *[32]byte) {
	b := c.take(len(v))
	if c.reading {
		copy(v[:], b)
	} else {
		copy(b, v[:])
	}
}

// Next returns the next n bytes of a record that is read, or nil where there are fewer.
func (c *Codec) Next(n int) []byte {
	if c.bad || n > len(c.b)-c.pos {
		c.bad = true
		return nil
	}
	c.pos += n
	return c.b[c.pos-n : c.pos]
}

// Blob is a list of bytes with a u16 length before it. What is read aliases the frame.
func (c *Codec) Blob(v *[]byte) {
	n := uint16(min(len(*v), maxText))
	U16(c, &n)
	if c.reading {
		if int(n) > len(c.b)-c.pos {
			c.bad = true
			return
		}
		*v = c.take(int(n))
		return
	}
	c.bad = c.bad || len(*v) > maxText
	c.b = append(c.b, *v...)
}

// Text is like Blob; what is read is a copy.
func (c *Codec) Text(v *string) {
	b := []byte(*v)
	c.Blob(&b)
	if c.reading {
		*v = string(b)
	}
}

// count walks over the u8 length of a list.
func (c *Codec) count(n int) int {
	const most = 255
	c.bad = c.bad || n > most
	length := uint8(min(n, most))
	U8(c, &length)
	return int(length)
}

// Texts is a list of up to 255 texts.
func (c *Codec) Texts(v *[]string) {
	n := c.count(len(*v))
	if c.reading {
		*v = nil
		if n > 0 && !c.bad {
			*v = make([]string, n)
		}
	}
	for i := range *v {
		c.Text(&(*v)[i])
	}
}

// Prices is a list of up to 255 prices.
func (c *Codec) Prices(v *[]exchange.Price) {
	n := c.count(len(*v))
	if c.reading {
		*v = nil
		if n > 0 && !c.bad {
			*v = make([]exchange.Price, n)
		}
	}
	for i := range *v {
		U16(c, &(*v)[i])
	}
}

// Bytes16 is 16 bytes as they are.
func Bytes16(c *Codec, v *[16]byte) {
	b := c.take(len(v))
	if c.reading {
		copy(v[:], b)
	} else {
		copy(b, v[:])
	}
}
