// Package lobster sends a recorded hour of stock-exchange order flow through the public API of an exchange and checks
// what comes back. The recording is a LOBSTER message file (lobsterdata.com): lines of six columns,
//
//	seconds after midnight, type, order id, size, price × 10,000, direction (1 buy, −1 sell)
//
// which may be compressed with gzip. The venue that it was recorded on had price-time priority too, so each execution
// that it reports is a judgement on ours: the same resting order must be chosen.
//
//	Read → messages → NewPlan → steps → Drive → trades → Reconcile → Table
//
// A Plan translates the messages into orders for one market and works out with a naive book what must happen. Drive
// sends them. Reconcile counts, from the trades that an exchange made, how it compares with the venue.
package lobster

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// Type is what a message says.
type Type uint8

// Types of message. Those above Hidden (crosses, halts) are not about the book.
const (
	Add         Type = 1
	Reduce      Type = 2 // a partial cancel
	Delete      Type = 3
	Execute     Type = 4 // of a visible order
	Hidden      Type = 5 // execution of a hidden order
	lastOfTypes Type = 7
)

// Message is one line of a recording.
type Message struct {
	Time  time.Duration // after midnight
	Order uint64        // the venue's id
	Size  uint32
	Price int64 // × 10,000
	Type  Type
	Sell  bool // direction of the order that the message is about; for an execution the resting one
}

// maxMessages bounds the memory that a recording can ask for.
const maxMessages = 50_000_000

// Read reads a whole recording, compressed or not. An error names the line.
func Read(r io.Reader) ([]Message, error) {
	in := bufio.NewReader(r)
	if magic, _ := in.Peek(2); string(magic) == "\x1f\x8b" {
		z, err := gzip.NewReader(in)
		if err != nil {
			return nil, fmt.Errorf("opening the compressed recording: %w", err)
		}
		in = bufio.NewReader(z)
	}
	var all []Message
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		m, err := parse(lines.Text())
		if err == nil && len(all) > 0 && m.Time < all[len(all)-1].Time {
			err = errors.New("its time lies before that of the line above")
		}
		if err == nil && len(all) == maxMessages {
			err = fmt.Errorf("more than %d messages", maxMessages)
		}
		if err != nil {
			return nil, fmt.Errorf("line %d of the recording: %w", len(all)+1, err)
		}
		all = append(all, m)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("reading line %d of the recording: %w", len(all)+1, err)
	}
	return all, nil
}

func parse(line string) (m Message, err error) {
	columns := strings.Split(line, ",")
	if len(columns) != 6 {
		return m, fmt.Errorf("it has %d columns instead of 6", len(columns))
	}
	if m.Time, err = parseTime(columns[0]); err != nil {
		return m, err
	}
	kind, err := strconv.ParseUint(columns[1], 10, 8)
	if err != nil || kind < uint64(Add) || kind > uint64(lastOfTypes) {
		return m, fmt.Errorf("type %q is not within 1 to %d", columns[1], lastOfTypes)
	}
	m.Type = Type(kind)
	if m.Order, err = strconv.ParseUint(columns[2], 10, 64); err != nil {
		return m, fmt.Errorf("order id %q is not a number", columns[2])
	}
	size, err := strconv.ParseUint(columns[3], 10, 32)
	if err != nil || size == 0 && m.Type <= Hidden {
		return m, fmt.Errorf("size %q is not a number above 0", columns[3])
	}
	m.Size = uint32(size)
	if m.Price, err = strconv.ParseInt(columns[4], 10, 64); err != nil {
		return m, fmt.Errorf("price %q is not a number", columns[4])
	}
	if columns[5] != "1" && columns[5] != "-1" {
		return m, fmt.Errorf("direction %q is neither 1 nor -1", columns[5])
	}
	m.Sell = columns[5] == "-1"
	return m, nil
}

// parseTime reads a decimal number of seconds within a day. What is finer than a nanosecond is dropped.
func parseTime(s string) (time.Duration, error) {
	whole, fraction, _ := strings.Cut(s, ".")
	seconds, err := strconv.ParseUint(whole, 10, 32)
	if err != nil || seconds >= 24*60*60 {
		return 0, fmt.Errorf("time %q is not a number of seconds after midnight", s)
	}
	ns, err := strconv.ParseUint((fraction + "000000000")[:9], 10, 32)
	if err != nil || strings.Trim(fraction, "0123456789") != "" {
		return 0, fmt.Errorf("time %q is not a number of seconds after midnight", s)
	}
	return time.Duration(seconds)*time.Second + time.Duration(ns), nil
}
