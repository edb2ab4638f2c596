package wire

import "github.com/hustings/hustings/exchange"

// A codec walks over the fields of one frame, in either direction: a kind's layout is written down once as a list of
// calls, each of which reads or writes one field.
type codec struct {
	b       []byte // reading: the frame; writing: the buffer, which may hold earlier frames
	pos     int    // reading: the next byte
	reading bool
	bad     bool // the frame is too short, a value is not allowed, or (writing) a text or list is too long
}

// take returns the next n bytes to read or to fill in.
func (c *codec) take(n int) []byte {
	if !c.reading {
		l := len(c.b)
		for range n {
			c.b = append(c.b, 0)
		}
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

func u8[T ~uint8](c *codec, v *T) {
	b := c.take(1)
	if c.reading {
		*v = T(b[0])
	} else {
		b[0] = byte(*v)
	}
}

func u16[T ~uint16](c *codec, v *T) {
	b := c.take(2)
	if c.reading {
		*v = T(le.Uint16(b))
	} else {
		le.PutUint16(b, uint16(*v))
	}
}

func u32[T ~uint32](c *codec, v *T) {
	b := c.take(4)
	if c.reading {
		*v = T(le.Uint32(b))
	} else {
		le.PutUint32(b, uint32(*v))
	}
}

func u64[T ~uint64 | ~int64](c *codec, v *T) {
	b := c.take(8)
	if c.reading {
		*v = T(le.Uint64(b))
	} else {
		le.PutUint64(b, uint64(*v))
	}
}

func flag(c *codec, v *bool) {
	var n uint8
	if *v {
		n = 1
	}
	u8(c, &n)
	c.bad = c.bad || n > 1
	*v = n == 1
}

func hash(c *codec, v *[32]byte) {
	b := c.take(len(v))
	if c.reading {
		copy(v[:], b)
	} else {
		copy(b, v[:])
	}
}

// blob is a list of bytes with a u16 length before it. What is read aliases the frame.
func (c *codec) blob(v *[]byte) {
	n := uint16(min(len(*v), maxFrame))
	u16(c, &n)
	if c.reading {
		if int(n) > len(c.b)-c.pos {
			c.bad = true
			return
		}
		*v = c.take(int(n))
		return
	}
	c.bad = c.bad || len(*v) > maxFrame
	c.b = append(c.b, *v...)
}

func (c *codec) text(v *string) {
	b := []byte(*v)
	c.blob(&b)
	if c.reading {
		*v = string(b)
	}
}

// count walks over the u8 length of a list.
func (c *codec) count(n int) int {
	const most = 255
	c.bad = c.bad || n > most
	length := uint8(min(n, most))
	u8(c, &length)
	return int(length)
}

func (c *codec) texts(v *[]string) {
	n := c.count(len(*v))
	if c.reading {
		*v = nil
		if n > 0 && !c.bad {
			*v = make([]string, n)
		}
	}
	for i := range *v {
		c.text(&(*v)[i])
	}
}

func (c *codec) prices(v *[]exchange.Price) {
	n := c.count(len(*v))
	if c.reading {
		*v = nil
		if n > 0 && !c.bad {
			*v = make([]exchange.Price, n)
		}
	}
	for i := range *v {
		u16(c, &(*v)[i])
	}
}

// done reports whether the frame was read to its end and had nothing wrong.
func (c *codec) done() bool { return !c.bad && c.pos == len(c.b) }
