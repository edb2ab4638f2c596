package workload

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

const (
	headLen   = 8
	recordLen = 12

	// MaxRecords bounds a stream, and with it the memory that a file can ask for.
	MaxRecords = 100_000_000
)

var le = binary.LittleEndian

// AppendRecord appends the 12 bytes of r.
func AppendRecord(b []byte, r Record) []byte {
	b = le.AppendUint32(b, r.ID)
	b = le.AppendUint32(b, r.Quantity)
	b = le.AppendUint16(b, r.Tick)
	return append(b, byte(r.Kind), r.Side)
}

// Write writes the stream as a file.
func (s *Stream) Write(w io.Writer) error {
	out := bufio.NewWriter(w)
	var b []byte
	b = le.AppendUint32(b, uint32(s.Prefill))
	b = le.AppendUint32(b, uint32(s.Timed()))
	for _, r := range s.Records {
		if _, err := out.Write(b); err != nil {
			return fmt.Errorf("writing the stream: %w", err)
		}
		b = AppendRecord(b[:0], r)
	}
	if _, err := out.Write(b); err != nil {
		return fmt.Errorf("writing the stream: %w", err)
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("writing the stream: %w", err)
	}
	return nil
}

// Read reads a whole file and checks all that can be checked without matching orders. An error names the byte at
// which the record begins that is wrong.
func Read(r io.Reader) (*Stream, error) {
	in := bufio.NewReaderSize(r, 1<<16)
	var head [headLen]byte
	if _, err := io.ReadFull(in, head[:]); err != nil {
		return nil, fmt.Errorf("reading the head of the stream: %w", err)
	}
	prefill, timed := uint64(le.Uint32(head[:])), uint64(le.Uint32(head[4:]))
	if prefill+timed > MaxRecords {
		return nil, fmt.Errorf("the head announces %d records, and at most %d are read", prefill+timed, MaxRecords)
	}
	s := &Stream{Prefill: int(prefill)}
	c := checker{orders: []target{{}}}
	for i := range prefill + timed {
		var b [recordLen]byte
		if _, err := io.ReadFull(in, b[:]); err != nil {
			return nil, fmt.Errorf("reading record %d of %d at byte %d: %w", i+1, prefill+timed, headLen+i*recordLen, err)
		}
		r := Record{ID: le.Uint32(b[:]), Quantity: le.Uint32(b[4:]), Tick: le.Uint16(b[8:]), Kind: Kind(b[10]), Side: b[11]}
		if err := c.check(r); err != nil {
			return nil, fmt.Errorf("record %d at byte %d: %w", i+1, headLen+i*recordLen, err)
		}
		s.Records = append(s.Records, r)
	}
	if _, err := in.ReadByte(); err == nil {
		return nil, fmt.Errorf("bytes follow the last of %d records", prefill+timed)
	} else if !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("reading the end of the stream: %w", err)
	}
	return s, nil
}

// target is what a cancel must repeat of the order that it cancels.
type target struct {
	tick uint16
	side uint8
	gone bool
}

type checker struct{ orders []target }

func (c *checker) check(r Record) error {
	switch {
	case r.Kind > Aggressive:
		return fmt.Errorf("kind %d is none of 0 (new), 1 (cancel), 2 (aggressive)", r.Kind)
	case r.Side > Sell:
		return fmt.Errorf("side %d is neither 0 (buy) nor 1 (sell)", r.Side)
	case r.Tick < 1 || r.Tick > MaxTick:
		return fmt.Errorf("tick %d is not within 1 to %d", r.Tick, MaxTick)
	case r.Kind == Cancel:
		return c.cancel(r)
	case r.Quantity == 0:
		return errors.New("an order of quantity 0")
	case int(r.ID) != len(c.orders):
		return fmt.Errorf("an order has id %d where %d is next", r.ID, len(c.orders))
	}
	c.orders = append(c.orders, target{tick: r.Tick, side: r.Side})
	return nil
}

func (c *checker) cancel(r Record) error {
	if r.Quantity != 0 {
		return fmt.Errorf("a cancel has quantity %d instead of 0", r.Quantity)
	}
	if r.ID == 0 || int(r.ID) >= len(c.orders) {
		return fmt.Errorf("a cancel of order %d, which was not placed before", r.ID)
	}
	o := &c.orders[r.ID]
	if o.gone {
		return fmt.Errorf("order %d is cancelled twice", r.ID)
	}
	if o.tick != r.Tick || o.side != r.Side {
		return fmt.Errorf("a cancel of order %d names tick %d, side %d; it was placed with %d, %d", r.ID, r.Tick, r.Side, o.tick, o.side)
	}
	o.gone = true
	return nil
}
